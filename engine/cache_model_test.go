package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// modelCache says plainly what a cache is: one database of keys, with every
// invalidation carried out at once.
type modelCache struct {
	now    int64
	values map[string]*modelValue
	leases map[string]*modelLease
	// times counts everything that happens; tokens and invalidations compare by it.
	times  int
	tagged map[string]int // when each tag was last invalidated
}

type modelValue struct {
	text     string
	plain    bool
	negative bool
	tags     []string
	fresh    int64 // 0: for ever
	expires  int64
}

type modelLease struct {
	at    int // of times
	token uint64
	end   int64
}

func newModelCache(now int64) *modelCache {
	return &modelCache{now: now, values: map[string]*modelValue{}, leases: map[string]*modelLease{}, tagged: map[string]int{}}
}

// look returns the value at a key, if it has not expired.
func (m *modelCache) look(key string) *modelValue {
	v := m.values[key]
	if v != nil && (v.expires != 0 && m.now > v.expires || v.negative && !m.isFresh(v)) {
		delete(m.values, key)
		return nil
	}
	return v
}

func (m *modelCache) isFresh(v *modelValue) bool { return v.fresh == 0 || m.now <= v.fresh }

// plain is what GET sees.
func (m *modelCache) plain(key string) (string, bool) {
	if v := m.look(key); v != nil && !v.negative && m.isFresh(v) {
		return v.text, true
	}
	return "", false
}

func (m *modelCache) lease(key string) *modelLease {
	if l := m.leases[key]; l != nil && m.now < l.end {
		return l
	}
	return nil
}

// get is CacheGet without early refreshes; a lease is noted by take.
func (m *modelCache) get(key string, lease bool) (CacheStatus, string) {
	v := m.look(key)
	held := m.lease(key) != nil
	switch {
	case v != nil && m.isFresh(v) && v.negative:
		return CacheNegative, v.text
	case v != nil && m.isFresh(v):
		return CacheHit, v.text
	case v != nil && !v.negative && lease && !held:
		return CacheRefresh, v.text
	case v != nil && !v.negative:
		return CacheStale, v.text
	case held && lease:
		return CacheWait, ""
	case lease:
		return CacheLease, ""
	}
	return CacheMiss, ""
}

// may reports whether a fill with these tags is accepted under a token.
func (m *modelCache) may(key string, token uint64, tags []string) bool {
	l := m.lease(key)
	if l == nil || l.token != token {
		return false
	}
	for _, tag := range tags {
		if m.tagged[tag] > l.at {
			delete(m.leases, key)
			return false
		}
	}
	return true
}

// invalidate does at once what a rule does little by little.
func (m *modelCache) invalidate(soft bool, which func(key string, v *modelValue) bool) {
	for key, v := range m.values {
		switch {
		case v.plain || !which(key, v):
		case soft && !v.negative:
			if m.isFresh(v) {
				v.fresh = m.now - 1
			}
		default:
			delete(m.values, key)
		}
	}
}

// cacheMachine plays the same on an engine and on the model.
type cacheMachine struct {
	engine  *Engine
	advance func(time.Duration)
	model   *modelCache
	tokens  []uint64
}

var (
	modelKeys = []string{"a:1", "a:2", "b:1", "c"}
	modelTags = []string{"t", "u", "v"}
)

func (c *cacheMachine) do(fn func(tx *Tx)) {
	do(c.engine, func(tx *Tx) {
		tx.SetMode(0)
		fn(tx)
	})
}

func (c *cacheMachine) get(t *rapid.T) {
	key, lease := rapid.SampledFrom(modelKeys).Draw(t, "key"), rapid.Bool().Draw(t, "lease")
	q := CacheQuery{}
	if lease {
		q.Lease = 100
	}
	status, text := c.model.get(key, lease)
	c.do(func(tx *Tx) {
		r, err := tx.CacheGet([]byte(key), q)
		if err != nil || r.Status != status || string(r.Value.Bytes()) != text {
			t.Fatalf("get %s: status %d, %q, %v; want %d, %q", key, r.Status, r.Value.Bytes(), err, status, text)
		}
		if granted := status == CacheLease || status == CacheRefresh; granted != (r.Token != 0) {
			t.Fatalf("status %d with token %d", status, r.Token)
		}
		if r.Token != 0 {
			c.model.times++
			c.model.leases[key] = &modelLease{c.model.times, r.Token, c.model.now + q.Lease}
			c.tokens = append(c.tokens, r.Token)
		}
	})
}

