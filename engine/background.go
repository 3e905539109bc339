package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"kvd/internal/clock"
)

const (
	// busyTick is how long the background rests when it has something to do, or
	// a key expires soon; otherwise it rests for idleTick, which is also the
	// most that a key can outlive its time without being looked at.
	busyTick = 10 * time.Millisecond
	idleTick = 100 * time.Millisecond
	// compactBudget is how many bytes one shard moves in a round.
	compactBudget = 16 << 10
)

// upkeep is the engine's background work: a round at each tick of the clock,
// never two at once.
type upkeep struct {
	expiryOff atomic.Bool
	mu        sync.Mutex
	timer     clock.Timer
	ended     bool
	compacted time.Duration // how long ago, in rests
	retained  time.Duration // the same
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
	rest := e.rest()
	u.timer = e.opt.Clock.AfterFunc(rest, func() {
		if !u.begin() {
			return
		}
		e.tick(blocked, rest)
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

// rest is how long the background may rest now.
func (e *Engine) rest() time.Duration {
	soon := e.opt.Clock.Now().Add(idleTick).UnixMilli()
	if e.Full() || e.garbage.any() || e.shards[e.soonest()].nextDeadline.Load() < soon || e.fieldsExpire(soon) || e.sweeping() || e.purging() {
		return busyTick
	}
	return idleTick
}

// tick is one round, after a rest.
func (e *Engine) tick(blocked func() bool, rest time.Duration) {
	if blocked == nil || !blocked() {
		if !e.upkeep.expiryOff.Load() {
			e.timed(ExpireCycle, func() { e.ExpireDue() })
		}
		e.timed(EvictionCycle, e.relieve)
		if e.upkeep.retained += rest; e.upkeep.retained >= retainEvery {
			e.upkeep.retained = 0
			e.RetainSome()
		}
		e.sweepCache()
		e.purgeMore()
	}
	e.garbage.collect()
	if e.upkeep.compacted += rest; e.upkeep.compacted >= idleTick {
		e.upkeep.compacted = 0
		e.Compact(compactBudget)
		e.dropLeases()
	}
}

// Cycle is a kind of background work.
type Cycle uint8

// The kinds.
const (
	ExpireCycle   Cycle = iota // deletes what has expired
	EvictionCycle              // makes room
)

// timed does background work and tells how long it took.
func (e *Engine) timed(cycle Cycle, work func()) {
	if e.opt.CycleTook == nil {
		work()
		return
	}
	began := e.opt.Clock.Now()
	work()
	e.opt.CycleTook(cycle, e.opt.Clock.Now().Sub(began))
}
