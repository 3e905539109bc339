package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kvd/internal/change"
)

func key(i int) []byte { return fmt.Appendf(nil, "key:%d", i) }

// put sets keys from..to-1 with values of size bytes.
func put(e *Engine, from, to, size int, exp Expiry) {
	val := make([]byte, size)
	for i := from; i < to; i++ {
		k := key(i)
		tx := e.BeginKey(0, e.opt.Clock.Now().UnixMilli(), 0, k)
		tx.SetString(k, val, exp)
		tx.Commit()
	}
}

// read notes an access to a key and reports whether it is there.
func read(e *Engine, i int) bool {
	k := key(i)
	tx := e.BeginKey(0, e.opt.Clock.Now().UnixMilli(), Reads, k)
	defer tx.Commit()
	return tx.Exists(k)
}

func present(e *Engine, from, to int) (n int) {
	do(e, func(tx *Tx) {
		for i := from; i < to; i++ {
			if tx.Peek(key(i)) {
				n++
			}
		}
	})
	return n
}

// shrink sets the limit to a share of what is in use and evicts down to it.
func shrink(t *testing.T, e *Engine, policy Policy, share float64) {
	t.Helper()
	limit := int64(float64(e.Used()) * share)
	e.SetMemoryPolicy(MemoryPolicy{Limit: limit, Policy: policy, Samples: 5, LogFactor: 10, DecayMinutes: 1})
	for e.Full() {
		if !e.MakeRoom() {
			t.Fatalf("%v: %d bytes in use, limit %d, and nothing to evict", policy, e.Used(), limit)
		}
	}
}

func TestPolicyNames(t *testing.T) {
	for p := NoEviction; p <= UnloadLFU; p++ {
		if got, err := ParsePolicy(p.String()); err != nil || got != p {
			t.Errorf("ParsePolicy(%v) = %v, %v", p, got, err)
		}
	}
	if _, err := ParsePolicy("nosuch"); err == nil {
		t.Error("a policy without a name was found")
	}
}

func TestNoEviction(t *testing.T) {
	e, _ := newEngine(t)
	put(e, 0, 1000, 50, NoExpiry)
	e.SetMemoryPolicy(MemoryPolicy{Limit: e.Used(), Policy: NoEviction})
	if e.Full() || !e.MakeRoom() {
		t.Error("memory that is just enough is said to be full")
	}
	put(e, 1000, 1100, 50, NoExpiry)
	if !e.Full() || e.MakeRoom() || present(e, 0, 1100) != 1100 {
		t.Error("noeviction has evicted")
	}
}

// TestVictims looks whether each policy prefers the right half of the keys.
func TestVictims(t *testing.T) {
	const n = 4000 // the keys 0..n-1 should stay, n..2n-1 should go
	tests := []struct {
		policy Policy
		setUp  func(e *Engine, advance func(time.Duration))
		worst  int // how many of those that should stay may be gone
	}{
		{AllKeysLRU, func(e *Engine, advance func(time.Duration)) {
			put(e, n, 2*n, 50, NoExpiry)
			advance(time.Minute)
			put(e, 0, n, 50, NoExpiry)
		}, n / 20},
		{AllKeysLFU, func(e *Engine, _ func(time.Duration)) {
			put(e, 0, 2*n, 50, NoExpiry)
			for i := range n {
				for range 20 {
					read(e, i)
				}
			}
		}, n / 20},
		{VolatileLRU, func(e *Engine, advance func(time.Duration)) {
			put(e, n, 2*n, 50, 1_800_000_000_000)
			advance(time.Minute)
			put(e, 0, n/2, 50, 1_800_000_000_000)
			put(e, n/2, n, 50, NoExpiry)
		}, n / 20},
		{VolatileLFU, func(e *Engine, _ func(time.Duration)) {
			put(e, 0, 2*n, 50, 1_800_000_000_000)
			for i := range n {
				for range 20 {
					read(e, i)
				}
			}
		}, n / 20},
		{VolatileTTL, func(e *Engine, _ func(time.Duration)) {
			put(e, 0, n/2, 50, NoExpiry)
			put(e, n/2, n, 50, 1_900_000_000_000)
			for i := n; i < 2*n; i++ {
				put(e, i, i+1, 50, Expiry(1_800_000_000_000+rand.Int64N(1000)))
			}
		}, 0},
		{VolatileRandom, func(e *Engine, _ func(time.Duration)) {
			put(e, 0, n, 50, NoExpiry)
			put(e, n, 2*n, 50, 1_800_000_000_000)
		}, 0},
	}
	for _, test := range tests {
		t.Run(test.policy.String(), func(t *testing.T) {
			// Few shards, so that each has its share of both halves.
			e, c := newEngineWith(t, Options{Store: Discard{}, Shards: 16})
			e.SetMemoryPolicy(MemoryPolicy{Policy: test.policy, Samples: 5, LogFactor: 10, DecayMinutes: 1})
			test.setUp(e, c.Advance)
			shrink(t, e, test.policy, 0.7)
			if gone := n - present(e, 0, n); gone > test.worst {
				t.Errorf("%d of the keys that should stay are gone", gone)
			}
			if left := present(e, n, 2*n); left == 0 || left > n*3/4 {
				t.Errorf("%d of %d victims are left", left, n)
			}
		})
	}
}

