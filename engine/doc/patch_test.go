package doc

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The examples of RFC 6902, appendix A, and some of the limits between them.
func TestPatch(t *testing.T) {
	for _, c := range []struct{ in, patch, want string }{
		{`{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux"}]`, `{"foo":"bar","baz":"qux"}`},
		{`{"foo":["bar","baz"]}`, `[{"op":"add","path":"/foo/1","value":"qux"}]`, `{"foo":["bar","qux","baz"]}`},
		{`{"baz":"qux","foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, `{"foo":"bar"}`},
		{`{"foo":["bar","qux","baz"]}`, `[{"op":"remove","path":"/foo/1"}]`, `{"foo":["bar","baz"]}`},
		{`{"baz":"qux","foo":"bar"}`, `[{"op":"replace","path":"/baz","value":"boo"}]`, `{"baz":"boo","foo":"bar"}`},
		{
			`{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}`, `[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]`,
			`{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}`,
		},
		{`{"foo":["all","grass","cows","eat"]}`, `[{"op":"move","from":"/foo/1","path":"/foo/3"}]`, `{"foo":["all","cows","eat","grass"]}`},
		{`{"baz":"qux","foo":["a",2,"c"]}`, `[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]`, `{"baz":"qux","foo":["a",2,"c"]}`},
		{`{"foo":"bar"}`, `[{"op":"add","path":"/child","value":{"grandchild":{}}}]`, `{"foo":"bar","child":{"grandchild":{}}}`},
		{`{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux","xyz":123}]`, `{"foo":"bar","baz":"qux"}`},
		{`{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":10.0}]`, `{"/":9,"~1":10}`},
		{`{"foo":["bar"]}`, `[{"op":"add","path":"/foo/-","value":["abc","def"]}]`, `{"foo":["bar",["abc","def"]]}`},
		{`{"a":1}`, `[{"op":"replace","path":"","value":[1]},{"op":"add","path":"/0","value":0}]`, `[0,1]`},
		{`{"a":{"b":1}}`, `[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/a/b","value":2}]`, `{"a":{"b":2},"c":{"b":1}}`},
		{`{"a":1}`, `[{"op":"move","from":"/a","path":"/a"}]`, `{"a":1}`},
		{`{"a":{"b":1}}`, `[{"op":"move","from":"/a/b","path":"/a"}]`, `{"a":1}`},
		{`{"a":1,"":2}`, `[{"op":"remove","path":"/"}]`, `{"a":1}`},
		{`{"a":[1,[2]]}`, `[{"op":"add","path":"/a/1/0","value":9},{"op":"test","path":"/a","value":[1,[9,2]]},{"op":"add","path":"/a/1/0","value":8}]`, `{"a":[1,[8,9,2]]}`},
		{`{"a":1}`, `[]`, `{"a":1}`},
	} {
		got, err := AppendPatched(nil, mustParse(t, c.in), mustParse(t, c.patch), Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.patch, err)
			continue
		}
		wantText(t, got, c.want)
	}
}

func TestPatchFails(t *testing.T) {
	for _, c := range []struct {
		patch string
		fault PatchFault
		index int
		want  string
	}{
		{`{}`, PatchInvalid, -1, "invalid patch: not an array"},
		{`[1]`, PatchInvalid, 0, "patch operation 0: not an object"},
		{`[{"op":"add","path":"/x","value":1},{"op":"nope","path":""}]`, PatchInvalid, 1, "patch operation 1: unknown op"},
		{`[{"op":"add","value":1}]`, PatchInvalid, 0, "patch operation 0: 'path' is missing"},
		{`[{"op":"add","path":"/b"}]`, PatchInvalid, 0, "patch operation 0: 'value' is missing"},
		{`[{"op":"add","path":"b","value":1}]`, PatchInvalid, 0, "patch operation 0: 'path' is no JSON pointer"},
		{`[{"op":"add","path":"/~2","value":1}]`, PatchInvalid, 0, "patch operation 0: 'path' is no JSON pointer"},
		{`[{"op":"copy","path":"/b"}]`, PatchInvalid, 0, "patch operation 0: 'from' is missing"},
		{`[{"op":"remove","path":""}]`, PatchInvalid, 0, "patch operation 0: the root cannot be removed"},
		{`[{"op":"move","from":"/o","path":"/o/x"}]`, PatchInvalid, 0, "patch operation 0: a value cannot move into itself"},
		{`[{"op":"remove","path":"/x"}]`, PatchNotFound, 0, `patch operation 0: path "/x" does not exist`},
		{`[{"op":"replace","path":"/x","value":1}]`, PatchNotFound, 0, `patch operation 0: path "/x" does not exist`},
		{`[{"op":"add","path":"/x/y","value":1}]`, PatchNotFound, 0, `patch operation 0: path "/x" does not exist`},
		{`[{"op":"add","path":"/l/3","value":1}]`, PatchNotFound, 0, `patch operation 0: path "/l/3" does not exist`},
		{`[{"op":"add","path":"/l/01","value":1}]`, PatchNotFound, 0, `patch operation 0: path "/l/01" does not exist`},
		{`[{"op":"remove","path":"/l/-"}]`, PatchNotFound, 0, `patch operation 0: path "/l/-" does not exist`},
		{`[{"op":"add","path":"/a/b","value":1}]`, PatchNotFound, 0, `patch operation 0: path "/a/b" does not exist`},
		{`[{"op":"test","path":"/a","value":"1"}]`, PatchTest, 0, "patch operation 0: test failed"},
	} {
		got, err := AppendPatched([]byte("x"), mustParse(t, `{"a":1,"l":[1,2],"o":{}}`), mustParse(t, c.patch), Limits{})
		var fault *PatchError
		if !errors.As(err, &fault) || fault.Fault != c.fault || fault.Index != c.index || err.Error() != c.want || string(got) != "x" {
			t.Errorf("%s: %q, %v", c.patch, got, err)
		}
	}
}

// A patch that would make a document of terabytes fails soon.
func TestPatchLimits(t *testing.T) {
	double := "[" + strings.Repeat(`{"op":"copy","from":"","path":"/x"},`, 200) + `{"op":"test","path":"","value":1}]`
	_, err := AppendPatched(nil, mustParse(t, `{"a":"b"}`), mustParse(t, double), Limits{})
	if err != ErrDepth {
		t.Errorf("copies in themselves: %v", err)
	}
	// The parts of a value that was copied deeper are measured too.
	deep := strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70)
	patch := `[{"op":"copy","from":"/0","path":"/1` + strings.Repeat("/0", 70) + `"},{"op":"add","path":"/1` + strings.Repeat("/0", 70) + `/0/0/-","value":1}]`
	if _, err := AppendPatched(nil, mustParse(t, `[`+deep+`,`+deep+`]`), mustParse(t, patch), Limits{}); err != ErrDepth {
		t.Errorf("copied deeper: %v", err)
	}
	grow := `[` + strings.Repeat(`{"op":"copy","from":"","path":"/-"},`, 60) + `{"op":"remove","path":"/0"}]`
	if _, err := AppendPatched(nil, mustParse(t, `["`+strings.Repeat("x", 1000)+`"]`), mustParse(t, grow), Limits{}); err != ErrTooLarge {
		t.Errorf("doubling: %v", err)
	}
	shifts := `[` + strings.Repeat(`{"op":"add","path":"/0","value":0},`, 1000) + `{"op":"remove","path":"/0"}]`
	if _, err := AppendPatched(nil, mustParse(t, `[`+strings.Repeat("1,", 3000)+`1]`), mustParse(t, shifts), Limits{Bytes: 100_000}); err != ErrTooLarge {
		t.Errorf("shifting: %v", err)
	}
}

