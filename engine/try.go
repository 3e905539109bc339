package engine

// TryBegin is Begin for those who must not wait, such as an event loop: it returns
// nil if a shard is not free at once.
func (e *Engine) TryBegin(db int, now int64, mode Mode, lock *Lock) *Tx {
	held := *lock
	for e.tryLock(&held) {
		more := held
		if mode&Reads == 0 {
			held.each(func(i int) { more.addLock(&e.shards[i].waiters.reach) })
		}
		if more == held {
			tx := e.newTx(db, now, mode)
			tx.single, tx.held = -1, held
			return tx
		}
		held.each(func(i int) { e.shards[i].mu.Unlock() })
		held = more
	}
	return nil
}

// tryLock locks all shards of a set, or none if one is not free.
func (e *Engine) tryLock(l *Lock) bool {
	var taken Lock
	free := true
	l.each(func(i int) {
		if free = free && e.shards[i].mu.TryLock(); free {
			taken.add(i)
		}
	})
	if !free {
		taken.each(func(i int) { e.shards[i].mu.Unlock() })
	}
	return free
}

// TryBeginKey is BeginKey for those who must not wait: it returns nil if the key's
// shard is not free at once.
func (e *Engine) TryBeginKey(db int, now int64, mode Mode, key []byte) *Tx {
	hash := e.hash(key)
	i := e.shardOf(hash)
	s := &e.shards[i]
	if !s.mu.TryLock() {
		return nil
	}
	if len(s.waiters.queues) > 0 && mode&Reads == 0 {
		s.mu.Unlock()
		var lock Lock
		lock.add(i)
		return e.TryBegin(db, now, mode, &lock)
	}
	tx := e.newTx(db, now, mode)
	tx.last = lookup{key, hash}
	tx.single = i
	return tx
}