// token draws one that was given out, mostly the live one of the key.
func (c *cacheMachine) token(t *rapid.T, key string) uint64 {
	if l := c.model.leases[key]; l != nil && rapid.IntRange(0, 3).Draw(t, "live") > 0 {
		return l.token
	}
	return rapid.SampledFrom(append(c.tokens, 1<<62)).Draw(t, "token")
}

func (c *cacheMachine) put(t *rapid.T) {
	key := rapid.SampledFrom(modelKeys).Draw(t, "key")
	tags := rapid.SliceOfNDistinct(rapid.SampledFrom(modelTags), 0, 2, rapid.ID[string]).Draw(t, "tags")
	p := CachePut{Value: []byte(rapid.StringN(0, 3, -1).Draw(t, "value")), Event: "cache.set"}
	p.TTL = rapid.SampledFrom([]int64{0, 50, 200}).Draw(t, "ttl")
	if p.TTL > 0 {
		p.Stale = rapid.SampledFrom([]int64{0, 100}).Draw(t, "stale")
	}
	for _, tag := range tags {
		p.Tags = append(p.Tags, []byte(tag))
	}
	p.Negative = rapid.IntRange(0, 4).Draw(t, "kind") == 0
	accepted := true
	if rapid.Bool().Draw(t, "fenced") {
		p.Token = c.token(t, key)
		accepted = c.model.may(key, p.Token, tags)
	}
	c.do(func(tx *Tx) {
		if err := tx.CachePut([]byte(key), p); (err == nil) != accepted {
			t.Fatalf("put %s: %v, want accepted %v", key, err, accepted)
		}
	})
	if !accepted {
		return
	}
	delete(c.model.leases, key)
	v := &modelValue{text: string(p.Value), negative: p.Negative, tags: tags}
	if p.TTL > 0 {
		v.fresh = c.model.now + p.TTL
		v.expires = v.fresh + p.Stale
	}
	c.model.values[key] = v
}

func (c *cacheMachine) endLease(t *rapid.T) {
	key := rapid.SampledFrom(modelKeys).Draw(t, "key")
	token := c.token(t, key)
	l := c.model.lease(key)
	ok := l != nil && l.token == token
	c.do(func(tx *Tx) {
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			if got := tx.FailLease([]byte(key), token, 0); got != ok {
				t.Fatalf("fail %s: %v, want %v", key, got, ok)
			} else if got {
				delete(c.model.leases, key)
			}
		case 1:
			if got := tx.RenewLease([]byte(key), token, 300); got != ok {
				t.Fatalf("renew %s: %v, want %v", key, got, ok)
			} else if got {
				l.end = c.model.now + 300
			}
		default:
			_, want := c.model.plain(key)
			if got := tx.Delete([]byte(key)); got != want {
				t.Fatalf("delete %s: %v, want %v", key, got, want)
			}
			delete(c.model.values, key)
			delete(c.model.leases, key)
		}
	})
}

func (c *cacheMachine) plainWrite(t *rapid.T) {
	key := rapid.SampledFrom(modelKeys).Draw(t, "key")
	at := rapid.SampledFrom([]int64{0, 80}).Draw(t, "expiry")
	if at > 0 {
		at += c.model.now
	}
	c.do(func(tx *Tx) {
		if rapid.Bool().Draw(t, "expire") {
			_, want := c.model.plain(key)
			if got := tx.Expire([]byte(key), Expiry(at)); got != want {
				t.Fatalf("expire %s: %v, want %v", key, got, want)
			} else if !got {
				delete(c.model.values, key) // a command that writes has removed what it does not see
				return
			}
			v := c.model.values[key]
			v.expires = at
			if !v.plain {
				v.fresh = at
			}
			return
		}
		tx.SetString([]byte(key), []byte("plain"), Expiry(at))
		delete(c.model.leases, key)
		c.model.values[key] = &modelValue{text: "plain", plain: true, expires: at}
	})
}