// In an object of many members names are found after removals and additions.
func TestPatchManyMembers(t *testing.T) {
	var in, patch, want strings.Builder
	for i := range 100 {
		fmt.Fprintf(&in, `"k%d":%d,`, i, i)
		if i%2 == 0 {
			fmt.Fprintf(&patch, `{"op":"remove","path":"/k%d"},`, i)
		} else {
			fmt.Fprintf(&patch, `{"op":"replace","path":"/k%d","value":-%d},`, i, i)
			fmt.Fprintf(&want, `"k%d":-%d,`, i, i)
		}
	}
	patch.WriteString(`{"op":"add","path":"/k0","value":true},{"op":"test","path":"/k99","value":-99}`)
	got, err := AppendPatched(nil, mustParse(t, `{`+strings.TrimSuffix(in.String(), ",")+`}`), mustParse(t, `[`+patch.String()+`]`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, got, `{`+want.String()+`"k0":true}`)
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ a, b, want, tested string }{
		{`{"a":1}`, `{"a":1.0}`, `[]`, `[]`},
		{`1`, `2`, `[{"op":"replace","path":"","value":2}]`, `[{"op":"test","path":"","value":1},{"op":"replace","path":"","value":2}]`},
		{
			`{"a":1,"b":{"c":[1]}}`, `{"b":{"c":[1],"~/":0}}`, `[{"op":"remove","path":"/a"},{"op":"add","path":"/b/~0~1","value":0}]`,
			`[{"op":"test","path":"/a","value":1},{"op":"remove","path":"/a"},{"op":"add","path":"/b/~0~1","value":0}]`,
		},
		{`[1,2,3,4]`, `[1,9,2,3,4]`, `[{"op":"add","path":"/1","value":9}]`, `[{"op":"add","path":"/1","value":9}]`},
		{
			`[1,2,3,4]`, `[1,4]`, `[{"op":"remove","path":"/2"},{"op":"remove","path":"/1"}]`,
			`[{"op":"test","path":"/2","value":3},{"op":"remove","path":"/2"},{"op":"test","path":"/1","value":2},{"op":"remove","path":"/1"}]`,
		},
		{`[{"x":1},2]`, `[{"x":5},2]`, `[{"op":"replace","path":"/0/x","value":5}]`, `[{"op":"test","path":"/0/x","value":1},{"op":"replace","path":"/0/x","value":5}]`},
	} {
		a, b := mustParse(t, c.a), mustParse(t, c.b)
		wantText(t, AppendDiff(nil, a, b, WithoutTests), c.want)
		wantText(t, AppendDiff(nil, a, b, WithTests), c.tested)
	}
}

