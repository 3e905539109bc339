package engine

import (
	"slices"

	"kvd/internal/change"
)

// embrace takes the shards that the waiters of those need which the Tx has
// locked, and so on, so that all can be served. Nothing was looked at yet, so the
// locks can be let go and taken in order.
func (tx *Tx) embrace() {
	for {
		held, e := tx.locks(), tx.engine
		more := held
		held.each(func(i int) { more.addLock(&e.shards[i].waiters.reach) })
		if more == held {
			return
		}
		held.each(func(i int) { e.shards[i].mu.Unlock() })
		more.each(func(i int) { e.shards[i].mu.Lock() })
		tx.held, tx.single = more, -1
	}
}

// locks returns the shards that the Tx has locked.
func (tx *Tx) locks() Lock {
	held := tx.held
	if tx.single >= 0 {
		held.add(tx.single)
	}
	return held
}

// wake notes that a key was written, so that its waiters are tried before the
// commit. Keys are served in the order in which this was first called for them.
func (tx *Tx) wake(s *shard, key []byte) {
	if len(s.waiters.queues) == 0 || len(s.waiters.queues[waitKey{tx.db, string(key)}]) == 0 {
		return
	}
	at := waitKey{tx.db, string(key)}
	if !slices.Contains(tx.ready, at) {
		tx.ready = append(tx.ready, at)
	}
}

// lose is called for a key that is about to lose its value: who waits for more of
// a stream learns that it is gone, and a collection that it has one document less.
func (tx *Tx) lose(f found, key []byte) {
	switch f.kind() {
	case change.Stream:
		tx.wake(f.shard, key)
	case change.JSON:
		tx.engine.documentGone(tx.db, key)
	}
}

// wakeEmptied is wake for the streams of a database that is about to lose all
// its keys. The Tx holds all shards.
func (tx *Tx) wakeEmptied(db int) {
	tx.wakeAll(func(at waitKey, f found, ok bool) bool { return at.db == db && ok && f.kind() == change.Stream })
}

// wakeSwapped is wake for the keys of two databases that have just been
// exchanged: for those that are there now, and for the streams that were.
func (tx *Tx) wakeSwapped(a, b int) {
	home := tx.db
	defer func() { tx.db = home }()
	tx.wakeAll(func(at waitKey, _ found, ok bool) bool {
		switch at.db {
		case a:
			tx.db = b
		case b:
			tx.db = a
		default:
			return false
		}
		was, had := tx.find([]byte(at.key))
		return ok || had && was.kind() == change.Stream
	})
}

// wakeAll is wake for the keys of all databases that somebody waits for and that
// which chooses.
func (tx *Tx) wakeAll(which func(at waitKey, f found, ok bool) bool) {
	home := tx.db
	defer func() { tx.db = home }()
	for i := range tx.engine.shards {
		s := &tx.engine.shards[i]
		for at := range s.waiters.queues {
			tx.db = at.db
			key := []byte(at.key)
			f, ok := tx.present(s, tx.engine.hash(key), at.db, key)
			if which(at, f, ok) {
				tx.db = at.db
				tx.wake(s, key)
			}
		}
	}
}

// serve tries the waiters of the keys that were written, key by key, and of
// those that are written by that.
func (tx *Tx) serve() {
	home, mode := tx.db, tx.mode
	for len(tx.ready) > 0 {
		at := tx.ready[0]
		tx.ready = tx.ready[1:]
		tx.serveKey(at)
	}
	tx.db, tx.mode = home, mode
}

// serveKey tries the waiters of one key, oldest first.
func (tx *Tx) serveKey(at waitKey) {
	key := []byte(at.key)
	s, hash := tx.shard(key)
	for i := 0; i < len(s.waiters.queues[at]); {
		tx.db = at.db
		kind := change.NoType
		if f, ok := tx.present(s, hash, at.db, key); ok {
			kind = f.kind()
		} else if s.waiters.gone == 0 {
			return
		}
		w := s.waiters.queues[at][i]
		switch {
		case kind != w.Kind && !w.Gone:
			i++
		case !tx.extend(&w.lock):
			w.state.Store(stateCalled)
			tx.woken = append(tx.woken, w)
			return
		case tx.try(w, key, kind):
			tx.leave(w)
		default:
			i++
		}
	}
}

// try tries one waiter, whose shards are locked.
func (tx *Tx) try(w *Waiter, key []byte, kind change.Type) (served bool) {
	tx.db, tx.mode = w.db, NoTouch
	return w.Try(tx, key, kind)
}

// extend takes the shards of l that the Tx does not have yet, and reports
// whether it could. It never waits: that would be out of the order of locks.
func (tx *Tx) extend(l *Lock) bool {
	held := tx.locks()
	var got Lock
	ok := true
	l.each(func(i int) {
		if held.has(i) || !ok {
			return
		}
		if ok = tx.engine.shards[i].mu.TryLock(); ok {
			got.add(i)
		}
	})
	if !ok {
		got.each(func(i int) { tx.engine.shards[i].mu.Unlock() })
		return false
	}
	held.addLock(&got)
	tx.held, tx.single = held, -1
	return true
}

// leave takes a waiter that was served out of its queues, all of which are
// locked. Its list of keys belongs to its own goroutine and stays. If it had been
// called, those behind it in any of the queues have their turn now.
func (tx *Tx) leave(w *Waiter) {
	tx.db = w.db
	for _, k := range w.keys {
		s := tx.engine.shardFor(k)
		s.waiters.remove(waitKey{w.db, k}, w)
		if w.Called() {
			tx.wake(s, []byte(k))
		}
	}
	tx.served = append(tx.served, w)
	tx.woken = append(tx.woken, w)
}

// handOver tells those that were served which change set their replies depend
// on: seq, or the newest one that the Tx may have read. The locks are still
// held, so that a waiter that has left its queues knows why.
func (tx *Tx) handOver(seq uint64) {
	tx.held.each(func(i int) { seq = max(seq, tx.engine.shards[i].lastSeq) })
	for _, w := range tx.served {
		w.seq = seq
		w.state.Store(stateServed)
	}
}
