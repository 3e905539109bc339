package session

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"kvd/engine"
)

// cacheParts is how many parts the remembered keys are split into, a power of
// two.
const cacheParts = 64

// Caches knows which clients may have which keys in caches of their own, and
// tells them when those change. Names are not told apart by database, as in
// redis-server.
//
// Invariant: who may have cached a value is remembered before the lock of the
// key is let go under which it was read, and told after that of the write. So
// whoever has read an old value learns that it is old, after the reply that has
// it. To be told in vain is harmless.
//
// Its methods are safe for concurrent use; its locks are leaves.
type Caches struct {
	registry *Registry
	seed     maphash.Seed
	parts    [cacheParts]cachePart
	keys     atomic.Int64
	items    atomic.Int64 // clients, counted once for each of their keys
	prefixes prefixes
	turn     atomic.Uint32 // the part that is next to forget a key

	mu      sync.Mutex
	clients map[*Session]struct{} // that track
	watch   func(engine.WriteObserver)
}

// cachePart is the clients, by id and sorted, that may have cached a key.
type cachePart struct {
	mu   sync.Mutex
	keys map[string][]int64
}

// NewCaches returns one for the clients of a registry. It calls watch with
// itself when the first client tracks keys, and with nil when the last one has
// stopped.
func NewCaches(r *Registry, watch func(engine.WriteObserver)) *Caches {
	return &Caches{registry: r, seed: maphash.MakeSeed(), clients: make(map[*Session]struct{}), watch: watch}
}

// Start makes a session track keys as t says. The session's own goroutine calls
// it.
func (c *Caches) Start(s *Session, t *Tracking) {
	was := s.tracking.Swap(t)
	if t.Broadcast {
		c.prefixes.replace(s, was, t)
	}
	if was != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.clients) == 0 {
		c.watch(c)
	}
	c.clients[s] = struct{}{}
}

// Stop ends the tracking of a session, if it tracks. The session's own goroutine
// calls it. What was remembered of it is forgotten little by little.
func (c *Caches) Stop(s *Session) {
	was := s.tracking.Swap(nil)
	s.Caching = false
	if was == nil {
		return
	}
	if was.Broadcast {
		c.prefixes.replace(s, was, nil)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.clients, s)
	if len(c.clients) == 0 {
		c.watch(nil)
		c.forget()
	}
}

// Remember notes that a client is about to be sent what is stored at key. If
// more than most keys are remembered, who may have cached some others is told to
// forget them; 0 is no limit.
func (c *Caches) Remember(s *Session, key []byte, most int64) {
	if !s.remembers() {
		return
	}
	p := &c.parts[maphash.Bytes(c.seed, key)%cacheParts]
	p.mu.Lock()
	ids, known := p.keys[string(key)]
	if at, found := slices.BinarySearch(ids, s.ID); !found {
		if p.keys == nil {
			p.keys = make(map[string][]int64)
		}
		p.keys[string(key)] = slices.Insert(ids, at, s.ID)
		c.items.Add(1)
	}
	if !known {
		c.keys.Add(1)
	}
	p.mu.Unlock()
	if most > 0 && !known {
		c.limit(most)
	}
}

// evictMost is how many keys one Remember forgets to come back to the limit.
const evictMost = 100

// limit forgets keys until no more than most are left.
func (c *Caches) limit(most int64) {
	for n := 0; n < evictMost && c.keys.Load() > most; n++ {
		key, ok := c.anyKey()
		if !ok {
			return
		}
		c.invalidate([]byte(key), 0)
	}
}

// anyKey returns a remembered key.
func (c *Caches) anyKey() (string, bool) {
	from := c.turn.Add(1)
	for i := range uint32(cacheParts) {
		p := &c.parts[(from+i)%cacheParts]
		p.mu.Lock()
		for key := range p.keys {
			p.mu.Unlock()
			return key, true
		}
		p.mu.Unlock()
	}
	return "", false
}

// Written implements engine.WriteObserver.
func (c *Caches) Written(w *engine.Writes) {
	for _, key := range w.Keys {
		c.invalidate(key, w.By)
	}
	c.broadcast(w)
	if w.Emptied {
		c.emptied()
	}
}

// invalidate tells who may have cached a key that it has changed, and forgets
// it. by is who has changed it.
func (c *Caches) invalidate(key []byte, by int64) {
	ids := c.take(key)
	if len(ids) == 0 {
		return
	}
	news := newsOf([][]byte{key})
	for _, id := range ids {
		s := c.registry.Get(id)
		if s == nil {
			continue
		}
		if t := s.Tracking(); t != nil && !t.Broadcast && (!t.NoLoop || id != by) {
			c.tell(s, t, news)
		}
	}
}

// take removes a key and returns who may have cached it.
func (c *Caches) take(key []byte) []int64 {
	p := &c.parts[maphash.Bytes(c.seed, key)%cacheParts]
	p.mu.Lock()
	defer p.mu.Unlock()
	ids, known := p.keys[string(key)]
	if known {
		delete(p.keys, string(key))
		c.keys.Add(-1)
		c.items.Add(-int64(len(ids)))
	}
	return ids
}

// emptied tells all clients that track to forget all they have.
func (c *Caches) emptied() {
	c.forget()
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.clients {
		if t := s.Tracking(); t != nil {
			c.tell(s, t, everything)
		}
	}
}

// forget forgets all keys.
func (c *Caches) forget() {
	for i := range c.parts {
		p := &c.parts[i]
		p.mu.Lock()
		for _, ids := range p.keys {
			c.items.Add(-int64(len(ids)))
		}
		c.keys.Add(-int64(len(p.keys)))
		p.keys = nil
		p.mu.Unlock()
	}
}

// CacheTotals are sums for INFO.
type CacheTotals struct{ Clients, Keys, Items, Prefixes int64 }

// Totals returns how many clients track, how many keys are remembered, for how
// many clients each, and how many prefixes there are.
func (c *Caches) Totals() CacheTotals {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CacheTotals{int64(len(c.clients)), c.keys.Load(), c.items.Load(), c.prefixes.len()}
}

var _ engine.WriteObserver = (*Caches)(nil)
