package engine

import (
	"maps"
	"slices"

	"kvd/engine/doc/query"
	"kvd/internal/rediserr"
)

// An index is built on the documents of a collection while others go on to write
// them: BeginIndex puts it in force for what is written from then on, FillIndex is
// called for all documents, a few at a time, and EndIndex stores it. Until then
// no search uses it, and a restart forgets it.

// errChanged says that an index is wanted no more.
var errChanged = rediserr.Coded("CONFLICT", "the collection was changed meanwhile")

// BeginIndex adds an index that holds no documents yet. If there is one with its
// name, it takes its place in the end. It fails for a path that cannot be
// indexed. The Tx must hold all shards.
func (tx *Tx) BeginIndex(c *DocCollection, def query.Definition) (*DocIndex, error) {
	now := tx.engine.current(c)
	if now == nil {
		return nil, errChanged
	}
	ix, err := query.NewIndex(def)
	if err != nil {
		return nil, err
	}
	next := *now
	fresh := &DocIndex{Index: ix}
	next.indexes = append(slices.Clone(now.indexes), fresh)
	tx.engine.replace(&next)
	return fresh, nil
}

// current returns a collection as it is now, nil if it is gone.
func (e *Engine) current(c *DocCollection) *DocCollection {
	if now := e.Collection(c.DB, []byte(c.Name)); c.Is(now) {
		return now
	}
	return nil
}

// replace puts another state of a collection in force.
func (e *Engine) replace(c *DocCollection) {
	next := *e.catalog.Load()
	next.byDB = slices.Clone(next.byDB)
	next.byDB[c.DB] = maps.Clone(next.byDB[c.DB])
	next.byDB[c.DB][c.Name] = c
	next.areas = slices.Clone(next.areas)
	next.areas[c.DB].prefixes = maps.Clone(next.areas[c.DB].prefixes)
	next.areas[c.DB].prefixes[c.Prefix] = c
	e.catalog.Store(&next)
}

// FillIndex enters documents in an index that BeginIndex has made. The Tx holds
// all shards or none. It fails with CONFLICT if the index is wanted no more, with
// DUPLICATE, and with LIMIT.
func (tx *Tx) FillIndex(c *DocCollection, ix *DocIndex, ids []string) error {
	e := tx.engine
	if now := e.current(c); now == nil || !slices.Contains(now.indexes, ix) {
		return errChanged
	}
	ev := e.evaluator()
	defer e.evaluators.Put(ev)
	return tx.EachDocument(c.keys(ids), func(i int, d Visited) error {
		info := d.Info()
		held, err := c.entries(ev, []byte(ids[i]), d.Value(), &info, []*DocIndex{ix})
		if err != nil {
			return err
		}
		return c.docs.hold(ids[i], ix, held)
	})
}

func (c *DocCollection) keys(ids []string) [][]byte {
	keys := make([][]byte, len(ids))
	for i, id := range ids {
		keys[i] = c.AppendKey(nil, []byte(id))
	}
	return keys
}

// hold enters what an index has of a document, unless it is entered already.
func (s *docSet) hold(id string, ix *DocIndex, held []holding) error {
	if ix.Unique {
		s.writing.Lock()
		defer s.writing.Unlock()
	}
	it, ok := s.get(id)
	if !ok || slices.ContainsFunc(it.held, func(h holding) bool { return h.index == ix }) {
		return nil
	}
	for i, h := range held {
		if holder, ok := ix.take(h.entry); !ok {
			release(held[:i])
			return errDuplicate(ix.Name, []byte(id), holder)
		}
	}
	it.held = append(slices.Clone(it.held), held...)
	s.put(it)
	return nil
}

// EndIndex stores an index that was filled, and has searches use it. It returns
// the index whose place it takes, if there is one. It fails with CONFLICT if the
// index is wanted no more. The Tx must hold all shards.
func (tx *Tx) EndIndex(c *DocCollection, ix *DocIndex) (replaced *DocIndex, err error) {
	now := tx.engine.current(c)
	if now == nil || !slices.Contains(now.indexes, ix) {
		return nil, errChanged
	}
	next := *now
	next.indexes = slices.DeleteFunc(slices.Clone(now.indexes), func(other *DocIndex) bool {
		if other.Name == ix.Name && other != ix {
			replaced = other
		}
		return other == replaced && replaced != nil
	})
	ix.FromType = replaced != nil && replaced.FromType
	if !ix.FromType {
		next.CollectionRules.Indexes = slices.DeleteFunc(slices.Clone(now.CollectionRules.Indexes), indexNamed(ix.Name))
		next.CollectionRules.Indexes = append(next.CollectionRules.Indexes, ix.Definition)
	}
	tx.PutSetting(collectionSetting(c.DB, c.Name), next.text())
	ix.Ready.Store(true)
	tx.engine.replace(&next)
	return replaced, nil
}

func indexNamed(name string) func(query.Definition) bool {
	return func(def query.Definition) bool { return def.Name == name }
}

// CancelIndex takes back BeginIndex. The Tx must hold all shards.
func (tx *Tx) CancelIndex(c *DocCollection, ix *DocIndex) {
	if now := tx.engine.current(c); now != nil {
		next := *now
		next.indexes = slices.DeleteFunc(slices.Clone(now.indexes), func(other *DocIndex) bool { return other == ix })
		tx.engine.replace(&next)
	}
}

// RemoveIndex takes an index from a collection; nil if there is none with the name.
// One that the type asks for does not come back. What documents hold of it is left
// to ForgetIndex. The Tx must hold all shards.
func (tx *Tx) RemoveIndex(c *DocCollection, name string) *DocIndex {
	now := tx.engine.current(c)
	if now == nil {
		return nil
	}
	ix := now.Index(name)
	if ix == nil {
		return nil
	}
	next := *now
	next.indexes = slices.DeleteFunc(slices.Clone(now.indexes), func(other *DocIndex) bool { return other == ix })
	next.CollectionRules.Indexes = slices.DeleteFunc(slices.Clone(now.CollectionRules.Indexes), indexNamed(name))
	if ix.FromType {
		next.Dropped = append(slices.Clone(now.Dropped), name)
	}
	tx.PutSetting(collectionSetting(c.DB, c.Name), next.text())
	tx.engine.replace(&next)
	return ix
}

// ForgetIndex drops what documents hold of an index that is in force no more, so
// that its memory is free. The Tx holds all shards or none.
func (tx *Tx) ForgetIndex(c *DocCollection, ix *DocIndex, ids []string) error {
	return tx.EachDocument(c.keys(ids), func(i int, _ Visited) error {
		it, ok := c.docs.get(ids[i])
		if !ok {
			return nil
		}
		kept := slices.DeleteFunc(slices.Clone(it.held), func(h holding) bool { return h.index == ix })
		if len(kept) < len(it.held) {
			it.held = kept
			c.docs.put(it)
		}
		return nil
	})
}
