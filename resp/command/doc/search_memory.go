package doc

import (
	"kvd/engine/doc"
	"kvd/engine/doc/query"
	"kvd/resp/command"
)

// newSearch begins a search in the collection that argument 1 names, whose options
// begin at argument from.
func newSearch(c *command.Ctx, from int) (*searchLine, error) {
	coll, err := collectionOf(c)
	if err != nil {
		return nil, err
	}
	l, ok := c.Services.Queries.Searches.Get().(*searchLine)
	if !ok {
		l = newLine()
	}
	l.s.c, l.s.coll, l.s.m, l.o = c, coll, c.Services.Queries.Matcher(), c.Options(from)
	return l, nil
}

// newLine returns the memory of a search. It has the functions that a search hands
// on, since each time one is made of a method takes memory.
func newLine() *searchLine {
	l := new(searchLine)
	s := &l.s
	s.line = l
	s.withLocks, s.oneByOne, s.visit, s.counting = s.visitTogether, s.visitEach, s.test, s.countFound
	p := &l.page
	p.search = s
	p.taking, p.keeping = p.take, p.keep
	return l
}

// scratch is the memory that a search leaves to the next one.
type scratch struct {
	parser  doc.Parser
	values  []byte // of EQ and RANGE
	planner query.Planner
	ready   []*query.Index
	ids     []string // that a plan names
	keys    [][]byte
	text    []byte // of the keys
}

// What is larger than this is not kept for the next search.
const (
	keptBytes = 64 << 10
	keptItems = 1 << 10
)

// release ends the search. What is left of a large one is dropped, and all that
// leads to documents.
func (s *search) release() {
	queries, l := &s.c.Services.Queries, s.line
	queries.Release(s.m)
	s.planner.Release()
	if s.large() || l.page.large() {
		return
	}
	clear(s.ids)
	clear(s.ready)
	kept := s.scratch
	kept.values, kept.ready, kept.ids, kept.keys, kept.text = kept.values[:0], kept.ready[:0], kept.ids[:0], kept.keys[:0], kept.text[:0]
	q := query.Query{Equals: emptied(s.q.Equals), Between: emptied(s.q.Between), Sort: emptied(s.q.Sort)}
	id := s.doc.ID[:0]
	*s = search{
		scratch: kept, q: q, line: l,
		withLocks: s.withLocks, oneByOne: s.oneByOne, visit: s.visit, counting: s.counting,
	}
	s.doc.ID = id
	l.page.reset()
	l.o, l.where, l.params, l.given = command.Options{}, nil, nil, false
	l.find = findOptions{show: shown{selected: emptied(l.find.show.selected)}}
	queries.Searches.Put(l)
}

func (s *search) large() bool {
	return cap(s.values)+cap(s.text)+cap(s.doc.ID) > keptBytes || cap(s.ids)+cap(s.keys)+cap(s.q.Equals)+cap(s.q.Between)+cap(s.q.Sort) > keptItems
}

func (p *page) large() bool { return cap(p.place)+cap(p.texts) > keptBytes || cap(p.rows) > keptItems }

// reset empties the page for the next search.
func (p *page) reset() {
	*p = page{
		search: p.search, taking: p.taking, keeping: p.keeping,
		rows: emptied(p.rows), place: p.place[:0], texts: p.texts[:0],
	}
}

// emptied returns the memory of a list, which leads nowhere any more.
func emptied[T any](list []T) []T {
	clear(list[:cap(list)])
	return list[:0]
}
