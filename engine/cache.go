package engine

import (
	"math"
	"math/rand/v2"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// Cached values.
//
// A cached value is a string that knows until when it is fresh, how long it took to
// compute, and under which tags it can be invalidated. While it is fresh, other
// commands see a string that expires when it is fresh no longer; after that, and if
// it is negative, they see no key, and one that writes removes it. The cache's own
// commands find it until it expires for good.
//
// Invariants: at most one lease is live per key. A value is never served fresh that
// is as old as an invalidation that it is under, and never stored by who took the
// lease before one.

// CacheStatus is what a lookup found, and what the client is to do.
type CacheStatus uint8

// What a lookup can find.
const (
	CacheMiss     CacheStatus = iota // nothing, and no lease was asked for
	CacheHit                         // a fresh value
	CacheRefresh                     // a value, and the client has the lease to compute it anew
	CacheStale                       // a value that is fresh no longer
	CacheLease                       // nothing, and the client has the lease to compute it
	CacheWait                        // nothing, and another client computes it
	CacheNegative                    // that there is nothing; the value is the reason
)

// CacheQuery is how a key is looked up.
type CacheQuery struct {
	// Lease is how long the client needs to compute the value, in milliseconds; 0:
	// it does not want to.
	Lease int64
	// Waits is set where the client would wait for one who computes.
	Waits bool
	// Beta is how early values are computed anew, in times of their compute time;
	// 1 is usual, 0 never.
	Beta float64
	// Check, if not nil, says what is wrong with a value: then the lookup fails with
	// that, and changes nothing.
	Check func(value []byte) error
	// Again is set when a client that waits looks again.
	Again bool
}

// CacheReply is the result of a lookup.
type CacheReply struct {
	Status CacheStatus
	Value  String // valid until the key is written
	Token  uint64 // of the lease, if the client has it
	// TTL is in milliseconds how long the value is fresh (-1: for ever; 0 if it is
	// no longer), or how long a lease lives, the client's or the other's (-2: there
	// is none).
	TTL int64
}

// CacheGet looks a key up in the cache. A plain string is a hit. It fails with
// WRONGTYPE, with ErrCold, and with what Check says.
func (tx *Tx) CacheGet(key []byte, q CacheQuery) (CacheReply, error) {
	s, hash := tx.shard(key)
	f, ok := tx.present(s, hash, tx.db, key)
	tx.countLookup(s, key, ok)
	r := CacheReply{Status: CacheMiss, TTL: -2}
	if ok {
		var err error
		if r, err = tx.fromCache(f, key, q); err != nil {
			return r, err
		}
	}
	if r.Status == CacheMiss {
		r = tx.missed(s, key, q)
	}
	if !q.Again {
		s.cacheState().noteLookup(key, r.Status)
	}
	return r, nil
}

// countLookup counts a hit or a miss, as look does.
func (tx *Tx) countLookup(s *shard, key []byte, ok bool) {
	switch {
	case tx.mode&Reads == 0:
	case ok:
		s.stats.hits++
	default:
		s.stats.misses++
		tx.event(change.EventMissed, "keymiss", key)
	}
}

// fromCache is the reply that an entry gives; a miss if there is nothing in it to use.
func (tx *Tx) fromCache(f found, key []byte, q CacheQuery) (CacheReply, error) {
	if tx.mode&NoTouch == 0 {
		tx.engine.memory.touch(f.entry, tx.now)
	}
	if f.kind() != change.Cached {
		v, err := tx.stringOf(f, key)
		if err == nil {
			err = q.check(v)
		}
		return CacheReply{Status: CacheHit, Value: v, TTL: tx.left(f.shard.deadlineOf(f.entry))}, err
	}
	c := f.shard.cached(f.entry)
	state := tx.freshness(key, c)
	if state == dead {
		return CacheReply{Status: CacheMiss}, nil
	}
	r := CacheReply{Status: CacheHit, Value: f.shard.freshString(f.entry)}
	if !c.negative() {
		if err := q.check(r.Value); err != nil {
			return r, err
		}
	}
	if state == fresh {
		r.TTL = tx.left(c.fresh())
	}
	switch {
	case c.negative():
		r.Status = CacheNegative
	case state == fresh && !tx.early(c, q):
	case q.Lease > 0 && f.shard.lease(tx.db, key, tx.now) == nil:
		token, ok := tx.grant(f.shard, key, q.Lease)
		if ok {
			r.Status, r.Token = CacheRefresh, token
			break
		}
		fallthrough
	case state == stale:
		r.Status = staleOr(state)
	}
	return r, nil
}

func (q *CacheQuery) check(v String) error {
	if q.Check == nil {
		return nil
	}
	return q.Check(v.Bytes())
}

// staleOr is the status of a value of which the client has no lease.
func staleOr(state freshness) CacheStatus {
	if state == fresh {
		return CacheHit
	}
	return CacheStale
}

// missed is the reply where nothing usable was found.
func (tx *Tx) missed(s *shard, key []byte, q CacheQuery) CacheReply {
	if l := s.lease(tx.db, key, tx.now); l != nil {
		if q.Lease == 0 && !q.Waits {
			return CacheReply{Status: CacheMiss, TTL: -2}
		}
		if q.Waits {
			tx.awaitLease(key, l)
		}
		return CacheReply{Status: CacheWait, TTL: l.end - tx.now}
	}
	if q.Lease > 0 {
		if token, ok := tx.grant(s, key, q.Lease); ok {
			return CacheReply{Status: CacheLease, Token: token, TTL: q.Lease}
		}
	}
	return CacheReply{Status: CacheMiss, TTL: -2}
}

// left is the time to a moment, in milliseconds; -1: it never comes.
func (tx *Tx) left(at int64) int64 {
	if at == 0 {
		return -1
	}
	return max(0, at-tx.now)
}

// early decides whether a fresh value is to be computed anew already: the more
// likely the longer that takes and the sooner it is needed, so that of many clients
// about one begins just in time. It is XFetch, from Vattani, Chierichetti,
// Lowenstein: Optimal Probabilistic Cache Stampede Prevention (VLDB 2015).
func (tx *Tx) early(c cached, q CacheQuery) bool {
	if q.Lease == 0 || q.Beta <= 0 || c.fresh() == 0 || c.delta() == 0 {
		return false
	}
	unit, left := float64(c.delta())*q.Beta, float64(c.fresh()-tx.now)
	return left <= unit*maxEarly && -math.Log(1-tx.engine.chance())*unit >= left
}

// maxEarly is more than the greatest logarithm that chance can lead to.
const maxEarly = 37

// chance returns a number from 0 up to 1.
func (e *Engine) chance() float64 {
	if e.opt.Chance != nil {
		return e.opt.Chance()
	}
	return rand.Float64()
}

// noteLookup counts a lookup by its outcome.
func (c *shardCache) noteLookup(key []byte, status CacheStatus) {
	switch status {
	case CacheHit:
		c.note(key, countHit)
	case CacheStale:
		c.note(key, countStale)
	case CacheRefresh:
		c.note(key, countRefresh)
	case CacheNegative:
		c.note(key, countNegative)
	case CacheWait:
		c.note(key, countWait)
		c.note(key, countMiss)
	case CacheMiss, CacheLease:
		c.note(key, countMiss)
	}
}

// freshness is how good a cached value is.
type freshness uint8

// How good it may be.
const (
	fresh freshness = iota
	stale           // to be served only while nothing better is there
	dead            // as if it were not there
)

// freshness looks at the time and at the rules.
func (tx *Tx) freshness(key []byte, c cached) freshness {
	return tx.engine.freshness(tx.db, key, c, tx.now)
}

func (e *Engine) freshness(db int, key []byte, c cached, now int64) freshness {
	state := e.age(db, key, c, now)
	if state == stale && c.negative() {
		return dead // nobody is served a reason that may be none any more
	}
	return state
}

// age is freshness without regard to what is cached.
func (e *Engine) age(db int, key []byte, c cached, now int64) freshness {
	if rules := &e.cache.rules; c.rev() <= rules.newest {
		gone, soft := rules.of(e.spaces.of(db), key, c)
		switch {
		case c.rev() <= gone:
			return dead
		case c.rev() <= soft:
			return stale
		}
	}
	if until := c.fresh(); until != 0 && now > until {
		return stale
	}
	return fresh
}

// concealed reports whether other commands than the cache's do not see an entry
// that is there.
func (s *shard) concealed(e entry, db int, key []byte, now int64) bool {
	if e.kind() != change.Cached {
		return false
	}
	c := s.cached(e)
	return c.negative() || s.engine.freshness(db, key, c, now) != fresh
}

// conceal takes an entry that is concealed out of the way of a command that writes.
// Event: expired.
func (tx *Tx) conceal(f found, db int, key []byte) {
	if tx.mode&(Frozen|Reads) == 0 {
		tx.expire(f, db, key)
	}
}

// ErrLeaseLost refuses a fill of who has not the lease, or not any more.
var ErrLeaseLost = rediserr.Coded("LEASELOST", "the lease of this key has ended or was revoked")
