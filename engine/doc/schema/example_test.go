package schema

import (
	"testing"

	"kvd/engine/doc"
)

const task = `{"type":"object","required":["id","title"],"properties":{"id":{"type":"string"},"title":{"type":"string"},
"completed":{"type":"boolean","default":false},"created_at":{"type":"string","format":"date-time","x-kvd-default":"now"},
"tags":{"type":"array","items":{"type":"string"},"default":[]}}}`

func noSchemas(string) ([]byte, bool) { return nil, false }

func compile(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Compile("T", []byte(text), noSchemas)
	if err != nil {
		t.Fatalf("compile %s: %v", text, err)
	}
	return s
}

func value(t testing.TB, text string) doc.Value {
	t.Helper()
	v, err := doc.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// faults returns the faults of a document in one line.
func faults(t testing.TB, s *Schema, text string) string {
	t.Helper()
	list, err := s.Check(value(t, text), Plain)
	if err != nil {
		return err.Error()
	}
	return Text(list)
}

func TestExample(t *testing.T) {
	s := compile(t, task)
	for _, c := range []struct{ text, want string }{
		{`{"id":"a","title":"b"}`, ""},
		{`{"id":"task-002","tags":"x"}`, "(root) required: missing 'title'; /tags type: got string, want array"},
		{`{"tags":[1]}`, "(root) required: missing 'id', 'title'; /tags/0 type: got integer, want string"},
		{`5`, "(root) type: got integer, want object"},
		{`{"id":"a","title":"b","created_at":"tomorrow"}`, "/created_at format: 'tomorrow' is not valid date-time"},
	} {
		if got := faults(t, s, c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}
