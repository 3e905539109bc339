package engine

import (
	"math"

	"kvd/internal/change"
)

const (
	noDeadline = math.MaxInt64
	// expiryBatch is how many keys are expired before a shard's lock is let go.
	expiryBatch = 200
	// expiryMost is how many keys one ExpireDue deletes, so that the store can
	// say in between that it has enough to write.
	expiryMost = 20_000
)

// placeDeadline tells an entry its new place in the expiry queue.
func (s *shard) placeDeadline(d deadline, place uint32) { s.entry(d.ref()).setDeadline(place) }

// noteDeadline publishes the shard's earliest deadline.
func (s *shard) noteDeadline() {
	at := int64(noDeadline)
	if len(s.deadlines.items) > 0 {
		at = min(s.deadlines.items[0].at, noDeadline-1)
	}
	if s.nextDeadline.Load() != at {
		s.nextDeadline.Store(at)
	}
}

// expire deletes an entry whose time has passed. key must not be the entry's
// own memory. Event: expired.
func (tx *Tx) expire(f found, db int, key []byte) {
	home, origin := tx.db, tx.origin
	tx.db, tx.origin = db, Origin{Command: "expired"}
	tx.remove(f, key)
	tx.event(change.EventExpired, "expired", key)
	tx.db, tx.origin = home, origin
	f.shard.stats.expired++
}

// ExpireDue deletes keys and fields of hashes whose time has passed, some ten
// thousands at most, and returns how many.
func (e *Engine) ExpireDue() int {
	now := e.opt.Clock.Now().UnixMilli()
	n := 0
	for i := range e.shards {
		for n < expiryMost && e.shards[i].nextDeadline.Load() < now {
			n += e.expireShard(i, now)
		}
		for n < expiryMost && e.shards[i].nextField.Load() < now {
			n += e.expireFields(i, now)
		}
	}
	return n
}

// expireShard deletes up to a batch of expired keys of one shard.
func (e *Engine) expireShard(i int, now int64) (n int) {
	tx := e.newTx(0, now, NoTouch)
	tx.single = i
	s := &e.shards[i]
	s.mu.Lock()
	for n < expiryBatch && len(s.deadlines.items) > 0 && s.deadlines.items[0].at < now {
		d := s.deadlines.items[0]
		ent := s.entry(d.ref())
		key := tx.lasting(s.key(ent))
		tx.expire(found{s, e.hash(key), d.ref(), ent}, d.db(), key)
		n++
	}
	tx.Commit()
	return n
}
