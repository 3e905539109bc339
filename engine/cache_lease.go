package engine

import (
	"time"

	"kvd/internal/clock"
)

// lease is the right of one client to compute what belongs at a key. At most one
// is live per key. It is in memory only and ends by time, or when it is revoked:
// by who writes or deletes the key, and by an invalidation.
type lease struct {
	// token is the revision at which the lease was taken. 0 is nobody's: after a
	// failure, nobody is to compute for a while.
	token      uint64
	since, end int64 // unix milliseconds
	// timer is set when somebody waits: who is next is to have the next lease.
	timer clock.Timer
}

// leaseBytes is about the memory of a lease without its key.
const leaseBytes = 160

// lease returns the live lease of a key, or nil if there is none or it is over.
func (s *shard) lease(db int, key []byte, now int64) *lease {
	if s.cache == nil || len(s.cache.leases) == 0 {
		return nil
	}
	l := s.cache.leases[waitKey{db, string(key)}]
	if l == nil || now >= l.end {
		return nil
	}
	return l
}

// grant gives out the lease of a key that has none. It refuses when memory is full:
// the client then computes like anybody else.
func (tx *Tx) grant(s *shard, key []byte, ms int64) (token uint64, ok bool) {
	if tx.engine.Full() {
		return 0, false
	}
	token = tx.nextRev()
	tx.putLease(s, key, lease{token: token, since: tx.now, end: tx.now + ms})
	return token, true
}

// putLease puts a lease in the place of what there is, if anything. Who waits goes
// on waiting.
func (tx *Tx) putLease(s *shard, key []byte, l lease) {
	c := s.cacheState()
	was := tx.dropLease(s, tx.db, key)
	if c.leases == nil {
		c.leases = make(map[waitKey]*lease)
	}
	c.leases[waitKey{tx.db, string(key)}] = &l
	c.bytes += leaseBytes + int64(len(key))
	if was != nil && was.timer != nil {
		tx.awaitLease(key, &l)
	}
}

// dropLease removes the lease of a key and returns it, over or not; nil: there was
// none.
func (tx *Tx) dropLease(s *shard, db int, key []byte) *lease {
	if s.cache == nil {
		return nil
	}
	l := s.cache.leases[waitKey{db, string(key)}]
	if l == nil {
		return nil
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	delete(s.cache.leases, waitKey{db, string(key)})
	s.cache.bytes -= leaseBytes + int64(len(key))
	tx.resized = true
	return l
}

// revoke ends the lease of a key, if there is one: what is being computed was not
// made of what is written now. Who waits for it is next.
func (tx *Tx) revoke(key []byte) {
	s, _ := tx.shard(key)
	if s.cache != nil && len(s.cache.leases) > 0 && tx.dropLease(s, tx.db, key) != nil {
		tx.wake(s, key)
	}
}

// revokeAll ends the leases that which chooses. All shards are locked.
func (tx *Tx) revokeAll(which func(at waitKey, l *lease) bool) {
	home := tx.db
	defer func() { tx.db = home }()
	for i := range tx.engine.shards {
		s := &tx.engine.shards[i]
		if s.cache == nil {
			continue
		}
		for at, l := range s.cache.leases {
			if which(at, l) {
				tx.db = at.db
				key := []byte(at.key)
				tx.dropLease(s, at.db, key)
				tx.wake(s, key)
			}
		}
	}
}

// revokeDatabases ends the leases of databases that lose their keys.
func (tx *Tx) revokeDatabases(a, b int) {
	tx.revokeAll(func(at waitKey, _ *lease) bool { return at.db == a || at.db == b })
}

// awaitLease has those who wait for a key looked at when its lease is over.
func (tx *Tx) awaitLease(key []byte, l *lease) {
	if l.timer == nil {
		e, at := tx.engine, waitKey{tx.db, string(key)}
		l.timer = e.opt.Clock.AfterFunc(time.Duration(l.end-tx.now)*time.Millisecond, func() { e.leaseOver(at, l) })
	}
}

// leaseOver is called when a lease that others wait for was to end: the first of them
// has the next one.
func (e *Engine) leaseOver(at waitKey, over *lease) {
	if !e.upkeep.begin() {
		return
	}
	defer e.upkeep.running.Done()
	key := []byte(at.key)
	tx := e.BeginKey(at.db, e.opt.Clock.Now().UnixMilli(), NoTouch, key)
	s, _ := tx.shard(key)
	l := s.lease(at.db, key, tx.now)
	switch l {
	case nil:
		tx.dropLease(s, at.db, key)
		tx.wake(s, key)
	case over: // it was renewed
		l.timer = nil
		tx.awaitLease(key, l)
	default:
		tx.awaitLease(key, l)
	}
	tx.Commit()
}

// dropEndedLeases removes the leases of a locked shard that are over, and returns
// the token of the oldest that is not, or the greatest number.
func (s *shard) dropEndedLeases(now int64) (oldest uint64) {
	oldest = 1<<64 - 1
	if s.cache == nil {
		return oldest
	}
	for at, l := range s.cache.leases {
		switch {
		case now >= l.end && l.timer == nil:
			delete(s.cache.leases, at)
			s.cache.bytes -= leaseBytes + int64(len(at.key))
		case now < l.end && l.token != 0:
			oldest = min(oldest, l.token)
		}
	}
	return oldest
}

// RenewLease has the lease of a key end so many milliseconds from now, if the token
// is the lease's and it is not over, and reports whether that is so.
func (tx *Tx) RenewLease(key []byte, token uint64, ms int64) bool {
	s, _ := tx.shard(key)
	l := s.lease(tx.db, key, tx.now)
	if l == nil || l.token != token || token == 0 {
		return false
	}
	l.end = tx.now + ms
	if l.timer != nil && l.timer.Stop() {
		l.timer = nil
		tx.awaitLease(key, l)
	}
	return true
}

// FailLease gives the lease of a key back, if the token is the lease's and it is
// not over, and reports whether that is so. For retry milliseconds nobody gets the
// next one.
func (tx *Tx) FailLease(key []byte, token uint64, retry int64) bool {
	s, _ := tx.shard(key)
	l := s.lease(tx.db, key, tx.now)
	if l == nil || l.token != token || token == 0 {
		s.cacheState().note(key, countLeaseLost)
		return false
	}
	if retry == 0 {
		tx.dropLease(s, tx.db, key)
		tx.wake(s, key)
		return true
	}
	tx.putLease(s, key, lease{since: tx.now, end: tx.now + retry})
	return true
}
