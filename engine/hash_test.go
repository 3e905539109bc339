package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kvd/internal/change"
)

var fewFields = HashLimits{Entries: 4, Value: 64}

// withHash calls fn with the hash at a key of a database.
func withHash(t interface{ Fatalf(string, ...any) }, e *Engine, db int, key string, fn func(tx *Tx, h *Hash)) {
	do(e, func(tx *Tx) {
		tx.Select(db)
		h, err := tx.Hash([]byte(key))
		if err != nil {
			t.Fatalf("%v", err)
		}
		fn(tx, &h)
	})
}

// TestHashEvents: a command on a hash records what it does, once.
func TestHashEvents(t *testing.T) {
	o := &events{}
	e, c := newEngineWith(t, Options{Store: Discard{}, Observer: o})
	e.SetEvents(change.EventGeneric | change.EventHash | change.EventNew | change.EventExpired)
	now := Expiry(c.Now().UnixMilli())
	silent := func([]byte, FieldExpiry) {}
	steps := []struct {
		do   func(h *Hash)
		want []string
	}{
		{func(h *Hash) { h.Set(words("a", "1", "b", "2"), fewFields) }, []string{"new", "hset"}},
		{func(h *Hash) { h.PutInt([]byte("a"), 7, fewFields) }, []string{"hincrby"}},
		{func(h *Hash) { h.Expire(words("a", "b"), now+10, Always, silent) }, []string{"hexpire"}},
		{func(h *Hash) { h.Expire(words("a"), NoExpiry, Always, silent) }, []string{"hpersist"}},
		{func(h *Hash) { h.Expire(words("none"), now+10, Always, silent) }, nil},
		{func(*Hash) { c.Advance(20 * time.Millisecond) }, nil},
		{func(*Hash) {}, []string{"hexpired"}},
		{func(h *Hash) { h.SetUntil(words("c", "3"), now+1000, fewFields) }, []string{"hset", "hexpire"}},
		{func(h *Hash) { h.Take(words("none"), nil) }, nil},
		{func(h *Hash) { h.Take(words("c"), nil) }, []string{"hdel"}},
		{func(h *Hash) { h.Expire(words("a"), now, Always, silent) }, []string{"hdel", "del"}},
		{func(h *Hash) { h.SetUntil(words("c", "3"), now, fewFields) }, []string{"new", "hset", "hdel", "del"}},
		{func(h *Hash) { h.SetUntil(words("c", "3"), now+1000, fewFields) }, []string{"new", "hset", "hexpire"}},
		{func(*Hash) { c.Advance(time.Hour); e.ExpireDue() }, nil},
	}
	for i, step := range steps {
		o.names = nil
		if i == len(steps)-1 {
			step.do(nil)
			step.want = []string{"hexpired", "del"}
		} else {
			withHash(t, e, 0, "h", func(_ *Tx, h *Hash) { step.do(h) })
		}
		if !slices.Equal(o.names, step.want) {
			t.Errorf("step %d: events %v, want %v", i, o.names, step.want)
		}
	}
}

// TestHashCompact: the mark of a hash that is no longer compact stays.
func TestHashCompact(t *testing.T) {
	e, _ := newEngine(t)
	steps := []struct {
		pairs   []string
		take    []string
		compact bool
	}{
		{pairs: []string{"a", "1", "b", "2", "c", "3", "d", "4"}, compact: true},
		{pairs: []string{"e", "5"}},
		{take: []string{"e", "d"}},
		{take: []string{"a", "b", "c"}},
		{pairs: []string{"a", strings.Repeat("x", 64)}, compact: true},
		{pairs: []string{"a", strings.Repeat("x", 65)}},
	}
	for i, s := range steps {
		withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
			if len(s.pairs) > 0 {
				h.Set(words(s.pairs...), fewFields)
			}
			h.Take(words(s.take...), nil)
			if h.Compact() != s.compact {
				t.Errorf("step %d: compact is %v", i, h.Compact())
			}
		})
	}
}

// TestManyFieldsExpireAtOnce: opening such a hash removes a part of them, and
// the others are not seen.
func TestManyFieldsExpireAtOnce(t *testing.T) {
	e, c := newEngine(t)
	now := Expiry(c.Now().UnixMilli())
	const count = 3 * purgeMost
	withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
		for i := range count {
			h.SetUntil(words(fmt.Sprint("f", i), "v"), now+1, fewFields)
		}
		h.Set(words("stays", "v"), fewFields)
	})
	c.Advance(time.Second)
	withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
		if h.Len() != count-purgeMost+1 || h.Count() != 1 {
			t.Errorf("%d fields, counted %d", h.Len(), h.Count())
		}
		for range 20 {
			if field, _, ok := h.Random(); !ok || string(field) != "stays" {
				t.Errorf("Random gives %s, %v", field, ok)
			}
		}
		sample := 0
		h.Sample(5, func(field, _ []byte) { sample++ })
		h.Scan(0, count, func(field, _ []byte) { sample += 100 })
		if _, ok := h.Get([]byte(fmt.Sprint("f", count-1))); ok || sample != 101 {
			t.Errorf("Get finds a field that has expired: %v; sample and scan %d", ok, sample)
		}
		if added := h.Set(words(fmt.Sprint("f", count-1), "w"), fewFields); added != 1 {
			t.Errorf("Set adds %d", added)
		}
	})
	e.ExpireDue()
	checkFields(t, e)
	withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
		if h.Len() != 2 {
			t.Errorf("%d fields are left", h.Len())
		}
	})
}

