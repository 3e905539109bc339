package doc

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestArrayEdits(t *testing.T) {
	a := mustParse(t, `[0,1,2]`)
	x, y := mustParse(t, `"x"`), mustParse(t, `[]`)
	for index, want := range map[int]string{
		0: `["x",[],0,1,2]`, 1: `[0,"x",[],1,2]`, 3: `[0,1,2,"x",[]]`, -1: `[0,1,"x",[],2]`, -3: `["x",[],0,1,2]`, 4: ``, -4: ``,
	} {
		got, err := AppendInserted([]byte("d"), a, index, x, y)
		if want == "" {
			if err != ErrIndex || string(got) != "d" {
				t.Errorf("insert at %d: %v", index, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, got[1:], want)
	}
	wantText(t, AppendExtended(nil, mustParse(t, `[]`), x), `["x"]`)
	wantText(t, AppendExtended(nil, mustParse(t, `[]`)), `[]`)
	for i, want := range []string{`[1,2]`, `[0,2]`, `[0,1]`} {
		wantText(t, AppendWithout(nil, a, i), want)
	}
	wantText(t, AppendWithout(nil, mustParse(t, `[5]`), 0), `[]`)
	for _, c := range []struct {
		start, stop int
		want        string
	}{
		{0, 2, `[0,1,2]`}, {1, 1, `[1]`}, {0, -1, `[0,1,2]`}, {-2, 99, `[1,2]`}, {-99, 0, `[0]`}, {2, 1, `[]`}, {3, 9, `[]`}, {0, -9, `[]`},
	} {
		wantText(t, AppendTrimmed(nil, a, c.start, c.stop), c.want)
	}
	wantText(t, AppendTrimmed(nil, mustParse(t, `[]`), 0, -1), `[]`)
	for index, want := range map[int]int{0: 0, 2: 2, 9: 2, -1: 2, -3: 0, -9: 0} {
		if got := PopIndex(index, 3); got != want {
			t.Errorf("pop %d: %d, want %d", index, got, want)
		}
	}
}

func TestIndexOf(t *testing.T) {
	a := mustParse(t, `[1,"a",[1],1.0,null,{"k":1}]`)
	for _, c := range []struct {
		what        string
		start, stop int
		want        int
	}{
		{`1`, 0, 0, 0},
		{`1`, 1, 0, 3},
		{`1`, 1, 3, -1},
		{`1`, 1, 4, 3},
		{`1`, -3, 0, 3},
		{`1`, -99, 99, 0},
		{`1`, 4, -1, -1},
		{`"a"`, 0, -5, -1},
		{`"a"`, 0, -4, 1},
		{`[1.0]`, 0, 0, 2},
		{`null`, 0, 0, 4},
		{`{"k":1}`, 99, 0, 5},
		{`2`, 0, 0, -1},
		{`1`, 0, -7, -1},
	} {
		if got := a.IndexOf(mustParse(t, c.what), c.start, c.stop); got != c.want {
			t.Errorf("%s from %d to %d: %d, want %d", c.what, c.start, c.stop, got, c.want)
		}
	}
	if got := mustParse(t, `[]`).IndexOf(a, 0, 0); got != -1 {
		t.Errorf("in nothing: %d", got)
	}
}

func TestMemberEdits(t *testing.T) {
	o := mustParse(t, `{"a":1,"b":2,"c":3}`)
	v := mustParse(t, `[true]`)
	for name, want := range map[string]string{
		"a": `{"a":[true],"b":2,"c":3}`, "c": `{"a":1,"b":2,"c":[true]}`, "d": `{"a":1,"b":2,"c":3,"d":[true]}`,
	} {
		wantText(t, AppendWithMember(nil, o, []byte(name), v), want)
	}
	wantText(t, AppendWithMember(nil, mustParse(t, `{}`), []byte("x"), v), `{"x":[true]}`)
	wantText(t, AppendNested(nil, [][]byte{[]byte("a"), []byte("b")}, v), `{"a":{"b":[true]}}`)
	wantText(t, AppendNested(nil, nil, v), `[true]`)
	wantText(t, AppendConcat(nil, mustParse(t, `"aé"`), mustParse(t, `"\n"`)), `"aé\n"`)
}

func TestCleared(t *testing.T) {
	for in, want := range map[string]string{
		`[1]`: `[]`, `{"a":1}`: `{}`, `5`: `0`, `-0.1`: `0`, `1e-400`: `0`,
		`[]`: ``, `{}`: ``, `0`: ``, `0.0`: ``, `-0`: ``, `"a"`: ``, `true`: ``, `null`: ``,
	} {
		got, outcome := AppendCleared(nil, mustParse(t, in))
		if (outcome == Changed) != (want != "") {
			t.Errorf("%s: outcome %d", in, outcome)
		}
		if want != "" {
			wantText(t, got, want)
		}
	}
}

// The examples of RFC 7396.
func TestMerge(t *testing.T) {
	for _, c := range []struct{ old, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		wantText(t, AppendMerged(nil, mustParse(t, c.old), mustParse(t, c.patch)), c.want)
	}
}

// Objects of many members are merged, compared and taken apart by name too.
func TestManyMembers(t *testing.T) {
	var old, patch, want strings.Builder
	for i := range 300 {
		fmt.Fprintf(&old, `"k%d":%d,`, i, i)
		switch i % 3 {
		case 0:
			fmt.Fprintf(&patch, `"k%d":null,`, 299-i/3*3)
		case 1:
			fmt.Fprintf(&patch, `"k%d":"x",`, i)
		}
	}
	for i := range 300 {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&want, `"k%d":%d,`, i, i)
		case 1:
			fmt.Fprintf(&want, `"k%d":"x",`, i)
		}
	}
	a, p := mustParse(t, `{`+old.String()+`"z":0}`), mustParse(t, `{`+patch.String()+`"new":{"y":null}}`)
	merged := Value(AppendMerged(nil, a, p))
	wantText(t, merged, `{`+want.String()+`"z":0,"new":{}}`)
	diff := AppendDiff(nil, a, merged, WithTests)
	if got, err := AppendPatched(nil, a, diff, Limits{}); err != nil || !Equal(got, merged) {
		t.Errorf("the diff does not make what was merged: %v", err)
	}
}

