package doc

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tree is a value as a naive structure, with where it was.
type tree struct {
	place int
	value Value // of a scalar
	tag   byte
	names []string
	kids  []*tree
}

func treeOf(v Value, place int) *tree {
	n := &tree{place: place, value: v}
	if !v.IsContainer() {
		return n
	}
	n.tag = v[0] & kindMask
	for it := v.Items(); it.Next(); {
		n.names = append(n.names, string(it.Name()))
		n.kids = append(n.kids, treeOf(it.Value(), place+it.Offset()))
	}
	return n
}

// places returns where the values of the tree are, in the order of the document.
func (n *tree) places() []int {
	all := []int{n.place}
	for _, kid := range n.kids {
		all = append(all, kid.places()...)
	}
	return all
}

func (n *tree) text() string {
	var parts []string
	for i, kid := range n.kids {
		part := kid.text()
		if n.tag == tagObject {
			part = string(appendQuoted(nil, []byte(n.names[i]))) + ":" + part
		}
		parts = append(parts, part)
	}
	switch n.tag {
	case tagArray:
		return "[" + strings.Join(parts, ",") + "]"
	case tagObject:
		return "{" + strings.Join(parts, ",") + "}"
	}
	return text(n.value)
}

// edit applies do to the nodes at places, those inside first unless outerOnly.
// do says whether the node stays.
func (n *tree) edit(places []int, outerOnly bool, do func(*tree) bool) bool {
	self := slices.Contains(places, n.place)
	if !self || !outerOnly {
		var names []string
		var kids []*tree
		for i, kid := range n.kids {
			if kid.edit(places, outerOnly, do) {
				names, kids = append(names, n.names[i]), append(kids, kid)
			}
		}
		n.names, n.kids = names, kids
	}
	return !self || do(n)
}

// Rewrite does what editing a naive tree does, for any places in any order.
func TestRewriteModel(t *testing.T) {
	var e Editor
	rapid.Check(t, func(t *rapid.T) {
		root, err := Parse([]byte(jsonText().Draw(t, "text")))
		if err != nil {
			t.Fatal(err)
		}
		naive := treeOf(root, 0)
		places := rapid.SliceOf(rapid.SampledFrom(naive.places())).Draw(t, "places")
		added := AppendString(nil, strings.Repeat("+", rapid.SampledFrom([]int{0, 3, 40, 300, 70000}).Draw(t, "length")))

		var edit Edit
		var do func(*tree) bool
		switch rapid.IntRange(0, 2).Draw(t, "edit") {
		case 0: // replace what matches
			edit = Edit{Inner: OuterOnly, Apply: func(dst []byte, _ int, _ Value) ([]byte, Outcome, error) {
				return append(dst, added...), Changed, nil
			}}
			do = func(n *tree) bool { *n = tree{value: added}; return true }
		case 1: // remove
			edit = Edit{Inner: OuterOnly, Apply: func(dst []byte, _ int, _ Value) ([]byte, Outcome, error) {
				return dst, Removed, nil
			}}
			do = func(*tree) bool { return false }
		case 2: // append to arrays, inner ones first
			edit = Edit{Nests: 1, Apply: func(dst []byte, _ int, v Value) ([]byte, Outcome, error) {
				if v.Kind() != Array {
					return dst, Kept, nil
				}
				return AppendExtended(dst, v, added, added), Changed, nil
			}}
			do = func(n *tree) bool {
				if n.tag == tagArray {
					n.kids = append(n.kids, &tree{value: added}, &tree{value: added})
					n.names = append(n.names, "", "")
				}
				return true
			}
		}
		out, _, err := e.Rewrite([]byte("x"), root, places, edit)
		if err != nil {
			t.Fatal(err)
		}
		stays := naive.edit(places, edit.Inner == OuterOnly, do)
		switch got := Value(out[1:]); {
		case !stays:
			if len(got) > 0 {
				t.Fatalf("%s was left of a removed root", text(got))
			}
		case Check(got, Limits{}) != nil:
			t.Fatal("the result is no document")
		case text(got) != naive.text():
			t.Fatalf("got %s, want %s", text(got), naive.text())
		}
	})
}

// find returns the places of the values that have the text.
func find(root Value, want string) (places []int) {
	var walk func(n *tree)
	walk = func(n *tree) {
		if n.text() == want {
			places = append(places, n.place)
		}
		for _, kid := range n.kids {
			walk(kid)
		}
	}
	walk(treeOf(root, 0))
	return places
}

func TestRewriteCountsAndIndexes(t *testing.T) {
	root := mustParse(t, `[{"a":1},{"a":1,"b":[1]},1]`)
	ones := find(root, "1")
	slices.Reverse(ones)
	ones = append(ones, ones[0]) // a place twice is one place
	var e Editor
	var seen []int
	out, changed, err := e.Rewrite(nil, root, ones, Edit{Apply: func(dst []byte, i int, v Value) ([]byte, Outcome, error) {
		seen = append(seen, i)
		return dst, Removed, nil
	}})
	if err != nil || changed != 4 {
		t.Errorf("%d changed, %v", changed, err)
	}
	if !slices.Equal(seen, []int{3, 2, 1, 0}) {
		t.Errorf("the order was %v", seen)
	}
	wantText(t, out, `[{},{"b":[]}]`)
}

func TestRewriteFails(t *testing.T) {
	broken := errors.New("broken")
	root := mustParse(t, `[[1],[2],3]`)
	deep := mustParse(t, strings.Repeat("[", 126)+strings.Repeat("]", 126))
	long := AppendString(nil, strings.Repeat("x", 100))
	put := func(v Value) Edit {
		return Edit{Nests: v.Depth(), Inner: OuterOnly, Apply: func(dst []byte, i int, _ Value) ([]byte, Outcome, error) {
			if i == 1 && v == nil {
				return dst, Kept, broken
			}
			return append(dst, v...), Changed, nil
		}}
	}
	at := append(find(root, "1"), find(root, "2")...)
	for _, c := range []struct {
		name  string
		at    []int
		edit  Edit
		bytes int
		want  error
	}{
		{"error of the edit", at, put(nil), 0, broken},
		{"deepest", find(root, "3"), put(deep), 0, nil},
		{"too deep", at, put(deep), 0, ErrDepth},
		{"too large", at, put(long), 200, ErrTooLarge},
		{"large", at, put(long), 220, nil},
	} {
		e := Editor{Limits: Limits{Bytes: c.bytes}}
		out, _, err := e.Rewrite([]byte("x"), root, c.at, c.edit)
		if err != c.want || err != nil && string(out) != "x" {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil {
			mustCheck(t, out[1:])
		}
	}
}