// TestHashRandomIsFair: each field comes up about as often as any other, in
// small and in large hashes.
func TestHashRandomIsFair(t *testing.T) {
	for _, size := range []int{1, 7, 300} {
		e, _ := newEngine(t)
		withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
			for i := range size {
				h.Set(words(fmt.Sprint("f", i), "value"), fewFields)
			}
			const each = 1000
			drawn := map[string]int{}
			for range each * size {
				field, value, ok := h.Random()
				if !ok || string(value) != "value" {
					t.Fatalf("Random gives %s, %v", value, ok)
				}
				drawn[string(field)]++
			}
			for range each {
				h.Sample(size/2, func(field, _ []byte) { drawn[string(field)]++ })
			}
			want := float64(each) * (1 + float64(size/2)/float64(size))
			for field, n := range drawn {
				if f := float64(n); f < want*0.8 || f > want*1.2 {
					t.Errorf("size %d: %s drawn %d times instead of %v", size, field, n, want)
				}
			}
			if len(drawn) != size {
				t.Errorf("%d of %d fields were drawn", len(drawn), size)
			}
		})
	}
}

func TestHashHotPathsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	e, c := newEngine(t)
	limits := loadedHash
	for _, size := range []int{10, 2000} {
		k := fmt.Append(nil, "hash of ", size)
		withHash(t, e, 0, string(k), func(_ *Tx, h *Hash) {
			for i := range size {
				h.Set(words(fmt.Sprint("f", i), "value"), limits)
			}
		})
		pair, fields := words("f7", "other"), words("f7")
		fresh, at := words("new", "value"), Expiry(c.Now().UnixMilli()+1000)
		silent := func([]byte, FieldExpiry) {}
		tests := map[string]func(h *Hash){
			"get":          func(h *Hash) { h.Get(fields[0]) },
			"set":          func(h *Hash) { h.Set(pair, limits) },
			"add and take": func(h *Hash) { h.Set(fresh, limits); h.Take(fresh[:1], nil) },
			"int":          func(h *Hash) { h.PutInt(fields[0], 12345, limits) },
			"random":       func(h *Hash) { h.Random() },
			"expire":       func(h *Hash) { h.Expire(fields, at, Always, silent) },
			"set timed":    func(h *Hash) { h.Set(pair, limits) },
		}
		for _, name := range []string{"get", "set", "add and take", "int", "random", "expire", "set timed"} {
			var h Hash
			run := func() {
				tx := e.BeginKey(0, c.Now().UnixMilli(), Reads, k)
				h, _ = tx.Hash(k)
				tests[name](&h)
				tx.Commit()
			}
			run()
			if n := testing.AllocsPerRun(200, run); n != 0 {
				t.Errorf("%s of %d: %v allocations", name, size, n)
			}
		}
	}
}

// TestFlushedHashesAreFreed: those with memory of their own, in a shard that has
// keys of another database, which keep their fields' place in the queue.
func TestFlushedHashesAreFreed(t *testing.T) {
	e, c := newEngineWith(t, Options{Store: Discard{}, Shards: 1})
	fill := func(db int) {
		withHash(t, e, db, "h", func(_ *Tx, h *Hash) {
			for i := range 100 {
				h.Set(words(fmt.Sprint("f", i), strings.Repeat("x", 4000)), loadedHash)
			}
			h.Expire(words("f1"), Expiry(c.Now().UnixMilli()+1000), Always, func([]byte, FieldExpiry) {})
		})
	}
	fill(0)
	before := e.Used()
	fill(1)
	do(e, func(tx *Tx) { tx.Flush(1) })
	checkFields(t, e)
	for e.garbage.any() {
		e.garbage.collect()
	}
	if used := e.Used(); used > before+before/10 {
		t.Errorf("%d bytes are in use, %d were before", used, before)
	}
	c.Advance(time.Hour)
	e.ExpireDue()
	withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
		if h.Len() != 99 {
			t.Errorf("%d fields", h.Len())
		}
	})
}
