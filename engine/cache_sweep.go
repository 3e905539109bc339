package engine

import (
	"math"

	"kvd/internal/change"
)

// cacheSweep goes round all shards while there are rules: it removes what is dead
// and makes stale for good what is to be. A rule that it has taken round once is
// needed no more. It belongs to the background.
type cacheSweep struct {
	shard, db int
	cursor    uint64 // of the index
	// since is the newest rule that was there when the shard was begun.
	since uint64
	begun bool
}

const (
	// sweepBatch is how many keys are looked at before a shard's lock is let go.
	sweepBatch = 256
	// sweepMost is how many keys a round of the background looks at.
	sweepMost = 4096
)

// sweepCache does a round of the sweep's work.
func (e *Engine) sweepCache() {
	for n := 0; n < sweepMost && e.sweeping(); n += sweepBatch {
		e.sweepShard()
	}
}

// sweeping reports whether there are rules.
func (e *Engine) sweeping() bool { return e.cache.ruled.Load() }

// sweepShard goes on with one shard. What is done with the last of a shard may end
// rules.
func (e *Engine) sweepShard() {
	w := &e.cache.sweep
	tx := e.newTx(w.db, e.opt.Clock.Now().UnixMilli(), NoTouch)
	tx.single = w.shard
	s := &e.shards[w.shard]
	s.mu.Lock()
	if !w.begun {
		w.begun, w.since = true, e.cache.rules.newest
	}
	w.cursor = tx.sweepBatch(s, w.cursor)
	over := false
	if w.cursor == 0 {
		w.db++
		over = w.db == len(s.dbs)
	}
	tx.Commit()
	if over {
		e.sweptShard()
	}
}

// sweepBatch goes through some keys of a database in a shard, and returns where to
// go on; 0: it is through.
func (tx *Tx) sweepBatch(s *shard, cursor uint64) uint64 {
	t := s.dbs[tx.db].index
	if t == nil {
		return 0
	}
	var keys [][]byte
	next := t.Scan(cursor, sweepBatch, func(ref uint64) {
		if e := s.entry(ref); e.kind() == change.Cached && s.cached(e).rev() <= tx.engine.cache.rules.newest {
			keys = append(keys, tx.lasting(s.key(e)))
		}
	})
	for _, key := range keys {
		if f, ok := tx.present(s, tx.engine.hash(key), tx.db, key); ok {
			tx.sweepEntry(f, key)
		}
	}
	return next
}

// sweepEntry does to an entry what the rules say. Event: del.
func (tx *Tx) sweepEntry(f found, key []byte) {
	c := f.shard.cached(f.entry)
	gone, soft := tx.engine.cache.rules.of(tx.space(), key, c)
	switch until := c.fresh(); {
	case c.rev() <= gone, c.rev() <= soft && c.negative():
		tx.remove(f, key)
		tx.event(change.EventGeneric, "del", key)
	case c.rev() <= soft && (until == 0 || until >= tx.now):
		tx.rewriteCached(f, key, tx.now-1, f.shard.deadlineOf(f.entry))
	}
}

// sweptShard notes that a shard is through, and drops the rules that have been
// round.
func (e *Engine) sweptShard() {
	w := &e.cache.sweep
	since := w.since
	*w = cacheSweep{shard: (w.shard + 1) % len(e.shards)}
	if !e.countDown(since) {
		return
	}
	var all Lock
	e.AddAll(&all)
	tx := e.Begin(0, e.opt.Clock.Now().UnixMilli(), NoTouch, &all)
	oldest := uint64(math.MaxUint64)
	for i := range e.shards {
		oldest = min(oldest, e.shards[i].dropEndedLeases(tx.now))
	}
	for _, rule := range e.cache.rules.all() {
		if rule.left <= 0 && (rule.kind != tagRule || max(rule.dead, rule.soft) < oldest) {
			tx.dropRule(rule.ruleName)
		}
	}
	tx.Commit()
}

// countDown notes for the rules up to a revision that one more shard is through,
// and reports whether any has been through all.
func (e *Engine) countDown(since uint64) (done bool) {
	s := &e.shards[0] // any lock keeps the rules from being changed
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range e.cache.rules.all() {
		if max(rule.dead, rule.soft) <= since {
			rule.left--
			done = done || rule.left <= 0
		}
	}
	return done
}

// all returns the rules.
func (r *cacheRules) all() []*cacheRule {
	list := make([]*cacheRule, 0, len(r.tags)+len(r.others))
	list = append(list, r.others...)
	for _, rule := range r.tags {
		list = append(list, rule)
	}
	return list
}

// sweepAll is the whole sweep at once. The Tx holds all shards, and no lease is
// live.
func (tx *Tx) sweepAll() {
	home := tx.db
	for i := range tx.engine.shards {
		s := &tx.engine.shards[i]
		for db := range s.dbs {
			tx.db = db
			for cursor := tx.sweepBatch(s, 0); cursor != 0; {
				cursor = tx.sweepBatch(s, cursor)
			}
		}
	}
	tx.db, tx.resized = home, true
	for _, rule := range tx.engine.cache.rules.all() {
		tx.dropRule(rule.ruleName)
	}
}

// dropLeases removes the leases that are over.
func (e *Engine) dropLeases() {
	now := e.opt.Clock.Now().UnixMilli()
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		if s.cache != nil && len(s.cache.leases) > 0 {
			s.dropEndedLeases(now)
			s.count()
		}
		s.mu.Unlock()
	}
}
