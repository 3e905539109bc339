package engine

import (
	"math/rand/v2"
	"sync"

	"kvd/internal/change"
)

// evictor makes room for new data, one goroutine at a time.
type evictor struct {
	mu sync.Mutex
	// settled is the memory in use that the last call left, in bytes, or that a
	// new limit met.
	settled int64
	// dry is when a search last found no victim, in unix milliseconds.
	dry int64
	// asked is when a checkpoint was last asked for, in unix milliseconds.
	asked int64
}

// reset begins anew under another policy, with so many bytes in use.
func (ev *evictor) reset(used int64) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	ev.settled, ev.dry = used, 0
}

const (
	// evictDebt is how many victims one call takes to pay for what others have
	// left over: a limit that was cut is reached little by little.
	evictDebt = 100
	// evictMost is how many it takes at most to pay for the growth since the
	// call before: a value of megabytes may push out thousands of small ones.
	evictMost = 20_000
	// evictRounds is how many calls the background makes at a time.
	evictRounds = 40
	// evictTries is how many shards are tried at random before all in turn.
	evictTries = 16
	// dryPause is how long after a search without a victim the next one is
	// made, in milliseconds. Such a search looks into every shard.
	dryPause = 10
	// askPause is the time between two demands for a checkpoint, in milliseconds.
	askPause = 1000
)

// MakeRoom evicts some keys if the memory in use is over the limit. It reports
// whether more may be used: the limit is kept, or will be after further calls.
// The work of one call is bounded; what it leaves is done by the next ones and
// in the background, but memory does not grow from call to call.
func (e *Engine) MakeRoom() bool {
	m, ev := &e.memory, &e.evictor
	limit := m.limit.Load()
	if limit == 0 || m.used.Load() <= limit {
		return true
	}
	policy := Policy(m.policy.Load())
	if policy == NoEviction {
		return false
	}
	ev.mu.Lock()
	defer ev.mu.Unlock()
	now := e.opt.Clock.Now().UnixMilli()
	if since := now - ev.dry; since >= 0 && since < dryPause {
		return m.used.Load() <= limit
	}
	n := e.evictTo(limit, evictDebt, policy, now)
	if goal := max(limit, ev.settled); m.used.Load() > goal {
		n += e.evictTo(goal, evictMost, policy, now)
	}
	ev.settled = m.used.Load()
	return ev.settled <= limit || n > 0
}

// evictTo evicts until the memory in use is down to goal, at most so many keys,
// and returns how many.
func (e *Engine) evictTo(goal int64, most int, policy Policy, now int64) (n int) {
	for n < most && e.memory.used.Load() > goal {
		if !e.evictOne(policy, now) {
			e.evictor.dry = now
			break
		}
		n++
	}
	return n
}

// Full reports whether the memory in use is over the limit.
func (e *Engine) Full() bool {
	limit := e.memory.limit.Load()
	return limit != 0 && e.memory.used.Load() > limit
}

// relieve makes room in the background. If all that could be unloaded is not on
// disk yet, it asks for a checkpoint.
func (e *Engine) relieve() {
	for range evictRounds {
		if !e.Full() {
			return
		}
		if !e.MakeRoom() {
			e.askCheckpoint()
			return
		}
	}
}

func (e *Engine) askCheckpoint() {
	if e.opt.WantCheckpoint == nil || !Policy(e.memory.policy.Load()).unloads() {
		return
	}
	now, ev := e.opt.Clock.Now().UnixMilli(), &e.evictor
	ev.mu.Lock()
	since := now - ev.asked
	due := since >= askPause || since < 0
	if due {
		ev.asked = now
	}
	ev.mu.Unlock()
	if due {
		e.opt.WantCheckpoint()
	}
}

// evictOne takes one victim and reports whether there was one.
func (e *Engine) evictOne(policy Policy, now int64) bool {
	if policy == VolatileTTL {
		return e.evictFrom(e.soonest(), policy, now)
	}
	for range evictTries {
		if e.evictFrom(rand.IntN(len(e.shards)), policy, now) {
			return true
		}
	}
	for i := range e.shards {
		if e.evictFrom(i, policy, now) {
			return true
		}
	}
	return false
}

// evictFrom takes one victim from a shard and reports whether it has one.
func (e *Engine) evictFrom(i int, policy Policy, now int64) bool {
	s := &e.shards[i]
	if policy.volatile() && s.nextDeadline.Load() == noDeadline {
		return false
	}
	tx := e.newTx(0, now, NoTouch)
	tx.single = i
	s.mu.Lock()
	v, ok := s.victim(policy, now)
	if ok = ok && !s.guarded(v.db, s.entry(v.ref)); ok {
		tx.db = v.db
		tx.evict(policy, v)
	}
	tx.Commit()
	return ok
}

// evict deletes or unloads a victim. A document of a collection is always unloaded:
// it is no copy of something else. Event: evicted, for a deletion.
func (tx *Tx) evict(policy Policy, v victim) {
	s := &tx.engine.shards[tx.single]
	ent := s.entry(v.ref)
	key := tx.lasting(s.key(ent))
	f := found{s, tx.engine.hash(key), v.ref, ent}
	if policy.unloads() || s.belongs(v.db, ent) {
		tx.unload(f, key)
		return
	}
	tx.untracked()
	tx.remove(f, key)
	tx.event(change.EventEvicted, "evicted", key)
	s.stats.evicted++
}
