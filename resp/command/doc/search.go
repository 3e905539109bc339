package doc

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"kvd/engine"
	"kvd/engine/doc/path"
	"kvd/engine/doc/query"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// search finds the documents of a collection that a query asks for.
//
// A few documents that an index names are looked at with their shards locked
// together, so they are of one moment. More are looked at one at a time, and others
// write between them: each document is whole and is tested as it is then, one that
// stays as it is all the time is found exactly once, and one that is written
// meanwhile may be found or not. In a transaction or script all is of one moment.
type search struct {
	c    *command.Ctx
	coll *engine.DocCollection
	q    query.Query
	plan query.Plan
	m    *query.Matcher // until release

	// after is the position behind which the search goes on; empty: all of it.
	after string
	until time.Time // when it has taken too long; zero: never
	took  time.Duration
	most  int // documents that may be looked at; 0: any number
	seen  int

	// What is looked at: ids, the entries of an ordered plan that named them, and
	// what is done with those that are found.
	looked  []string
	entries []string
	do      found
	doc     path.Document
	stored  engine.Visited

	counted int64 // of COUNT

	line *searchLine // whose search it is
	scratch
	// visitTogether, visitEach, test and countFound, as functions.
	withLocks, oneByOne func(*engine.Tx) error
	visit               func(i int, d engine.Visited) error
	counting            found
}

// few is how many documents are looked at together, and on an event loop.
const few = query.KeptEntries

// slice is how many documents are named by an index, or by the collection, at a
// time.
const slice = 256

var errCursor = rediserr.InvalidCursor

// found is what a search does with a document that it finds; more says whether it
// goes on. What it gets is valid during the call, and the id for ever.
type found func(id string, d *path.Document, stored *engine.Visited) (more bool, err error)

// errEnough ends a search from within.
var errEnough = errors.New("enough documents were found")

// choose plans the search. On an event loop it fails with command.ErrHeavy for one
// that looks at more than a few documents.
func (s *search) choose() error {
	err := s.choosePlan()
	s.plan.Ordered = s.plan.Ordered && s.plan.Entries > few // a few are sorted
	return err
}

// choosePlan is choose without regard to what else is simple with a few documents.
func (s *search) choosePlan() error {
	s.planner.Rough = s.c.OnLoop // to count many takes too long there
	s.plan = s.planner.Choose(&s.q, s.readyIndexes(), s.coll.Len())
	if s.c.OnLoop && s.plan.Entries > few {
		return command.ErrHeavy
	}
	return nil
}

// readyIndexes returns the indexes that hold all documents.
func (s *search) readyIndexes() []*query.Index {
	for _, ix := range s.coll.Indexes() {
		if ix.Ready.Load() {
			s.ready = append(s.ready, ix.Index)
		}
	}
	return s.ready
}

// each calls do for every document that the query finds, in the order of ids, or
// of the sort keys if the plan is ordered. It fails as do does, and with LIMIT and
// TIMEOUT.
func (s *search) each(do found) error {
	err := s.walk(do)
	if errors.Is(err, errEnough) {
		return nil
	}
	return searchError(err)
}

func (s *search) walk(do found) error {
	switch {
	case s.plan.Index == nil:
		return s.walkAll(do)
	case s.plan.Ordered:
		return s.walkOrdered(do)
	}
	ids := s.named()
	if len(ids) <= few {
		return s.together(ids, do)
	}
	for part := range slices.Chunk(ids, slice) {
		if err := s.look(part, nil, do); err != nil {
			return err
		}
	}
	return nil
}

// walkAll looks at all documents, in the order of their ids.
func (s *search) walkAll(do found) error {
	from := engine.Place{After: s.byID() && s.after != "", ID: s.after}
	for {
		ids := s.coll.IDs(from, slice, engine.Ascending)
		if !from.After && len(ids) <= few {
			return s.together(ids, do)
		}
		if err := s.look(ids, nil, do); err != nil || len(ids) < slice {
			return err
		}
		from = engine.Place{After: true, ID: ids[len(ids)-1]}
	}
}

// byID says whether documents are found in the order of their ids.
func (s *search) byID() bool { return len(s.q.Sort) == 0 }

// named returns the ids that the plan's entries name, each once, in order.
func (s *search) named() (ids []string) {
	if few, ok := s.plan.Few(); ok {
		s.ids = sorted(s.appendIDs(s.ids[:0], few))
		return s.ids
	}
	var page []string
	for _, span := range s.plan.Spans {
		for after := ""; ; {
			page = s.plan.Index.Page(page[:0], span, query.Ascending, after, slice)
			ids = s.appendIDs(ids, page)
			if len(page) < slice {
				break
			}
			after = page[len(page)-1]
			runtime.Gosched()
		}
	}
	return sorted(ids)
}