// Merging does what RFC 7396 says in its few lines of pseudocode.
func TestMergeModel(t *testing.T) {
	var merge func(old, patch *tree) *tree
	merge = func(old, patch *tree) *tree {
		if patch.tag != tagObject {
			return patch
		}
		out := &tree{tag: tagObject}
		if old != nil && old.tag == tagObject {
			out.names, out.kids = append(out.names, old.names...), append(out.kids, old.kids...)
		}
		for i, name := range patch.names {
			at := -1
			for j := range out.names {
				if out.names[j] == name {
					at = j
				}
			}
			switch null := text(patch.kids[i].value) == "null"; {
			case null && at >= 0:
				out.names = append(out.names[:at:at], out.names[at+1:]...)
				out.kids = append(out.kids[:at:at], out.kids[at+1:]...)
			case null:
			case at >= 0:
				out.kids[at] = merge(out.kids[at], patch.kids[i])
			default:
				out.names, out.kids = append(out.names, name), append(out.kids, merge(nil, patch.kids[i]))
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		old, _ := Parse([]byte(jsonText().Draw(t, "old")))
		patch, _ := Parse([]byte(jsonText().Draw(t, "patch")))
		got := Value(AppendMerged(nil, old, patch))
		if Check(got, Limits{}) != nil {
			t.Fatal("the result is no document")
		}
		if want := merge(treeOf(old, 0), treeOf(patch, 0)).text(); text(got) != want {
			t.Fatalf("%s with %s: %s, want %s", text(old), text(patch), text(got), want)
		}
	})
}
