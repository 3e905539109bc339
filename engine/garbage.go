package engine

import (
	"sync"

	"kvd/engine/index"
	"kvd/engine/slab"
)

const (
	// garbageBatch is how many entries of a flushed database are freed before
	// the shard's lock is let go.
	garbageBatch = 512
	// arenaBatch is how many arenas are freed in a round.
	arenaBatch = 32
)

// garbage is what flushed databases leave behind, which is freed little by
// little: of a shard that has other keys its entries, else its arenas whole.
type garbage struct {
	mu     sync.Mutex
	heaps  []heap
	arenas []*slab.Arena
}

// heap is what one shard had of a flushed database.
type heap struct {
	shard *shard
	index *index.Table
	refs  []uint64 // the entries; filled when the work begins
}

func (g *garbage) add(s *shard, t *index.Table) { g.put(heap{shard: s, index: t}) }

// abandon takes the arenas of a shard, which nobody else may use any more.
func (g *garbage) abandon(arenas ...*slab.Arena) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range arenas {
		if a.Held() > 0 {
			g.arenas = append(g.arenas, a)
		}
	}
}

// drop forgets the entries of a shard: its memory goes whole.
func (g *garbage) drop(s *shard) {
	g.mu.Lock()
	defer g.mu.Unlock()
	kept := g.heaps[:0]
	for _, h := range g.heaps {
		if h.shard != s {
			kept = append(kept, h)
		}
	}
	clear(g.heaps[len(kept):])
	g.heaps = kept
}

// takeArenas returns some arenas to be freed.
func (g *garbage) takeArenas() []*slab.Arena {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.arenas), arenaBatch)
	batch := g.arenas[:n]
	if g.arenas = g.arenas[n:]; len(g.arenas) == 0 {
		g.arenas = nil
	}
	return batch
}

// any reports whether there is something to free.
func (g *garbage) any() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.heaps)+len(g.arenas) > 0
}

// collect frees some arenas and one batch of each shard's entries.
func (g *garbage) collect() {
	for _, a := range g.takeArenas() {
		a.Reset()
	}
	g.mu.Lock()
	n := len(g.heaps)
	g.mu.Unlock()
	for range n {
		g.collectOne()
	}
}

// collectOne frees a batch of the first heap, and puts what is left at the end.
func (g *garbage) collectOne() {
	s := g.first()
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := g.take(s)
	if !ok {
		return // the shard was emptied meanwhile
	}
	if h.free() { // which may abandon arenas, so g.mu is free meanwhile
		g.put(h)
	}
	s.count()
}

// take takes the first heap out if it is of shard s, which is locked.
func (g *garbage) take(s *shard) (h heap, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.heaps) == 0 || g.heaps[0].shard != s {
		return heap{}, false
	}
	h = g.heaps[0]
	g.heaps = g.heaps[1:]
	return h, true
}

// put puts what a locked shard had at the end.
func (g *garbage) put(h heap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heaps = append(g.heaps, h)
}

func (g *garbage) first() *shard {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.heaps) == 0 {
		return nil
	}
	return g.heaps[0].shard
}

// free frees a batch of entries and reports whether any are left.
func (h *heap) free() bool {
	if h.refs == nil {
		h.refs = make([]uint64, 0, h.index.Len())
		h.index.All(func(ref uint64) bool {
			h.refs = append(h.refs, ref)
			return true
		})
		h.index.Reset()
	}
	batch := h.refs[max(0, len(h.refs)-garbageBatch):]
	for _, ref := range batch {
		h.shard.freeDetached(ref)
	}
	h.refs = h.refs[:len(h.refs)-len(batch)]
	return len(h.refs) > 0
}

// freeDetached frees an entry of a flushed database, which has left the expiry
// queue already.
func (s *shard) freeDetached(ref uint64) {
	e := s.entry(ref)
	if e.has(flagLarge) {
		s.large.remove(number(e.valueBytes()))
	}
	if e.has(flagNative) {
		elements := s.natives.of(e)
		s.natives.remove(number(e.valueBytes()[idSize:]))
		s.engine.release(elements)
	}
	if e.has(flagLongKey) {
		s.large.remove(number(e.keyBytes()))
	}
	s.arena.Free(slab.Ref(ref))
}

// flush takes a database's keys out of the shard and returns how many there
// were.
func (s *shard) flush(db int) int {
	s.heads[db] = nil
	t := s.dbs[db].index
	if t == nil {
		return 0
	}
	n := t.Len()
	s.dbs[db] = database{}
	s.cache.dropTags(s.engine.spaces.of(db))
	if s.empty() {
		s.abandon()
		return n
	}
	s.deadlines.removeDatabase(db)
	s.noteDeadline()
	s.fields.removeDatabase(db)
	s.publishFields()
	s.engine.garbage.add(s, t)
	return n
}

// empty reports whether no database has a key in the shard.
func (s *shard) empty() bool {
	for i := range s.dbs {
		if t := s.dbs[i].index; t != nil && t.Len() > 0 {
			return false
		}
	}
	return true
}

// abandon forgets all keys of the shard and leaves their memory to be freed.
func (s *shard) abandon() {
	pool := s.engine.pool
	s.engine.garbage.abandon(s.arena, s.tables, s.elements.Arena())
	s.arena, s.tables, s.elements = pool.NewArena(), pool.NewArena(), slab.NewHeap(pool)
	s.forget()
}

// reset forgets all keys of the shard and frees their memory.
func (s *shard) reset() {
	clear(s.heads)
	s.arena.Reset()
	s.tables.Reset()
	s.elements.Reset()
	s.cache.forget()
	s.forget()
}

// forget is reset without the arenas.
func (s *shard) forget() {
	clear(s.dbs)
	s.engine.garbage.drop(s)
	s.large.reset()
	s.natives.reset(s.engine)
	s.deadlines.items, s.fields.items = nil, nil
	s.noteDeadline()
	s.publishFields()
}