// The diff of two documents makes the one of the other.
func TestDiffModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := Parse([]byte(jsonText().Draw(t, "a")))
		b, _ := Parse([]byte(jsonText().Draw(t, "b")))
		for _, tests := range []Tests{WithoutTests, WithTests} {
			patch := Value(AppendDiff(nil, a, b, tests))
			if err := Check(patch, Limits{}); err != nil {
				t.Fatal(err)
			}
			got, err := AppendPatched(nil, a, patch, Limits{})
			if err != nil || Check(got, Limits{}) != nil || !Equal(got, b) {
				t.Fatalf("%s, patched with %s: %s, %v, want %s", text(a), text(patch), text(got), err, text(b))
			}
			if Equal(a, b) && patch.Len() > 0 {
				t.Fatalf("%s and %s differ by %s", text(a), text(b), text(patch))
			}
		}
	})
}

func TestPointerFind(t *testing.T) {
	v := mustParse(t, `{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8}`)
	for pointer, want := range map[string]string{
		"": text(v), "/foo/0": `"bar"`, "/": "0", "/a~1b": "1", "/m~0n": "8", "/foo/2": "", "/foo/-": "", "/x": "", "/foo/0/x": "",
	} {
		p, err := ParsePointer([]byte(pointer))
		if err != nil {
			t.Fatal(err)
		}
		got := p.Find(v)
		if got == nil && want != "" || got != nil && text(got) != want {
			t.Errorf("%q: %s", pointer, got)
		}
	}
}
