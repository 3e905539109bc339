package schema

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"kvd/engine/doc"
)

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{`, "invalid JSON"},
		{`5`, "a schema is an object"},
		{`{"type":"strange"}`, "not a valid schema: at '/type'"},
		{`{"pattern":"(?=a)"}`, "look-ahead and look-behind '(?=' are not supported"},
		{`{"patternProperties":{"(?<!a)b":true}}`, "look-ahead and look-behind '(?<!' are not supported"},
		{`{"pattern":"(a"}`, "missing closing )"},
		{`{"pattern":"` + strings.Repeat("a", 1025) + `"}`, "longer than 1024 bytes"},
		{`{"$ref":"file:///etc/passwd"}`, "$ref may only lead to kvd:schema/"},
		{`{"$ref":"http://127.0.0.1:1/x"}`, "$ref may only lead to kvd:schema/"},
		{`{"$ref":"kvd:schema/none"}`, "no schema 'none'"},
		{`{"$schema":"file:///etc/passwd"}`, "only lead to kvd:schema/"},
		{`{"$ref":"#/nowhere"}`, "not found"},
		{`{"$ref":"#"}`, "for ever"},
		{`{"$ref":"other.json"}`, "for ever"},
		{`{"anyOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"not":{"$ref":"#"}}}}`, "for ever"},
		{`{"minimum":1e999999999}`, "beyond all bounds"},
		{`{"const":1e-99999}`, "beyond all bounds"},
		{`{"$ref":"https://json-schema.org/draft/2020-12/schema"}`, "meta-schema"},
		{strings.Repeat(`{"not":`, 200) + `true` + strings.Repeat(`}`, 200), "recursion limit"},
		{`"` + strings.Repeat("a", MaxText) + `"`, "larger than"},
	} {
		_, err := Compile("T", []byte(c.text), noSchemas)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 500 {
			t.Errorf("%.60s: %v, want %q", c.text, err, c.want)
		}
	}
}

// TestWorkIsBounded checks documents and schemas that would take for ever.
func TestWorkIsBounded(t *testing.T) {
	var branches strings.Builder // each level doubles the work
	for i := range 40 {
		fmt.Fprintf(&branches, `"n%d":{"anyOf":[{"allOf":[{"$ref":"#/$defs/n%d"}]},{"$ref":"#/$defs/n%d"}]},`, i, i+1, i+1)
	}
	double := `{"$ref":"#/$defs/n0","$defs":{` + branches.String() + `"n40":{"type":"string"}}}`
	deep := `{"anyOf":[{"properties":{"a":{"$ref":"#"}},"required":["b"]},{"properties":{"a":{"$ref":"#"}},"required":["c"]}]}`
	for _, c := range []struct{ schema, text string }{
		{double, `1`},
		{deep, strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat(`}`, 100)},
		{`{"pattern":"(x+x+)+y|([a-z]{1,100}[0-9]{1,100}){1,4}"}`, `"` + strings.Repeat("x", 4<<20) + `"`},
	} {
		s := compile(t, c.schema)
		if _, err := s.Check(value(t, c.text), Plain); !errors.Is(err, ErrSteps) {
			t.Errorf("%.60s: %v", c.schema, err)
		}
	}
	for _, c := range []struct{ schema, text string }{
		{`{"multipleOf":0.01,"minimum":1}`, `1e999999999999`},
		{`{"multipleOf":3}`, `1e-999999999`},
		{`{"type":"integer","format":"int64"}`, `1e999999999`},
		{`{"uniqueItems":true}`, "[" + strings.Repeat(`"a",`, 1<<20) + `1]`},
		{`{"multipleOf":7}`, strings.Repeat("9", 1<<20)},
	} {
		if _, err := compile(t, c.schema).Check(value(t, c.text), Plain); err != nil {
			t.Errorf("%s: %v", c.schema, err)
		}
	}
}

func TestLargeDocumentIsChecked(t *testing.T) {
	text := "[" + strings.Repeat("1,", 3<<20) + "1]"
	list, err := compile(t, `{"items":{"type":"integer"}}`).Check(value(t, text), Plain)
	if err != nil || len(list) != 0 {
		t.Error(err, len(list))
	}
}

// FuzzSchema compiles any text and checks any document: nothing panics, hangs, or
// disagrees with the validator of the compiler, which knows less of formats.
func FuzzSchema(f *testing.F) {
	f.Add(task, `{"id":"task-002","tags":"x"}`)
	f.Add(`{"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#"}}}}`, `[[1]]`)
	f.Add(`{"unevaluatedProperties":false,"if":{"properties":{"a":true}}}`, `{"a":1}`)
	f.Add(`{"properties":{"a":{"default":[1],"x-kvd-index":true}}}`, `{}`)
	f.Fuzz(func(t *testing.T, text, document string) {
		s, err := Compile("T", []byte(text), noSchemas)
		if err != nil || len(document) > 1<<10 {
			return
		}
		v, err := doc.Parse([]byte(document))
		if err != nil || screen(v) != nil {
			return
		}
		if _, err := s.Check(v, Kajson); err != nil && !errors.Is(err, ErrSteps) {
			t.Fatal(err)
		}
		if filled, err := s.AppendWithDefaults(nil, v, source()); err == nil && doc.Check(filled, doc.Limits{Depth: 1000}) != nil {
			t.Fatal("the defaults made a broken document")
		}
		for _, word := range []string{"format", "$recursive", "$dynamic", "$schema", "$id", `"id"`} {
			if strings.Contains(text, word) {
				return
			}
		}
		if reference, err := validator(text); err == nil && len(text) < 1<<10 {
			compare(t, s, reference, text, document)
		}
	})
}
