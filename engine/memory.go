package engine

import (
	"sync/atomic"

	"kvd/engine/slab"
)

// MemoryPolicy is how much memory keys may take, and what happens at the limit.
type MemoryPolicy struct {
	// Limit is in bytes; 0 means none.
	Limit  int64
	Policy Policy
	// Samples is how many keys are compared to find one to evict.
	Samples int
	// LogFactor and DecayMinutes are lfu-log-factor and lfu-decay-time.
	LogFactor    int
	DecayMinutes int
}

// memory is what the engine uses and may use.
type memory struct {
	used atomic.Int64 // bytes of all shards, as of their last change

	limit     atomic.Int64
	policy    atomic.Uint32
	samples   atomic.Int64
	lfu       atomic.Bool
	logFactor atomic.Int64
	decay     atomic.Int64
}

// SetMemoryPolicy changes the limit and the policy from the next command on.
func (e *Engine) SetMemoryPolicy(p MemoryPolicy) {
	m := &e.memory
	m.limit.Store(p.Limit)
	m.policy.Store(uint32(p.Policy))
	m.samples.Store(int64(max(p.Samples, 1)))
	m.logFactor.Store(int64(p.LogFactor))
	m.decay.Store(int64(p.DecayMinutes))
	m.lfu.Store(p.Policy.usesLFU())
	e.evictor.reset(m.used.Load())
}

// Used returns how many bytes the keys take: cells, large values, index and
// expiry queue.
func (e *Engine) Used() int64 { return e.memory.used.Load() }

// LFU reports whether access stamps count accesses.
func (e *Engine) LFU() bool { return e.memory.lfu.Load() }

// footprint is the memory of one key in bytes, with its average share of index
// and queue.
func (s *shard) footprint(e entry) int {
	const indexShare = 16
	n := slab.Size(e.size()) + indexShare
	if e.has(flagLongKey) {
		n += cap(s.large.get(number(e.keyBytes())).data)
	}
	if e.has(flagLarge) {
		n += cap(s.large.get(number(e.valueBytes())).data)
	}
	if e.has(flagExpires) {
		n += deadlineBytes
	}
	if e.has(flagNative) {
		n += s.natives.of(e).Bytes() + nativeBytes
	}
	return n
}

const deadlineBytes = 16

// Usage is where the memory of the keys goes, in bytes.
type Usage struct {
	Used  int64 // what the limit is compared with
	Cells int64 // entries, by size class
	Runs  int64 // memory set aside for entries, free cells included
	Large int64 // large values
	// Elements are those of large collections.
	Elements int64
	Index    int64
	Queue    int64 // expiry queues
}

// Usage adds up the shards, one at a time.
func (e *Engine) Usage() Usage {
	var u Usage
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		u.add(s)
		s.mu.Unlock()
	}
	u.Used = e.Used()
	return u
}

// Compact moves entries together, a little in each shard, so that memory set
// aside for cells that are gone can be given back.
func (e *Engine) Compact(budget int) {
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		s.compact(budget)
		s.mu.Unlock()
	}
}

// compact moves up to budget cells of the shard.
func (s *shard) compact(budget int) {
	s.arena.Compact(budget, func(from, to slab.Ref, cell []byte) bool {
		e := entry(cell)
		key := s.key(e)
		hash := s.engine.hash(key)
		for db := range s.dbs {
			if ref, ok := s.find(db, hash, key); ok && ref == uint64(from) {
				s.dbs[db].index.Replace(hash, ref, uint64(to))
				if e.has(flagExpires) {
					d := &s.deadlines.items[e.deadline()]
					*d = newDeadline(d.at, d.db(), uint64(to))
				}
				s.moveFields(e, uint64(to))
				return true
			}
		}
		return false // being deleted: it stays where it is
	})
}
