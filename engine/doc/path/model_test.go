package path

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/doc"
)

// naive is what RFC 9535 says of a segment, list by list.
type naive struct {
	text  string
	apply func(v doc.Value, place int) []int
}

// children returns the places of what v holds.
func children(v doc.Value, place int) (all []int) {
	for it := v.Items(); it.Next(); {
		all = append(all, place+it.Offset())
	}
	return all
}

func naiveName(name string) naive {
	return naive{"'" + name + "'", func(v doc.Value, place int) []int {
		for it := v.Items(); it.Next(); {
			if v.Kind() == doc.Object && string(it.Name()) == name {
				return []int{place + it.Offset()}
			}
		}
		return nil
	}}
}

func naiveIndex(i int) naive {
	return naive{fmt.Sprint(i), func(v doc.Value, place int) []int {
		all := children(v, place)
		at := i
		if at < 0 {
			at += len(all)
		}
		if v.Kind() != doc.Array || at < 0 || at >= len(all) {
			return nil
		}
		return all[at : at+1]
	}}
}

// naiveSlice follows the pseudocode of RFC 9535, 2.3.4.2.2.
func naiveSlice(start, end *int, step int) naive {
	part := func(n *int) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	return naive{fmt.Sprintf("%s:%s:%d", part(start), part(end), step), func(v doc.Value, place int) (found []int) {
		all := children(v, place)
		n := len(all)
		normal := func(given *int, otherwise int) int {
			switch {
			case given == nil:
				return otherwise
			case *given >= 0:
				return *given
			}
			return n + *given
		}
		switch {
		case v.Kind() != doc.Array || step == 0:
		case step > 0:
			upper := min(max(normal(end, n), 0), n)
			for i := min(max(normal(start, 0), 0), n); i < upper; i += step {
				found = append(found, all[i])
			}
		default:
			lower := min(max(normal(end, -n-1), -1), n-1)
			for i := min(max(normal(start, n-1), -1), n-1); i > lower; i += step {
				found = append(found, all[i])
			}
		}
		return found
	}}
}

var naiveAll = naive{"*", children}

func naiveSelector() *rapid.Generator[naive] {
	small := rapid.IntRange(-4, 4)
	return rapid.Custom(func(t *rapid.T) naive {
		switch rapid.IntRange(0, 4).Draw(t, "selector") {
		case 0:
			return naiveAll
		case 1, 2:
			return naiveName(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"))
		case 3:
			return naiveIndex(small.Draw(t, "index"))
		}
		return naiveSlice(rapid.Ptr(small, true).Draw(t, "start"), rapid.Ptr(small, true).Draw(t, "end"), small.Draw(t, "step"))
	})
}

// descendants returns the place of v and of all below it, in document order.
func descendants(root doc.Value, place int) []int {
	all := []int{place}
	for _, at := range children(root.At(place), place) {
		all = append(all, descendants(root, at)...)
	}
	return all
}

// A path names what applying its segments to whole lists of places names.
func TestModel(t *testing.T) {
	var e Evaluator
	rapid.Check(t, func(t *rapid.T) {
		root, err := doc.Parse([]byte(jsonText(4).Draw(t, "document")))
		if err != nil {
			t.Fatal(err)
		}
		path, want := "$", []int{0}
		for range rapid.IntRange(0, 3).Draw(t, "segments") {
			selectors := rapid.SliceOfN(naiveSelector(), 1, 3).Draw(t, "selectors")
			if rapid.Bool().Draw(t, "descendant") {
				path += ".."
				var all []int
				for _, at := range want {
					all = append(all, descendants(root, at)...)
				}
				want = all
			}
			var texts []string
			for _, s := range selectors {
				texts = append(texts, s.text)
			}
			path += "[" + strings.Join(texts, ", ") + "]"
			var next []int
			for _, at := range want {
				for _, s := range selectors {
					next = append(next, s.apply(root.At(at), at)...)
				}
			}
			want = next
		}
		p, err := Compile([]byte(path), RFC9535)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		e.Reset(0)
		got, err := e.Find(p, root)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%s of %s: %v, %v, want %v", path, doc.AppendText(nil, root), got, err, want)
		}
		if v, place, ok := p.Lookup(root); ok && (len(want) != 1 || place != want[0] || string(v) != string(root.At(place))) {
			t.Fatalf("%s: looked up %d, want %v", path, place, want)
		}
	})
}

// jsonText draws a document whose names are those of the paths.
func jsonText(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		if depth == 0 || kind == 0 {
			return rapid.SampledFrom([]string{"1", `"x"`, "null"}).Draw(t, "scalar")
		}
		if kind == 1 {
			var members []string
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "names") {
				members = append(members, `"`+name+`":`+jsonText(depth-1).Draw(t, "member"))
			}
			return "{" + strings.Join(members, ",") + "}"
		}
		return "[" + strings.Join(rapid.SliceOfN(jsonText(depth-1), 0, 5).Draw(t, "elements"), ",") + "]"
	})
}
