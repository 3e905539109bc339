package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"kvd/internal/change"
)

// loading finds the entry that an element belongs to while stored rows are
// loaded. It is empty at other times: a command comes by the key.
//
// Who holds the lock of an entry's shard may rely on where the entry is.
type loading struct {
	mu     sync.Mutex
	places map[uint64]place // by ID
	// orphans are rows of elements whose key has not been met. If a checkpoint
	// was cut short, the journal may still say whose they are: a key that was
	// renamed may have gone from the data file before its new name came.
	orphans map[uint64][]change.Row
}

// place is the entry of a collection: its cell (48 bits) and, above it, its
// shard.
type place uint64

func placeOf(shard int, ref uint64) place { return place(uint64(shard)<<refBits | ref) }

func (p place) shard() int  { return int(p >> refBits) }
func (p place) ref() uint64 { return uint64(p) & (1<<refBits - 1) }

func (l *loading) get(id uint64) (place, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.places[id]
	return p, ok
}

func (l *loading) set(id uint64, p place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.places == nil {
		l.places = make(map[uint64]place)
	}
	l.places[id] = p
}

// leave keeps a row whose collection is not known.
func (l *loading) leave(row *change.Row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if row.Op == change.Drop {
		delete(l.orphans, row.ID)
		return
	}
	if l.orphans == nil {
		l.orphans = make(map[uint64][]change.Row)
	}
	kept := *row
	kept.Key, kept.Value = bytes.Clone(row.Key), bytes.Clone(row.Value)
	l.orphans[row.ID] = append(l.orphans[row.ID], kept)
}

// fetch returns the rows that were left for an ID, in their order.
func (l *loading) fetch(id uint64) []change.Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows := l.orphans[id]
	delete(l.orphans, id)
	return rows
}

// forget removes an ID if it is at this place, and reports whether it was.
func (l *loading) forget(id uint64, p place) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.places[id]
	if !ok || at != p {
		return false
	}
	delete(l.places, id)
	return true
}

// Loaded ends the loading of stored rows: it is called once all have been given
// to Load. It fails if the documents of collections can't be read.
func (e *Engine) Loaded() error {
	e.lockAll()
	defer e.unlockAll()
	return e.finishLoading()
}

// finishLoading is Loaded with all shards locked.
func (e *Engine) finishLoading() error {
	e.loadPolicies()
	e.loading.mu.Lock()
	e.loading.places, e.loading.orphans = nil, nil
	e.loading.mu.Unlock()
	return e.loadCollections()
}

// meetID keeps IDs that storage knows from being given out again.
func (e *Engine) meetID(id uint64) {
	for last := e.lastID.Load(); id > last; last = e.lastID.Load() {
		if e.lastID.CompareAndSwap(last, id) {
			return
		}
	}
}

// loadElement applies a row of an element, with its shard locked if the row came
// without all being locked.
func (e *Engine) loadElement(row *change.Row, locked bool) error {
	e.meetID(row.ID)
	p, ok := e.loading.get(row.ID)
	if !ok {
		e.loading.leave(row)
		return nil
	}
	s := &e.shards[p.shard()]
	if !locked {
		s.mu.Lock()
		defer s.mu.Unlock()
		p, _ = e.loading.get(row.ID) // no key goes while elements come from several goroutines
	}
	db, ok := e.spaces.database(row.Space)
	if !ok {
		return nil
	}
	c := e.collectionAt(db, p)
	err := c.apply(row)
	if c.ref != p.ref() {
		e.loading.set(row.ID, placeOf(p.shard(), c.ref))
	}
	s.count()
	c.tx.recycle()
	return err
}

// collectionAt returns the collection at a place, in a Tx that records nothing.
func (e *Engine) collectionAt(db int, p place) *collection {
	tx := e.newTx(db, e.opt.Clock.Now().UnixMilli(), NoTouch)
	tx.quiet, tx.single = true, p.shard()
	s := &e.shards[p.shard()]
	ent := s.entry(p.ref())
	key := tx.lasting(s.key(ent))
	return &collection{tx: tx, key: key, kind: ent.kind(), found: found{s, e.hash(key), p.ref(), ent}}
}

// apply does to the elements what a stored row says.
func (c *collection) apply(row *change.Row) error {
	how, ok := shapeOf(c.kind)
	if !ok {
		return fmt.Errorf("stored key of unknown type %d", c.kind)
	}
	switch row.Op {
	case change.Put:
		return how.load(c, row.Key, row.Value, row.Expire)
	case change.Delete:
		return how.unload(c, row.Key)
	case change.Drop:
		c.setPacked(nil)
		return nil
	}
	return fmt.Errorf("stored element with unknown operation %d", row.Op)
}

// loadCollection applies the row of a collection's key. The elements come by
// rows of their own, unless they are there already, under this key or another.
func (s *shard) loadCollection(number, db int, hash uint64, row *change.Row, c content, folded bool) error {
	id, n := binary.Uvarint(row.Value)
	if n <= 0 || n != len(row.Value) || id == 0 {
		return fmt.Errorf("the stored key %.64q has no ID", row.Key)
	}
	e := s.engine
	e.meetID(id)
	c.value = binary.LittleEndian.AppendUint64(nil, id)
	ref, exists := s.find(db, hash, row.Key)
	// A checkpoint that was cut short may leave two keys with one ID. Their
	// elements come after all keys, and the journal says whose they are.
	from, known := e.loading.get(id)
	same := known && exists && placeOf(number, ref) == from
	if known && !folded {
		c = e.takeElements(c, from, s, same)
	}
	if exists && !same {
		s.setAside(number, db, ref)
	}
	s.write(db, hash, ref, row.Key, c)
	ref, _ = s.find(db, hash, row.Key)
	e.loading.set(id, placeOf(number, ref))
	for _, row := range e.loading.fetch(id) {
		if err := e.loadElement(&row, true); err != nil {
			return err
		}
	}
	return nil
}

// takeElements gives c the elements that the entry at a place has. If that is
// the entry of another key, it is left without.
func (e *Engine) takeElements(c content, from place, to *shard, same bool) content {
	s := &e.shards[from.shard()]
	was := s.contentOf(s.entry(from.ref()))
	c.flags, c.value = was.flags, append([]byte(nil), was.value...)
	c.native = was.native
	if !same {
		s.lend(s.entry(from.ref()))
		c.native = c.native.rehouse(s, to)
		s.count()
	}
	return c
}

// setAside is called before the entry of a key goes or is replaced. The elements
// of a collection are then left for its ID: the row may be older than the entry,
// if a checkpoint was cut short. They go for good with their Drop.
func (s *shard) setAside(number, db int, ref uint64) {
	p := placeOf(number, ref)
	if !isCollection(s.entry(ref).kind()) {
		return
	}
	c := s.engine.collectionAt(db, p)
	defer c.tx.recycle()
	if !s.engine.loading.forget(c.id(), p) {
		return
	}
	row := change.Row{Op: change.Put, Kind: change.Element, Space: c.tx.space(), ID: c.id()}
	c.each(func(sub, value []byte, expire int64) bool {
		row.Key, row.Value, row.Expire = sub, value, expire
		s.engine.loading.leave(&row)
		return true
	})
}
