package rdb

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestDocuments: the payload of a document is the one that RedisJSON makes.
func TestDocuments(t *testing.T) {
	// The number of the type is as redis-server 7.0.15 understands it: it names
	// ReJSON-RL in its log when it has no such module.
	const small = "\x07\x81E\xe2R8\xdf\x91,\x03\x05\x0e{\"a\":[1,2.50]}\x00\n\x00\xd9(J\x83\xc6\x12\x94 "
	for _, text := range []string{`{"a":[1,2.50]}`, "null", "12", `"` + strings.Repeat("long ", 5000) + `"`} {
		payload := Encode(nil, &Value{Type: JSON, String: []byte(text)})
		if text[0] == '{' && string(payload) != small {
			t.Errorf("%q, want %q", payload, small)
		}
		v, err := Decode(payload)
		if err != nil || v.Type != JSON || string(v.String) != text {
			t.Errorf("%.40s: %v, %v", text, v, err)
		}
	}
}

// TestForeignModules: what is no document, or one of an old RedisJSON, is named.
func TestForeignModules(t *testing.T) {
	payload := func(name string, encoding int, parts ...uint64) []byte {
		var w writer
		w.byte(typeModule)
		w.length(moduleID(name, encoding))
		for _, part := range parts {
			w.length(part)
		}
		return seal(w.dst, 0, Version)
	}
	for _, c := range []struct {
		payload []byte
		want    string
	}{
		{payload("ReJSON-RL", 2, modString, 1), "a value of the module type 'ReJSON-RL' in encoding 2 is not supported"},
		{payload("mytype_09", 1023), "a value of the module type 'mytype_09' in encoding 1023 is not supported"},
		{payload("AAAAAAAAA", 0), "a value of the module type 'AAAAAAAAA' in encoding 0 is not supported"},
		{payload("ReJSON-RL", 3), "Bad data format"},
		{payload("ReJSON-RL", 3, modNumber, 1, modEnd), "Bad data format"},
		{payload("ReJSON-RL", 3, modString, 1, '1'), "Bad data format"},
		{payload("ReJSON-RL", 3, modString, 1, '1', modString), "Bad data format"},
	} {
		_, err := Decode(c.payload)
		if err == nil || err.Error() != c.want || !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v, want %s", c.payload, err, c.want)
		}
	}
	good := Encode(nil, &Value{Type: JSON, String: []byte(`{"a":1}`)})
	for cut := range good {
		if _, err := Decode(bytes.Clone(good[:cut])); err == nil {
			t.Errorf("%d bytes of %d are a document", cut, len(good))
		}
	}
}
