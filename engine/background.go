package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"kvd/engine/index"
	"kvd/engine/slab"
	"kvd/internal/clock"
)

const (
	// upkeepTick is how often deadlines are looked at.
	upkeepTick = 10 * time.Millisecond
	// compactTicks is how many ticks pass between two rounds of compaction.
	compactTicks = 10
	// compactBudget is how many bytes one shard moves in a round.
	compactBudget = 16 << 10
	// garbageBatch is how many entries of a flushed database are freed before
	// the shard's lock is let go.
	garbageBatch = 512
)

// upkeep is the engine's background work: a round at each tick of the clock,
// never two at once.
type upkeep struct {
	expiryOff atomic.Bool
	mu        sync.Mutex
	timer     clock.Timer
	ended     bool
	ticks     int
	running   sync.WaitGroup
}

// SetActiveExpire chooses whether keys are deleted when their time has come
// (true) or only when they are next looked at.
func (e *Engine) SetActiveExpire(on bool) { e.upkeep.expiryOff.Store(!on) }

// StartBackground deletes expired keys, evicts, frees flushed keys and moves
// cells together from now on, until StopBackground. blocked, if not nil, reports that
// nothing may be changed now.
func (e *Engine) StartBackground(blocked func() bool) {
	u := &e.upkeep
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended {
		return
	}
	u.timer = e.opt.Clock.AfterFunc(upkeepTick, func() {
		if !u.begin() {
			return
		}
		e.tick(blocked)
		u.running.Done()
		e.StartBackground(blocked)
	})
}

// begin reports whether a round may run; if so, StopBackground waits for it.
func (u *upkeep) begin() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.ended {
		u.running.Add(1)
	}
	return !u.ended
}

// StopBackground ends StartBackground and waits for a round that is under way.
func (e *Engine) StopBackground() {
	u := &e.upkeep
	u.mu.Lock()
	u.ended = true
	if u.timer != nil {
		u.timer.Stop()
	}
	u.mu.Unlock()
	u.running.Wait()
}

// tick is one round.
func (e *Engine) tick(blocked func() bool) {
	if blocked == nil || !blocked() {
		if !e.upkeep.expiryOff.Load() {
			e.ExpireDue()
		}
		e.relieve()
	}
	e.garbage.collect()
	e.upkeep.ticks++
	if e.upkeep.ticks%compactTicks == 0 {
		e.Compact(compactBudget)
	}
}

// garbage is the entries of flushed databases, which are freed little by little.
type garbage struct {
	mu    sync.Mutex
	heaps []heap
}

// heap is what one shard had of a flushed database.
type heap struct {
	shard *shard
	index *index.Table
	refs  []uint64 // the entries; filled when the work begins
}

func (g *garbage) add(s *shard, t *index.Table) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heaps = append(g.heaps, heap{shard: s, index: t})
}

// drop forgets what belongs to a shard: its memory has been given back whole.
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

// collect frees one batch of each shard's garbage.
func (g *garbage) collect() {
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
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.heaps) == 0 || g.heaps[0].shard != s {
		return // the shard was emptied meanwhile
	}
	h := g.heaps[0]
	g.heaps = g.heaps[1:]
	if h.free() {
		g.heaps = append(g.heaps, h)
	}
	s.count()
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
	if e.has(flagLongKey) {
		s.large.remove(number(e.keyBytes()))
	}
	s.arena.Free(slab.Ref(ref))
}

// flush takes a database's keys out of the shard and returns how many there
// were. A shard that is empty then gives all its memory back at once.
func (s *shard) flush(db int) int {
	t := s.dbs[db].index
	if t == nil {
		return 0
	}
	n := t.Len()
	s.dbs[db] = database{}
	if s.empty() {
		s.reset()
		return n
	}
	s.deadlines.removeDatabase(db)
	s.noteDeadline()
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

// reset forgets all keys of the shard.
func (s *shard) reset() {
	clear(s.dbs)
	s.engine.garbage.drop(s)
	s.arena.Reset()
	s.tables.Reset()
	s.large.reset()
	s.deadlines.items = nil
	s.noteDeadline()
}
