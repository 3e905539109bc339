package query

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"kvd/engine/doc/path"
)

func newIndex(t testing.TB, def Definition) *Index {
	t.Helper()
	ix, err := NewIndex(def)
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func entries(t testing.TB, ix *Index, id, text string) []string {
	t.Helper()
	var e path.Evaluator
	got, err := ix.Entries(&e, &path.Document{Root: parse(t, text), ID: []byte(id)})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestUnique(t *testing.T) {
	t.Parallel()
	ix := newIndex(t, Definition{Name: "email", Paths: []string{"$.email"}, Unique: true})
	for _, c := range []struct{ id, text, holder string }{
		{"u1", `{"email":"a@x"}`, ""},
		{"u2", `{"email":"a@x"}`, "u1"},
		{"u1", `{"email":"a@x"}`, ""}, // its own
		{"u3", `{}`, ""},
		{"u4", `{}`, ""}, // no value is no hindrance
		{"u5", `{"email":null}`, ""},
		{"u6", `{"email":null}`, "u5"},
		{"u7", `{"email":["b@x","c@x"]}`, ""},
		{"u8", `{"email":["d@x","c@x"]}`, "u7"},
		{"u8", `{"email":"d@x"}`, ""}, // nothing was taken when that failed
		{"u9", `{"email":"` + strings.Repeat("x", 300) + `"}`, ""},
		{"ua", `{"email":"` + strings.Repeat("x", 301) + `"}`, ""},
		{"ub", `{"email":"` + strings.Repeat("x", 301) + `"}`, "ua"},
	} {
		all := entries(t, ix, c.id, c.text)
		if _, held := ix.Holder(all); held != (c.holder != "") {
			t.Errorf("%s: held is %v", c.id, held)
		}
		if holder, ok := ix.Claim(all); holder != c.holder || ok != (holder == "") {
			t.Errorf("%s: %q, %v", c.id, holder, ok)
		}
	}
	ix.Clear()
	if ix.Len() != 0 {
		t.Error("entries are left")
	}
}

// Of claims of one value at a time one succeeds.
func TestClaimsAtOnce(t *testing.T) {
	t.Parallel()
	ix := newIndex(t, Definition{Paths: []string{"$"}, Unique: true})
	won := make(chan string, 8)
	var all sync.WaitGroup
	for i := range 8 {
		claim := entries(t, ix, fmt.Sprint(i), `"x"`)
		all.Go(func() {
			if _, ok := ix.Claim(claim); ok {
				won <- claim[0]
			}
		})
	}
	all.Wait()
	if len(won) != 1 || ix.Len() != 1 {
		t.Errorf("%d claims succeeded, %d entries", len(won), ix.Len())
	}
}

func TestIndexFaults(t *testing.T) {
	t.Parallel()
	for _, paths := range [][]string{nil, {"$.a", "$.b", "$.c", "$.d", "$.e", "$.f", "$.g", "$.h", "$.i"}} {
		if _, err := NewIndex(Definition{Paths: paths}); !errors.Is(err, ErrTerms) {
			t.Errorf("%q: %v", paths, err)
		}
	}
	for _, text := range []string{"$.a[", "$.a + 1", "$[?@.x]", "@.a == 1", "missing(@.a)"} {
		if _, err := NewIndex(Definition{Paths: []string{text}}); err == nil {
			t.Errorf("%s can be indexed", text)
		}
	}
	ix := newIndex(t, Definition{Paths: []string{"$.a", "$.b"}})
	list := "[" + strings.Repeat("1,", 100) + "1]"
	var e path.Evaluator
	d := path.Document{Root: parse(t, `{"a":`+list+`,"b":`+list+`}`)}
	if _, err := ix.Entries(&e, &d); !errors.Is(err, ErrEntries) {
		t.Errorf("too many entries: %v", err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	ix := newIndex(t, Definition{Paths: []string{"$.n"}})
	for i := range 10 {
		ix.Add(entries(t, ix, fmt.Sprint("d", i), fmt.Sprintf(`{"n":%d}`, i/2)))
	}
	ids := func(entries []string) string {
		var all []string
		for _, entry := range entries {
			all = append(all, ix.ID(entry))
		}
		return strings.Join(all, " ")
	}
	q := &Query{Equals: nil, Between: []Interval{{Term: term(t, "$.n", 0), Min: Bound{parse(t, "1"), true}, Max: Bound{Value: parse(t, "3")}}}}
	p := new(Planner).Choose(q, []*Index{ix}, 10)
	if p.Index != ix || p.Entries != 4 || len(p.Spans) != 1 {
		t.Fatalf("plan %+v", p)
	}
	up := ix.Page(nil, p.Spans[0], Ascending, "", 3)
	if ids(up) != "d4 d5 d6" || ids(ix.Page(nil, p.Spans[0], Ascending, up[2], 3)) != "d7" {
		t.Errorf("ascending: %s", ids(up))
	}
	down := ix.Page(nil, p.Spans[0], Descending, "", 3)
	if ids(down) != "d7 d6 d5" || ids(ix.Page(nil, p.Spans[0], Descending, down[2], 3)) != "d4" {
		t.Errorf("descending: %s", ids(down))
	}
	ix.Remove(up[2:]) // where the cursor stands
	if got := ids(ix.Page(nil, p.Spans[0], Ascending, up[2], 3)); got != "d7" {
		t.Errorf("after a removal: %s", got)
	}
	if all := ix.Page(nil, Span{}, Descending, "", 100); !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b, a) }) || len(all) != 9 {
		t.Errorf("%q", all)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	status := newIndex(t, Definition{Name: "status", Paths: []string{"$.status", "$.at"}})
	for i := range 3000 {
		status.Add(entries(t, status, fmt.Sprintf("d%04d", i), fmt.Sprintf(`{"status":"s%d","at":%d}`, i%3, i)))
	}
	where, err := path.CompileExpression([]byte(`@.status == "s1" && @.x > 1`))
	if err != nil {
		t.Fatal(err)
	}
	q := &Query{Where: where, Sort: []SortKey{{term(t, "$.at", 0), Descending}}}
	p := new(Planner).Choose(q, []*Index{status}, 3000)
	want := "read: index status, 1000 of 3000 documents\nlook up: $['status'] = \"s1\"\ntest: @.status == \"s1\" && @.x > 1\n" +
		"order: $['at'] descending, as the index has it"
	if got := p.Explain(q, 3000); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	q = &Query{Equals: []Equality{{term(t, "$.at", 0), parse(t, "5")}}}
	p = new(Planner).Choose(q, []*Index{status}, 3000)
	if got, want := p.Explain(q, 3000), "read: all documents, 3000\ntest: $['at'] = 5\norder: id"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	var c Cache
	first, err := c.Expression([]byte("@.a == 0"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range half - 1 {
		if _, err := c.Expression(fmt.Appendf(nil, "@.a == %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if again, _ := c.Expression([]byte("@.a == 0")); again != first {
		t.Error("an expression that is in use was compiled again")
	}
	for i := range 3 * half {
		if _, err := c.Expression(fmt.Appendf(nil, "@.b == %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.expressions.fresh) + len(c.expressions.old); n > 2*half {
		t.Errorf("%d are kept", n)
	}
	if again, _ := c.Expression([]byte("@.a == 0")); again == first {
		t.Error("an expression that was not used for long is kept")
	}
	if _, err := c.Expression([]byte("@.a =")); err == nil {
		t.Error("no error")
	}
	if _, err := c.Term([]byte("$.a")); err != nil {
		t.Error(err)
	}
}

func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	var m Matcher
	d := &path.Document{Root: parse(t, `{"status":"open","n":17,"tags":["a","b"]}`), ID: []byte("d1")}
	where, err := path.CompileExpression([]byte(`@.n > 5 && "a" in @.tags`))
	if err != nil {
		t.Fatal(err)
	}
	q := &Query{
		Where: where, Equals: []Equality{{term(t, "$.status", 0), parse(t, `"open"`)}},
		Between: []Interval{{Term: term(t, "$.n", 0), Min: Bound{Value: parse(t, "1")}}},
	}
	test := func() {
		if ok, err := m.Match(q, d); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	test()
	if n := testing.AllocsPerRun(100, test); n != 0 {
		t.Errorf("a test of a document: %v allocations", n)
	}
}

// indexed fills an index with n documents of which ten have each value.
func indexed(b *testing.B, n int) *Index {
	ix := newIndex(b, Definition{Paths: []string{"$.n"}})
	var e path.Evaluator
	for i := range n {
		all, err := ix.Entries(&e, &path.Document{Root: parse(b, fmt.Sprintf(`{"n":%d}`, i/10)), ID: fmt.Appendf(nil, "%08d", i)})
		if err != nil {
			b.Fatal(err)
		}
		ix.Add(all)
	}
	return ix
}

func BenchmarkMemory(b *testing.B) {
	const n = 1_000_000
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		ix := indexed(b, n)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/entry")
		runtime.KeepAlive(ix)
	}
}

func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		ix := indexed(b, n)
		var e path.Evaluator
		docs := make([]*path.Document, 1024)
		for i := range docs {
			docs[i] = &path.Document{Root: parse(b, fmt.Sprintf(`{"n":%d}`, i*7919%(n/10))), ID: fmt.Appendf(nil, "x%07d", i)}
		}
		b.Run(fmt.Sprintf("change/%d", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				all, _ := ix.Entries(&e, docs[i%len(docs)])
				ix.Add(all)
				ix.Remove(all)
				i++
			}
		})
		b.Run(fmt.Sprintf("find10/%d", n), func(b *testing.B) {
			i := 0
			q := &Query{Equals: []Equality{{Term: term(b, "$.n", 0)}}}
			var page []string
			for b.Loop() {
				q.Equals[0].Value = docs[i%len(docs)].Root.Member([]byte("n"))
				p := new(Planner).Choose(q, []*Index{ix}, n)
				page = ix.Page(page[:0], p.Spans[0], Ascending, "", 100)
				if len(page) != 10 {
					b.Fatal(len(page))
				}
				i++
			}
		})
	}
}
