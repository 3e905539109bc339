package engine

import "kvd/internal/change"

// CachePut is what is stored in the cache.
type CachePut struct {
	Value []byte
	// Negative says that there is nothing to store, and Value why.
	Negative bool
	// Token is that of the lease under which the value was computed; 0: there is
	// none, and one that there is is revoked.
	Token uint64
	// TTL is how long the value is fresh, in milliseconds; 0: for ever. Up to
	// Jitter percent of it are left off by chance, so that what was stored at once
	// does not end at once.
	TTL    int64
	Jitter int64
	// Stale is how long it is served after that, in milliseconds.
	Stale int64
	// Delta is how long it took to compute, in milliseconds; below 0: since the
	// lease was taken.
	Delta int64
	// Tags are names under which it can be invalidated.
	Tags [][]byte
	// Event names what was done, such as "cache.set".
	Event string
}

// CachePut stores a value, whatever the key held, and ends the lease. It fails with
// ErrLeaseLost, and stores nothing, if the token is not that of the live lease, or
// if one of the tags was invalidated after that was taken. Events: new, and the one
// that is named.
func (tx *Tx) CachePut(key []byte, p CachePut) error {
	s, hash := tx.shard(key)
	state := s.cacheState()
	if p.Token != 0 {
		l := s.lease(tx.db, key, tx.now)
		if l == nil || l.token != p.Token || tx.outdated(p.Tags, l.token) {
			if l != nil && l.token == p.Token {
				tx.revoke(key)
			}
			state.note(key, countLeaseLost)
			return ErrLeaseLost
		}
		if p.Delta < 0 {
			p.Delta = tx.now - l.since
		}
	}
	p.Delta = max(p.Delta, 0)
	tx.dropLease(s, tx.db, key)
	f, ok := tx.present(s, hash, tx.db, key)
	tx.storeCached(f, ok, key, &p)
	state.note(key, countFills)
	return nil
}

// outdated reports whether one of the tags was invalidated after a revision.
func (tx *Tx) outdated(tags [][]byte, rev uint64) bool {
	rules := &tx.engine.cache.rules
	if len(rules.tags) == 0 {
		return false
	}
	for _, tag := range tags {
		if r := rules.tags[ruleName{tx.space(), tagRule, string(tag)}]; r != nil && max(r.dead, r.soft) > rev {
			return true
		}
	}
	return false
}

// storeCached writes a value over f, with its row and event.
func (tx *Tx) storeCached(f found, ok bool, key []byte, p *CachePut) {
	until, at := tx.lifetime(p)
	stored := tx.cachedForm(p, until)
	if ok {
		tx.lose(f, key)
		tx.dropElements(f)
	}
	tx.put(change.Row{
		Op: change.Put, Kind: change.Key, Type: change.Cached, Space: tx.space(), Expire: at, Key: key, Value: stored,
	})
	resized := f.shard.write(tx.db, f.hash, f.ref, key, content{
		kind: change.Cached, value: stored, at: at, stamp: tx.stampOf(f, ok), epoch: tx.epoch,
	})
	tx.resized = tx.resized || resized
	if !ok {
		tx.event(change.EventNew, "new", key)
	}
	tx.event(change.EventModule, p.Event, key)
	tx.wake(f.shard, key)
}

// lifetime is until when a value is fresh and when it goes, in unix milliseconds;
// 0: never.
func (tx *Tx) lifetime(p *CachePut) (until, at int64) {
	if p.TTL == 0 {
		return 0, 0
	}
	ttl := p.TTL
	if p.Jitter > 0 {
		ttl -= int64(float64(ttl) * float64(p.Jitter) / 100 * tx.engine.chance())
	}
	until = tx.now + max(ttl, 1)
	return until, until + p.Stale
}

// cachedForm returns what is stored of p: large values are kept, others last until
// the commit.
func (tx *Tx) cachedForm(p *CachePut, until int64) []byte {
	room := len(p.Value) + cachedFixed
	for _, tag := range p.Tags {
		room += len(tag) + 2
	}
	rev := tx.nextRev()
	if room >= Large {
		return appendCached(make([]byte, 0, room), p, until, rev)
	}
	from := len(tx.scratch)
	tx.scratch = appendCached(tx.scratch, p, until, rev)
	return tx.scratch[from:len(tx.scratch):len(tx.scratch)]
}

// CacheTags calls fn with every tag of the cached value at key, if there is one
// that is not dead, until fn returns false. Like Look, it notes no access. It fails
// with WRONGTYPE for what is no string.
func (tx *Tx) CacheTags(key []byte, fn func(tag []byte) bool) error {
	s, hash := tx.shard(key)
	f, ok := tx.present(s, hash, tx.db, key)
	tx.countLookup(s, key, ok)
	if !ok {
		return nil
	}
	if f.kind() != change.Cached {
		_, err := tx.stringOf(f, key)
		return err
	}
	if c := s.cached(f.entry); tx.freshness(key, c) != dead {
		c.tags(fn)
	}
	return nil
}

// ScanTagged is Scan for the cached values with a tag that are not dead.
func (tx *Tx) ScanTagged(cursor uint64, count int, tag []byte, emit func(key []byte)) (next uint64) {
	return tx.scanEntries(cursor, count, func(s *shard, e entry) bool {
		if e.kind() != change.Cached || s.expired(e, tx.now) {
			return true
		}
		c, key := s.cached(e), s.key(e)
		if tx.freshness(key, c) == dead {
			return true
		}
		c.tags(func(t []byte) bool {
			if string(t) == string(tag) {
				emit(key)
			}
			return string(t) != string(tag)
		})
		return true
	})
}
