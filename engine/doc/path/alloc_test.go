package path

import (
	"strings"
	"testing"

	"kvd/engine/doc"
)

// sample is a document of about 10 KB, the member that is asked for at its end.
func sample() string {
	return `{"items":[` + strings.TrimSuffix(strings.Repeat(`{"id":12345,"title":"some words here","price":12.75,"tags":["a","b"]},`, 140), ",") +
		`],"last":{"deep":[1,{"value":42}]}}`
}

// Static paths, wildcards, descendants and filters with comparisons allocate
// nothing once the evaluator has its scratch memory.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	root := mustParse(t, sample())
	var e Evaluator
	static := mustCompile(t, "$.last.deep[1].value")
	if n := testing.AllocsPerRun(20, func() {
		if v, _, _ := static.Lookup(root); len(v) == 0 {
			t.Fatal("nothing found")
		}
	}); n != 0 {
		t.Errorf("lookup: %v allocations", n)
	}
	for _, path := range []string{
		"$.items[*].id", "$..price", "$.items[?@.price > 12 && @.title == 'some words here'].id", "$.items[-1:0:-2]", ".items[3].tags",
		"$.items[?@.title =~ 'words']", "$.items[?length(@.tags) == 2 && @.price in [1,12.75]]",
	} {
		p := mustCompile(t, path)
		f := func() {
			e.Reset(0)
			if places, err := e.Find(p, root); err != nil || len(places) == 0 {
				t.Fatalf("%s: %v, %v", path, places, err)
			}
		}
		f()
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	text := []byte("$.items[?@.price > 12].id")
	for b.Loop() {
		if _, err := Compile(text, RedisJSON); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	root := mustParse(b, sample())
	p := mustCompile(b, "$.last.deep[1].value")
	for b.Loop() {
		if _, _, ok := p.Lookup(root); !ok {
			b.Fatal("nothing found")
		}
	}
}

func BenchmarkFilter(b *testing.B) {
	root := mustParse(b, sample())
	p := mustCompile(b, "$.items[?@.price > 12].id")
	var e Evaluator
	for b.Loop() {
		e.Reset(0)
		if _, err := e.Find(p, root); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescendants(b *testing.B) {
	root := mustParse(b, sample())
	p := mustCompile(b, "$..value")
	var e Evaluator
	var found []doc.Value
	for b.Loop() {
		e.Reset(0)
		found, _ = e.Values(p, root)
	}
	if len(found) != 1 {
		b.Fatal("nothing found")
	}
}