func TestAllKeysRandomIsFair(t *testing.T) {
	e, _ := newEngine(t)
	put(e, 0, 10_000, 50, NoExpiry)
	shrink(t, e, AllKeysRandom, 0.5)
	first, second := present(e, 0, 5000), present(e, 5000, 10_000)
	if first < 2000 || second < 2000 || first+second > 6000 {
		t.Errorf("%d and %d of 5000 are left", first, second)
	}
}

// TestEvictionIsRecorded: an eviction is a deletion like any other.
func TestEvictionIsRecorded(t *testing.T) {
	j := &journal{}
	var seen events
	e, _ := newEngineWith(t, Options{Store: j, Observer: &seen})
	e.SetEvents(change.EventEvicted)
	put(e, 0, 1000, 100, NoExpiry)
	shrink(t, e, AllKeysLRU, 0.5)
	left := present(e, 0, 1000)
	var stats Stats
	do(e, func(tx *Tx) { stats = tx.Survey().Stats })
	if gone := 1000 - left; len(seen.names) != gone || seen.names[0] != "evicted" || stats.Evicted != uint64(gone) {
		t.Errorf("%d keys are gone, %d events, %d counted", gone, len(seen.names), stats.Evicted)
	}
	again, _ := newEngine(t)
	if err := replay(again, j.rows); err != nil || present(again, 0, 1000) != left {
		t.Errorf("replay has %d keys, want %d: %v", present(again, 0, 1000), left, err)
	}
}

// TestLimitHolds writes ten times what fits.
func TestLimitHolds(t *testing.T) {
	for _, policy := range []Policy{AllKeysLRU, AllKeysLFU, AllKeysRandom, VolatileLRU, VolatileTTL} {
		t.Run(policy.String(), func(t *testing.T) {
			e, c := newEngine(t)
			const limit = 2 << 20
			e.SetMemoryPolicy(MemoryPolicy{Limit: limit, Policy: policy, Samples: 5, LogFactor: 10, DecayMinutes: 1})
			size := func(i int) int { return []int{10, 100, 1000, 9000, 40_000}[i%5] }
			for i := range 4000 {
				if e.Full() && !e.MakeRoom() {
					t.Fatalf("no room at key %d", i)
				}
				put(e, i, i+1, size(i), 1_800_000_000_000)
				if used := e.Used(); used > limit+50_000 {
					t.Fatalf("%d bytes in use, limit %d", used, limit)
				}
				c.Advance(time.Millisecond)
			}
		})
	}
}

// TestMakeRoomIsBounded: a limit that was cut costs each call a little only, and
// growth is paid for at once.
func TestMakeRoomIsBounded(t *testing.T) {
	e, c := newEngine(t)
	put(e, 0, 20_000, 50, NoExpiry)
	e.SetMemoryPolicy(MemoryPolicy{Limit: e.Used() / 4, Policy: AllKeysRandom, Samples: 5})
	if !e.MakeRoom() {
		t.Fatal("refused although there are victims")
	}
	first := e.Used()
	if gone := 20_000 - present(e, 0, 20_000); gone != evictDebt {
		t.Errorf("the first call took %d victims, want %d", gone, evictDebt)
	}
	put(e, 20_000, 20_001, 500_000, NoExpiry)
	if !e.MakeRoom() || e.Used() > first {
		t.Errorf("memory has grown from %d to %d", first, e.Used())
	}
	e.StartBackground(nil)
	defer e.StopBackground()
	for range 20 {
		c.Advance(busyTick)
	}
	if e.Full() {
		t.Errorf("the background has left %d bytes of %d", e.Used(), e.Used()-e.memory.limit.Load())
	}
}

