package engine

import (
	"fmt"
	"slices"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// gathering finds the documents of a collection that is new, or builds indexes
// that are new on those that it has.
type gathering struct {
	c     *DocCollection
	was   *DocCollection // nil: the collection is new
	fresh []*DocIndex
	items []docItem // what was found, with the entries of fresh
}

// newGathering gives c the indexes that it is to have. Beside an error there are
// those that can be.
func (e *Engine) newGathering(c, was *DocCollection) (*gathering, error) {
	g := &gathering{c: c, was: was}
	if was != nil && was.Prefix != c.Prefix {
		g.was = nil
	}
	wanted, err := c.wantedIndexes()
	for _, ix := range wanted {
		if known := g.known(ix); known != nil {
			c.indexes = append(c.indexes, known)
			continue
		}
		ix.Ready.Store(true) // before anybody sees it, all documents are in it
		c.indexes = append(c.indexes, ix)
		g.fresh = append(g.fresh, ix)
	}
	if g.was == nil {
		c.docs = e.newDocSet()
		return g, err
	}
	c.docs = g.was.docs
	for _, ix := range g.was.indexes {
		if !ix.Ready.Load() { // it is being built
			c.indexes = append(c.indexes, ix)
		}
	}
	return g, err
}

// known returns the index that the collection has already, if it is the same.
func (g *gathering) known(ix *DocIndex) *DocIndex {
	if g.was == nil {
		return nil
	}
	known := g.was.Index(ix.Name)
	if known == nil || !known.Ready.Load() || !sameIndex(known.Definition, ix.Definition) {
		return nil
	}
	return known
}

func (g *gathering) needsScan() bool { return g.was == nil || len(g.fresh) > 0 }

// add takes a document that was found.
func (g *gathering) add(e *path.Evaluator, key []byte, v doc.Value, info *DocumentInfo, loading bool) error {
	id := g.c.ID(key)
	held, err := g.c.entries(e, id, v, info, g.fresh)
	if err != nil && !loading {
		return err
	}
	for _, h := range held {
		if holder, ok := h.index.take(h.entry); !ok && !loading {
			return errDuplicate(h.index.Name, id, holder)
		}
	}
	g.items = append(g.items, docItem{id: string(id), size: len(v), held: held})
	return nil
}

// install hands over what was found. Indexes that are wanted no more are forgotten.
func (g *gathering) install() {
	s := g.c.docs
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.was != nil {
		g.forget()
	}
	if g.was == nil {
		slices.SortFunc(g.items, func(a, b docItem) int { return strings.Compare(a.id, b.id) })
		for _, it := range g.items {
			s.items.Load(it)
			s.bytes += int64(it.size)
		}
		return
	}
	for _, it := range g.items {
		if known, ok := s.items.Get(it); ok {
			known.held = append(known.held, it.held...)
			s.items.Set(known)
		}
	}
}

// forget drops what documents hold in indexes that the collection has no more.
func (g *gathering) forget() {
	gone := slices.DeleteFunc(slices.Clone(g.was.indexes), func(ix *DocIndex) bool {
		return slices.Contains(g.c.indexes, ix)
	})
	if len(gone) == 0 {
		return
	}
	var changed []docItem
	s := g.c.docs
	s.items.Scan(func(it docItem) bool {
		it.held = slices.DeleteFunc(slices.Clone(it.held), func(h holding) bool { return slices.Contains(gone, h.index) })
		changed = append(changed, it)
		return true
	})
	for _, it := range changed {
		s.items.Set(it)
	}
}

// scan goes through all documents of the databases in which something is to be
// found, one time.
func (d *definer) scan(todo map[*DocCollection]*gathering) error {
	var e path.Evaluator
	for db := range d.cat.byDB {
		if !slices.ContainsFunc(d.gathered, func(g *gathering) bool { return g.c.DB == db && todo[g.c] != nil }) {
			continue
		}
		err := d.engine.eachDocument(db, func(key []byte, v doc.Value, info *DocumentInfo) error {
			g := todo[d.cat.areas[db].find(key)]
			if g == nil {
				return nil
			}
			e.Reset(0)
			return g.add(&e, key, v, info, d.loading)
		}, d.cat.areas[db].find)
		if err != nil {
			return err
		}
	}
	return nil
}

// eachDocument calls fn for every document of a database that of finds a
// collection for, with all shards locked, until it fails. Values that left memory
// are read, like others while the stored state is loaded: the locks are held
// meanwhile. What fn gets is valid during the call.
func (e *Engine) eachDocument(db int, fn func(key []byte, v doc.Value, info *DocumentInfo) error, of func(key []byte) *DocCollection) (err error) {
	for i := range e.shards {
		s := &e.shards[i]
		if s.dbs[db].index == nil {
			continue
		}
		s.dbs[db].index.All(func(ref uint64) bool {
			ent := s.entry(ref)
			if key := s.key(ent); of(key) != nil {
				err = e.visitDocument(s, db, ent, fn)
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) visitDocument(s *shard, db int, ent entry, fn func(key []byte, v doc.Value, info *DocumentInfo) error) error {
	key := s.key(ent)
	if ent.kind() != change.JSON {
		return rediserr.Coded("WRONGTYPE", rediserr.OneLine(fmt.Sprintf("key '%.64s' holds no JSON document", key)))
	}
	var stored []byte
	if !ent.has(flagCold) {
		stored = s.value(ent).bytes
	} else {
		ok, err := e.opt.Store.Get(e.spaces.of(db), key, func(row *change.Row) error {
			stored = append([]byte(nil), row.Value...)
			return nil
		})
		if err != nil || !ok {
			return fmt.Errorf("read the document at a key of %d bytes: found %v: %w", len(key), ok, err)
		}
	}
	v, trailer, ok := splitDocument(stored)
	if !ok {
		return fmt.Errorf("the document at a key of %d bytes is damaged", len(key))
	}
	info, _ := readInfo(trailer)
	return fn(key, v, &info)
}

// entries returns what indexes have of a document.
func (c *DocCollection) entries(e *path.Evaluator, id []byte, v doc.Value, info *DocumentInfo, indexes []*DocIndex) (held []holding, err error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	d := path.Document{
		Root: c.Plain(v), ID: id, Rev: info.Rev, Version: info.Version,
		Created: info.Created, Changed: info.Changed, Meta: info.Meta,
	}
	for _, ix := range indexes {
		entries, err := ix.Entries(e, &d)
		if err != nil {
			return held, rediserr.Coded("LIMIT", rediserr.OneLine("index '"+ix.Name+"': "+err.Error()))
		}
		for _, entry := range entries {
			held = append(held, holding{ix, entry})
		}
	}
	return held, nil
}

// take adds an entry: if the index is unique, only if no other document has the
// value. Otherwise it returns the id of that.
func (ix *DocIndex) take(entry string) (holder string, ok bool) {
	if ix.Unique {
		return ix.Claim([]string{entry})
	}
	ix.Add([]string{entry})
	return "", true
}

func errDuplicate(index string, id []byte, holder string) error {
	return rediserr.Coded("DUPLICATE", rediserr.OneLine(fmt.Sprintf("index '%s': value of '%s' is held by '%s'", index, id, holder)))
}
