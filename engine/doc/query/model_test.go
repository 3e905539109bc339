package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// collection is documents with indexes that are kept as package engine does.
type collection struct {
	t       *rapid.T
	docs    map[string]*path.Document
	indexes []*Index
	entries map[string][][]string
	m       Matcher
}

func newCollection(t *rapid.T, defs ...Definition) *collection {
	c := &collection{t: t, docs: map[string]*path.Document{}, entries: map[string][][]string{}}
	for _, def := range defs {
		ix, err := NewIndex(def)
		if err != nil {
			t.Fatal(err)
		}
		c.indexes = append(c.indexes, ix)
	}
	return c
}

func (c *collection) put(id, text string) {
	v, err := doc.Parse([]byte(text))
	if err != nil {
		c.t.Fatal(text, err)
	}
	c.docs[id] = &path.Document{Root: v, ID: []byte(id), Rev: uint64(len(text))}
	var now [][]string
	for i, ix := range c.indexes {
		entries, err := ix.Entries(&c.m.Evaluator, c.docs[id])
		if err != nil {
			c.t.Fatal(err)
		}
		now = append(now, entries)
		if old := c.entries[id]; old != nil {
			ix.Remove(old[i])
		}
		ix.Add(entries)
	}
	c.entries[id] = now
}

func (c *collection) remove(id string) {
	for i, entries := range c.entries[id] {
		c.indexes[i].Remove(entries)
	}
	delete(c.docs, id)
	delete(c.entries, id)
}

var scalars = []string{
	"null", "true", "false", "0", "1", "1.0", "2", "10", "-3.5", `""`, `"a"`, `"b"`, `"1"`, `"1.0"`, `"10"`,
	`"2026-01-01T00:00:00Z"`, `"2026-01-01T02:00:00+02:00"`, `"2026-06-01T00:00:00Z"`, `"` + strings.Repeat("x", 300) + `"`, `{"k":1}`,
}

func drawValue(t *rapid.T) string {
	n := rapid.IntRange(-6, 3).Draw(t, "elements")
	if n < 0 {
		return rapid.SampledFrom(scalars).Draw(t, "value")
	}
	return "[" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(scalars), n, n).Draw(t, "values"), ",") + "]"
}