// TestNothingToEvict: after a search in vain the next ones wait for a moment.
func TestNothingToEvict(t *testing.T) {
	e, c := newEngine(t)
	put(e, 0, 100, 50, NoExpiry)
	e.SetMemoryPolicy(MemoryPolicy{Limit: 1, Policy: VolatileLRU, Samples: 5})
	if e.MakeRoom() {
		t.Error("keys that do not expire made room")
	}
	put(e, 100, 101, 50, 1_800_000_000_000)
	if e.MakeRoom() {
		t.Error("the search was made again at once")
	}
	c.Advance(dryPause * time.Millisecond)
	if !e.MakeRoom() || present(e, 0, 101) != 100 {
		t.Error("the key that expires has not made room")
	}
}

// TestSampledLRU compares the hit ratio on a trace with that of exact LRU.
func TestSampledLRU(t *testing.T) {
	if raceDetector {
		t.Skip("half a minute in one goroutine, where there is nothing to race")
	}
	const keys, fits, accesses = 60_000, 12_000, 200_000
	e, c := newEngine(t)
	put(e, 0, fits, 50, NoExpiry)
	e.SetMemoryPolicy(MemoryPolicy{Limit: e.Used(), Policy: AllKeysLRU, Samples: 5})
	exact := newExactLRU(fits)
	for i := range fits {
		exact.use(i)
	}
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 10, keys-1)
	hits, exactHits := 0, 0
	for range accesses {
		c.Advance(lruUnit * time.Millisecond)
		i := int(zipf.Uint64())
		if exact.use(i) {
			exactHits++
		}
		if read(e, i) {
			hits++
			continue
		}
		put(e, i, i+1, 50, NoExpiry)
		e.MakeRoom()
	}
	ours, best := 100*float64(hits)/accesses, 100*float64(exactHits)/accesses
	t.Logf("hit ratio %.2f %%, exact LRU %.2f %%", ours, best)
	if best-ours > 0.5 {
		t.Errorf("hit ratio %.2f %%, exact LRU has %.2f %%", ours, best)
	}
}

// exactLRU is a list of numbers, the one used last first.
type exactLRU struct {
	next, prev map[int]int
	room       int
}

const lruHead = -1

func newExactLRU(room int) *exactLRU {
	return &exactLRU{next: map[int]int{lruHead: lruHead}, prev: map[int]int{lruHead: lruHead}, room: room}
}

func (l *exactLRU) remove(i int) {
	n, p := l.next[i], l.prev[i]
	l.next[p], l.prev[n] = n, p
	delete(l.next, i)
	delete(l.prev, i)
}

// use notes an access and reports whether i was in the list.
func (l *exactLRU) use(i int) bool {
	_, hit := l.next[i]
	if hit {
		l.remove(i)
	}
	first := l.next[lruHead]
	l.next[lruHead], l.prev[i] = i, lruHead
	l.next[i], l.prev[first] = first, i
	if len(l.next)-1 > l.room {
		l.remove(l.prev[lruHead])
	}
	return hit
}

func TestLFUCounter(t *testing.T) {
	e, c := newEngine(t)
	e.SetMemoryPolicy(MemoryPolicy{Policy: AllKeysLFU, Samples: 5, LogFactor: 10, DecayMinutes: 1})
	frequency := func() (f uint8) {
		do(e, func(tx *Tx) {
			o, _ := tx.Object(key(0))
			f = o.Frequency
		})
		return f
	}
	put(e, 0, 1, 10, NoExpiry)
	if got := frequency(); got != lfuNew {
		t.Errorf("a new key has %d", got)
	}
	for range 1000 {
		read(e, 0)
	}
	after := frequency()
	if after < 10 || after > 30 {
		t.Errorf("a thousand accesses give %d", after)
	}
	put(e, 0, 1, 10, NoExpiry)
	if got := frequency(); got < after {
		t.Errorf("a new value has made %d of %d", got, after)
	}
	c.Advance(3 * time.Minute)
	if got := frequency(); got > after-2 {
		t.Errorf("three minutes have made %d of %d", got, after)
	}
}

func TestIdle(t *testing.T) {
	now := int64(1_700_000_000_000)
	for _, test := range []struct{ since, want int64 }{
		{0, 0}, {-1000, 0}, {64, 64}, {6400, 6400}, {1 << 37, 0}, {1 << 36, 1 << 36},
	} {
		if got := idle(lruClock(now-test.since), now); got != test.want {
			t.Errorf("idle after %d ms = %d, want %d", test.since, got, test.want)
		}
	}
}
