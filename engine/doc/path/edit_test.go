package path

import (
	"testing"

	"kvd/engine/doc"
)

// edited returns the text of a document after an edit of what a path names.
func edited(t *testing.T, text, path string, edit doc.Edit) (string, int) {
	t.Helper()
	root := mustParse(t, text)
	var e Evaluator
	places, err := e.FindDistinct(mustCompile(t, path), root)
	if err != nil {
		t.Fatal(err)
	}
	var editor doc.Editor
	out, changed, err := editor.Rewrite(nil, root, places, edit)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(out) == 0 {
		return "", changed
	}
	if err := doc.Check(out, doc.Limits{}); err != nil {
		t.Fatal(err)
	}
	return string(doc.AppendText(nil, out)), changed
}

// Edits through paths that name several places, some within others.
func TestEditsThroughPaths(t *testing.T) {
	const root = `{"a":1,"n":{"a":2.5,"m":[{"a":"x"},[1,2],[]]},"f":{"n":{"a":4}}}`
	remove := doc.Edit{Inner: doc.OuterOnly, Apply: func(dst []byte, _ int, _ doc.Value) ([]byte, doc.Outcome, error) {
		return dst, doc.Removed, nil
	}}
	increase := doc.Edit{Apply: func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
		if v.Kind() != doc.Number {
			return dst, doc.Kept, nil
		}
		sum, err := doc.Calculate(nil, v.Text(), doc.Plus, []byte("1"))
		return doc.AppendNumber(dst, sum), doc.Changed, err
	}}
	pop := doc.Edit{Apply: func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
		if v.Kind() != doc.Array || v.Len() == 0 {
			return dst, doc.Kept, nil
		}
		return doc.AppendWithout(dst, v, v.Len()-1), doc.Changed, nil
	}}
	empty := doc.Edit{Apply: func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
		dst, outcome := doc.AppendCleared(dst, v)
		return dst, outcome, nil
	}}
	for _, c := range []struct {
		name, path string
		edit       doc.Edit
		want       string
		changed    int
	}{
		{"remove everywhere", "$..a", remove, `{"n":{"m":[{},[1,2],[]]},"f":{"n":{}}}`, 4},
		{"remove what lies in each other", "$..n", remove, `{"a":1,"f":{}}`, 2},
		{"remove a value and what it holds", "$..n..*", remove, `{"a":1,"n":{},"f":{"n":{}}}`, 3},
		{"remove elements in any order", "$.n.m[2,0,0]", remove, `{"a":1,"n":{"a":2.5,"m":[[1,2]]},"f":{"n":{"a":4}}}`, 2},
		{"remove all", "$", remove, ``, 1},
		{"increase", "$..a", increase, `{"a":2,"n":{"a":3.5,"m":[{"a":"x"},[1,2],[]]},"f":{"n":{"a":5}}}`, 3},
		{"pop, inner arrays first", "$..*", pop, `{"a":1,"n":{"a":2.5,"m":[{"a":"x"},[1]]},"f":{"n":{"a":4}}}`, 2},
		{"clear what lies in each other", "$.f..*", empty, `{"a":1,"n":{"a":2.5,"m":[{"a":"x"},[1,2],[]]},"f":{"n":{}}}`, 2},
		{"nothing matched", "$.nope", remove, root, 0},
	} {
		got, changed := edited(t, root, c.path, c.edit)
		if got != c.want || changed != c.changed {
			t.Errorf("%s: %s, %d changed, want %s, %d", c.name, got, changed, c.want, c.changed)
		}
	}
}

// Setting a member makes the parents that Missing names.
func TestMakeParents(t *testing.T) {
	root := mustParse(t, `{"a":{"b":{}}}`)
	place, names, ok := mustCompile(t, "$.a.b.c.d").Missing(root)
	if !ok {
		t.Fatal("nothing is missing")
	}
	value := mustParse(t, `[1]`)
	var editor doc.Editor
	out, _, err := editor.Rewrite(nil, root, []int{place}, doc.Edit{
		Nests: len(names) + value.Depth(),
		Apply: func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
			return doc.AppendWithMember(dst, v, names[0], doc.AppendNested(nil, names[1:], value)), doc.Changed, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(doc.AppendText(nil, out)); got != `{"a":{"b":{"c":{"d":[1]}}}}` {
		t.Errorf("%s", got)
	}
}
