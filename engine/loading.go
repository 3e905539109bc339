package engine

import (
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

// forget removes an ID if it is at this place.
func (l *loading) forget(id uint64, p place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.places[id] == p {
		delete(l.places, id)
	}
}

// Loaded ends the loading of stored rows: it is called once all have been given
// to Load.
func (e *Engine) Loaded() {
	e.loading.mu.Lock()
	defer e.loading.mu.Unlock()
	e.loading.places = nil
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
		return nil // its key is gone, and the row is about to go
	}
	s := &e.shards[p.shard()]
	if !locked {
		s.mu.Lock()
		defer s.mu.Unlock()
		if p, ok = e.loading.get(row.ID); !ok {
			return nil
		}
	}
	db, ok := e.spaces.database(row.Space)
	if !ok {
		return nil
	}
	tx := e.newTx(db, e.opt.Clock.Now().UnixMilli(), NoTouch)
	tx.quiet, tx.single = true, p.shard()
	ent := s.entry(p.ref())
	key := tx.lasting(s.key(ent))
	c := collection{tx: tx, key: key, kind: ent.kind(), found: found{s, e.hash(key), p.ref(), ent}}
	err := c.apply(row)
	if c.ref != p.ref() {
		e.loading.set(row.ID, placeOf(p.shard(), c.ref))
	}
	s.count()
	tx.recycle()
	return err
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
	if from, ok := e.loading.get(id); ok && !folded {
		c = e.takeElements(c, from, s, placeOf(number, ref) == from && exists)
	}
	s.forgetID(number, ref, exists)
	s.write(db, hash, ref, row.Key, c)
	ref, _ = s.find(db, hash, row.Key)
	e.loading.set(id, placeOf(number, ref))
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
		s.natives.lend(s.entry(from.ref()))
		c.native = c.native.rehouse(s, to)
		s.count()
	}
	return c
}

// forgetID removes the ID of an entry that is about to go or to be replaced.
func (s *shard) forgetID(number int, ref uint64, exists bool) {
	if !exists {
		return
	}
	if e := s.entry(ref); isCollection(e.kind()) {
		s.engine.loading.forget(binary.LittleEndian.Uint64(e.valueBytes()), placeOf(number, ref))
	}
}
