package engine

import "kvd/internal/change"

// Invalidation is whether cached values are gone or only no longer fresh.
type Invalidation uint8

// Kinds.
const (
	Hard Invalidation = iota // they are gone
	Soft                     // they are stale
)

// InvalidateKey invalidates the cached value at a key, ends its lease, and reports
// whether there was a value. Events: cache.invalidate, and del if it is gone.
func (tx *Tx) InvalidateKey(key []byte, how Invalidation) bool {
	tx.revoke(key)
	s, hash := tx.shard(key)
	f, ok := tx.present(s, hash, tx.db, key)
	if !ok || f.kind() != change.Cached {
		return false
	}
	c := s.cached(f.entry)
	known := tx.freshness(key, c)
	if known == dead || how == Hard || c.negative() {
		tx.remove(f, key)
		tx.event(change.EventGeneric, "del", key)
	} else if known == fresh {
		tx.rewriteCached(f, key, tx.now-1, s.deadlineOf(f.entry))
	}
	if known != dead {
		tx.event(change.EventModule, "cache.invalidate", key)
	}
	return known != dead
}

// InvalidateTag invalidates all cached values with a tag that are there now, and
// revokes the leases of values that turn out to have it. It returns how many values
// it is about, as far as they are known to be alive. The Tx must hold all shards.
func (tx *Tx) InvalidateTag(tag []byte, how Invalidation) (n int) {
	tx.recountTags()
	name := ruleName{tx.space(), tagRule, string(tag)}
	leases := false
	for i := range tx.engine.shards {
		c := tx.engine.shards[i].cache
		if c == nil {
			continue
		}
		leases = leases || len(c.leases) > 0
		if count := c.tags[name]; count != nil {
			n += *count
			if how == Hard {
				c.dropTag(name)
			}
		}
	}
	if n > 0 || leases {
		tx.addRule(name, how)
	}
	return n
}

// InvalidatePrefix invalidates all cached values whose keys begin with prefix, and
// revokes such keys' leases. The Tx must hold all shards.
func (tx *Tx) InvalidatePrefix(prefix []byte, how Invalidation) {
	tx.invalidateKeys(ruleName{tx.space(), prefixRule, string(prefix)}, how)
}

// InvalidatePattern is InvalidatePrefix for the keys that fit a pattern.
func (tx *Tx) InvalidatePattern(pattern []byte, how Invalidation) {
	tx.invalidateKeys(ruleName{tx.space(), patternRule, string(pattern)}, how)
}

func (tx *Tx) invalidateKeys(name ruleName, how Invalidation) {
	rule := newRule(name)
	tx.revokeAll(func(at waitKey, _ *lease) bool { return at.db == tx.db && rule.fits([]byte(at.key)) })
	tx.addRule(name, how)
}

// addRule adds a rule. If there are too many, the sweep is done now: that is rare,
// and the only way to make room that does not take back what others were told.
func (tx *Tx) addRule(name ruleName, how Invalidation) {
	if tx.engine.cache.rules.full(name) {
		tx.revokeAll(func(waitKey, *lease) bool { return true })
		tx.sweepAll()
	}
	tx.putRule(name, how == Soft)
}

// recountTags counts the tags of all values again if rules were loaded after them.
func (tx *Tx) recountTags() {
	e := tx.engine
	if !e.cache.recount {
		return
	}
	e.cache.recount = false
	for i := range e.shards {
		s := &e.shards[i]
		if s.cache == nil {
			continue
		}
		for name := range s.cache.tags {
			s.cache.dropTag(name)
		}
		for db := range s.dbs {
			s.eachCached(db, func(c cached) { s.countTags(c, db, 1) })
		}
		s.count()
	}
}

// eachCached calls fn with every cached value of a database.
func (s *shard) eachCached(db int, fn func(c cached)) {
	t := s.dbs[db].index
	if t == nil {
		return
	}
	t.All(func(ref uint64) bool {
		if e := s.entry(ref); e.kind() == change.Cached {
			fn(s.cached(e))
		}
		return true
	})
}