func drawDocument(t *rapid.T) string {
	var members []string
	for _, name := range []string{"a", "b"} {
		if rapid.IntRange(0, 5).Draw(t, "has "+name) > 0 {
			members = append(members, `"`+name+`":`+drawValue(t))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

var definitions = []Definition{
	{Name: "a", Paths: []string{"$.a"}},
	{Name: "b", Paths: []string{"b"}, Sparse: true},
	{Name: "ab", Paths: []string{"$.a", "$.b"}},
	{Name: "ba", Paths: []string{"$['b']", "$.a"}, Sparse: true},
	{Name: "at", Paths: []string{"$.a"}, Type: Times},
	{Name: "bd", Paths: []string{"$.b"}, Type: Decimals},
	{Name: "elements", Paths: []string{"$.a[*]"}},
	{Name: "rev", Paths: []string{"rev()"}},
}

var conditionTexts = []string{
	"@.a == 1", "1 < @.a", "@.a >= 0 && @.a < 2", "@.a == \"a\" && @.b == 1", "\"a\" in @.a", "@.a in [1,\"b\",null]", "missing(@.b)", "!@.a",
	"@.a > \"2026\"", "@.b <= true", "@.b == null", "@.a[*] > 0 && @.a[*] < 0.5", "@.a == 1 || @.b == 1", "@.a[0] == 1", "rev() > 10", "id() == 'd1'",
	"@.a == @.b", "@.a != 1", "@.a == \"" + strings.Repeat("x", 300) + "\"", "@.a < \"" + strings.Repeat("x", 301) + "\"", "@.b == \"10\"",
}

func drawTerm(t *rapid.T) Term {
	term, err := NewTerm([]byte(rapid.SampledFrom([]string{"$.a", "$.b", "$.a[*]", "rev()", "$.c"}).Draw(t, "term")))
	if err != nil {
		t.Fatal(err)
	}
	term.Type = rapid.SampledFrom([]Type{UntypedValues, UntypedValues, Times, Decimals}).Draw(t, "type")
	return term
}

func drawLiteral(t *rapid.T) doc.Value {
	v, err := AppendValue(nil, new(doc.Parser), []byte(drawValue(t)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func drawQuery(t *rapid.T) *Query {
	q := new(Query)
	if rapid.Bool().Draw(t, "where") {
		x, err := path.CompileExpression([]byte(rapid.SampledFrom(conditionTexts).Draw(t, "condition")))
		if err != nil {
			t.Fatal(err)
		}
		q.Where = x
	}
	for range rapid.IntRange(0, 2).Draw(t, "equalities") {
		q.Equals = append(q.Equals, Equality{drawTerm(t), drawLiteral(t)})
	}
	for range rapid.IntRange(0, 1).Draw(t, "intervals") {
		in := Interval{Term: drawTerm(t)}
		for _, b := range []*Bound{&in.Min, &in.Max} {
			if rapid.Bool().Draw(t, "bounded") {
				*b = Bound{drawLiteral(t), rapid.Bool().Draw(t, "excluded")}
			}
		}
		if in.Comparable() {
			q.Between = append(q.Between, in)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "sort keys") {
		q.Sort = append(q.Sort, SortKey{drawTerm(t), rapid.SampledFrom([]Direction{Ascending, Descending}).Draw(t, "direction")})
	}
	return q
}

// scan returns the ids of all documents that match, in the order of the query.
func (c *collection) scan(q *Query) (ids []string) {
	places := map[string]string{}
	for id, d := range c.docs {
		if c.matches(q, d) {
			place, err := c.m.AppendPosition(nil, q, d)
			if err != nil {
				c.t.Fatal(err)
			}
			places[id] = string(place)
			if !q.ValidPosition(string(place)) {
				c.t.Fatalf("%q is not valid", place)
			}
		}
	}
	return slices.SortedFunc(maps.Keys(places), func(a, b string) int { return q.Compare(places[a], places[b]) })
}

func (c *collection) matches(q *Query, d *path.Document) bool {
	ok, err := c.m.Match(q, d)
	if err != nil {
		c.t.Fatal(err)
	}
	return ok
}

// run returns what a plan finds, in pages.
func (c *collection) run(q *Query, p *Plan) (ids []string) {
	direction := q.Direction()
	page := rapid.IntRange(1, 4).Draw(c.t, "page")
	order := slices.Clone(p.Spans)
	if direction == Descending {
		slices.Reverse(order)
	}
	for _, s := range order {
		for after := ""; ; {
			entries := p.Index.Page(nil, s, direction, after, page)
			for _, entry := range entries {
				d := c.docs[p.Index.ID(entry)]
				first, err := p.First(&c.m, q, d, entry)
				if err != nil {
					c.t.Fatal(err)
				}
				if c.matches(q, d) && (!p.Ordered || first) {
					ids = append(ids, string(d.ID))
				}
			}
			if len(entries) < page {
				break
			}
			after = entries[len(entries)-1]
		}
	}
	return ids
}

// After any writes each index has the entries of a full scan, and each plan finds
// what a full scan finds.
func TestIndexesAgainstScan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newCollection(t, definitions...)
		for range rapid.IntRange(0, 30).Draw(t, "writes") {
			id := fmt.Sprintf("d%d", rapid.IntRange(0, 12).Draw(t, "id"))
			if rapid.IntRange(0, 4).Draw(t, "remove") == 0 {
				c.remove(id)
			} else {
				c.put(id, drawDocument(t))
			}
		}
		for i, ix := range c.indexes {
			var want []string
			for _, entries := range c.entries {
				want = append(want, entries[i]...)
			}
			slices.Sort(want)
			if got := ix.Page(nil, Span{}, Ascending, "", 10_000); !slices.Equal(got, want) {
				t.Fatalf("index %s has %q, want %q", ix.Name, got, want)
			}
		}
		for range 5 {
			c.checkPlans(drawQuery(t))
		}
	})
}

func (c *collection) checkPlans(q *Query) {
	want := c.scan(q)
	var pl Planner
	pl.readConditions(q)
	for _, ix := range c.indexes {
		p := pl.plan(q, ix)
		if len(p.uses) == 0 && !p.Ordered {
			continue
		}
		got := c.run(q, &p)
		if !p.Ordered {
			slices.Sort(got)
			got = slices.Compact(got)
			want = slices.Sorted(slices.Values(want))
		}
		if !slices.Equal(got, want) {
			c.t.Fatalf("%s\nfinds %q, want %q", p.Explain(q, len(c.docs)), got, want)
		}
		want = c.scan(q)
	}
	if p := pl.Choose(q, c.indexes, len(c.docs)); p.Explain(q, len(c.docs)) == "" {
		c.t.Fatal("no explanation")
	}
}