// appendIDs adds the ids of entries, but of those before the place where the search
// goes on.
func (s *search) appendIDs(ids, entries []string) []string {
	for _, entry := range entries {
		if id := s.plan.Index.ID(entry); !s.byID() || id > s.after {
			ids = append(ids, id)
		}
	}
	return ids
}

// sorted sorts ids and leaves each once. While it sorts many it lets others have the
// processor.
func sorted(ids []string) []string {
	if len(ids) <= slice {
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	const turn = 1 << 11 // some ten microseconds
	compared := 0
	slices.SortFunc(ids, func(a, b string) int {
		if compared++; compared%turn == 0 {
			runtime.Gosched()
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(ids)
}

// walkOrdered looks at documents in the order of the index.
func (s *search) walkOrdered(do found) error {
	direction := s.q.Sort[0].Direction
	spans := slices.Clone(s.plan.Spans)
	if direction == query.Descending {
		slices.Reverse(spans)
	}
	for _, span := range spans {
		after := ""
		if s.after != "" {
			after = s.plan.Entry(s.after)
		}
		for {
			entries := s.plan.Index.Page(nil, span, direction, after, slice)
			ids := make([]string, len(entries))
			for i, entry := range entries {
				ids[i] = s.plan.Index.ID(entry)
			}
			if err := s.look(ids, entries, do); err != nil {
				return err
			}
			if len(entries) < slice {
				break
			}
			after = entries[len(entries)-1]
		}
	}
	return nil
}

// keysOf returns the keys of documents, in memory that the next call uses again.
func (s *search) keysOf(ids []string) [][]byte {
	s.keys, s.text = s.keys[:0], s.text[:0]
	for _, id := range ids {
		s.text = append(append(s.text, s.coll.Prefix...), id...)
	}
	at := 0
	for _, id := range ids {
		end := at + len(s.coll.Prefix) + len(id)
		s.keys = append(s.keys, s.text[at:end:end])
		at = end
	}
	return s.keys
}

// together looks at a few documents with all of them locked.
func (s *search) together(ids []string, do found) error {
	s.looked, s.entries, s.do = ids, nil, do
	return s.c.Within(s.keysOf(ids), s.withLocks)
}

func (s *search) visitTogether(tx *engine.Tx) error {
	if s.c.OnLoop && tx.AnyOnDisk(s.keys) {
		return command.ErrHeavy
	}
	return tx.EachDocument(s.keys, s.visit)
}

// look looks at documents one at a time. entries are those of an ordered plan that
// named them.
func (s *search) look(ids, entries []string, do found) error {
	if s.c.OnLoop {
		return command.ErrHeavy
	}
	s.looked, s.entries, s.do = ids, entries, do
	s.keysOf(ids)
	return s.c.Within(nil, s.oneByOne)
}

func (s *search) visitEach(tx *engine.Tx) error { return tx.EachDocument(s.keys, s.visit) }

// test gives document i of those that are looked at to do if the query finds it.
func (s *search) test(i int, d engine.Visited) error {
	if err := s.count(); err != nil {
		return err
	}
	s.stored = d
	s.describe(s.looked[i], &s.stored)
	ok, err := s.m.Match(&s.q, &s.doc)
	if err == nil && ok && s.entries != nil {
		ok, err = s.plan.First(s.m, &s.q, &s.doc, s.entries[i])
	}
	if err != nil || !ok {
		return err
	}
	more, err := s.do(s.looked[i], &s.doc, &s.stored)
	if err == nil && !more {
		err = errEnough
	}
	return err
}

// describe makes a stored document what expressions are evaluated on.
func (s *search) describe(id string, d *engine.Visited) {
	info := d.Info()
	s.doc = path.Document{
		Root: s.coll.Plain(d.Value()), ID: append(s.doc.ID[:0], id...), Rev: info.Rev, Version: info.Version,
		Created: info.Created, Changed: info.Changed, Meta: info.Meta,
	}
}

// timed is how many documents are looked at from one look at the clock to the next.
const timed = 16

// count counts a document that is looked at, and ends a search that takes too long.
func (s *search) count() error {
	s.seen++
	if s.most > 0 && s.seen > s.most {
		return errScanLimit(s.most)
	}
	if s.seen%timed == 0 && !s.until.IsZero() && s.c.Services.Clock.Now().After(s.until) {
		return errTimeout(s.took)
	}
	return nil
}

func errScanLimit(most int) error {
	return rediserr.Coded("LIMIT", "more than "+decimal(most)+" documents to look at")
}

func errTimeout(after time.Duration) error {
	return rediserr.Coded("TIMEOUT", "the search took longer than "+decimal(int(after.Milliseconds()))+" ms")
}

var errMemory = rediserr.Coded("LIMIT", "aggregation needs more than 67108864 bytes")

// searchError is what a client is told of the errors of a search.
func searchError(err error) error {
	if errors.Is(err, query.ErrMemory) {
		return errMemory
	}
	return command.DocumentError(err)
}