func (c *cacheMachine) invalidate(t *rapid.T) {
	m := c.model
	how := rapid.SampledFrom([]Invalidation{Hard, Soft}).Draw(t, "how")
	revoke := func(which func(key string) bool) {
		for key := range m.leases {
			if which(key) {
				delete(m.leases, key)
			}
		}
	}
	c.do(func(tx *Tx) {
		switch rapid.IntRange(0, 3).Draw(t, "by") {
		case 0:
			key := rapid.SampledFrom(modelKeys).Draw(t, "key")
			v := m.look(key)
			known := v != nil && !v.plain
			if got := tx.InvalidateKey([]byte(key), how); got != known {
				t.Fatalf("invalidate %s: %v, want %v", key, got, known)
			}
			m.invalidate(how == Soft, func(k string, _ *modelValue) bool { return k == key })
			revoke(func(k string) bool { return k == key })
		case 1:
			tag := rapid.SampledFrom(modelTags).Draw(t, "tag")
			has := func(_ string, v *modelValue) bool { return slices.Contains(v.tags, tag) }
			tx.InvalidateTag([]byte(tag), how)
			m.invalidate(how == Soft, has)
			m.times++
			m.tagged[tag] = m.times
		case 2:
			prefix := rapid.SampledFrom([]string{"a:", "b", ""}).Draw(t, "prefix")
			begins := func(key string) bool { return len(key) >= len(prefix) && key[:len(prefix)] == prefix }
			tx.InvalidatePrefix([]byte(prefix), how)
			m.invalidate(how == Soft, func(key string, _ *modelValue) bool { return begins(key) })
			revoke(begins)
		default:
			tx.InvalidatePattern([]byte("?:1"), how)
			fits := func(key string) bool { return len(key) == 3 && key[1:] == ":1" }
			m.invalidate(how == Soft, func(key string, _ *modelValue) bool { return fits(key) })
			revoke(fits)
		}
	})
}

// check compares what plain commands see, and the tags.
func (c *cacheMachine) check(t *rapid.T) {
	do(c.engine, func(tx *Tx) {
		for _, key := range modelKeys {
			text, want := c.model.plain(key)
			if s, err := tx.PeekString([]byte(key)); err != nil || s.Exists() != want || string(s.Bytes()) != text {
				t.Fatalf("%s = %q, %v, %v; want %q, %v", key, s.Bytes(), s.Exists(), err, text, want)
			}
			var tags, should []string
			if err := tx.CacheTags([]byte(key), func(tag []byte) bool { tags = append(tags, string(tag)); return true }); err != nil {
				t.Fatal(err)
			}
			if v := c.model.look(key); v != nil {
				should = v.tags
			}
			if fmt.Sprint(tags) != fmt.Sprint(should) {
				t.Fatalf("tags of %s: %v, want %v", key, tags, should)
			}
		}
	})
}

func TestCacheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e, clock := newCacheEngine()
		defer e.Close()
		c := &cacheMachine{engine: e, advance: clock.Advance, model: newModelCache(clock.Now().UnixMilli())}
		t.Repeat(map[string]func(*rapid.T){
			"get": c.get, "put": c.put, "end lease": c.endLease, "plain": c.plainWrite, "invalidate": c.invalidate,
			"time": func(t *rapid.T) {
				ms := rapid.SampledFrom([]int64{1, 30, 99, 150}).Draw(t, "ms")
				c.advance(time.Duration(ms) * time.Millisecond)
				c.model.now += ms
			},
			"sweep": func(*rapid.T) { e.sweepCache(); e.dropLeases() },
			"":      c.check,
		})
	})
}
