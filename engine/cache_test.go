package engine

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"kvd/internal/change"
	"kvd/internal/clock"
)

// newCacheEngine returns an engine with few shards, so that a sweep is soon round.
func newCacheEngine() (*Engine, *clock.Manual) {
	c := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	return New(Options{Store: Discard{}, Clock: c, Databases: 2, Shards: 4, Memory: MemoryPolicy{Samples: 5}}), c
}

// cachePut stores a value, or fails the test.
func cachePut(t testing.TB, e *Engine, key string, p CachePut) {
	t.Helper()
	do(e, func(tx *Tx) {
		if err := tx.CachePut([]byte(key), p); err != nil {
			t.Fatalf("put %s: %v", key, err)
		}
	})
}

func cacheGet(t testing.TB, e *Engine, key string, q CacheQuery) (r CacheReply) {
	t.Helper()
	do(e, func(tx *Tx) {
		var err error
		if r, err = tx.CacheGet([]byte(key), q); err != nil {
			t.Fatalf("get %s: %v", key, err)
		}
	})
	return r
}

// TestOneLeasePerStampede: of a thousand that miss at once, one is to compute.
func TestOneLeasePerStampede(t *testing.T) {
	t.Parallel()
	e, c := newCacheEngine()
	defer e.Close()
	for round := range 3 {
		var all sync.WaitGroup
		var mu sync.Mutex
		count := map[CacheStatus]int{}
		for range 1000 {
			all.Go(func() {
				key := []byte("hot")
				tx := e.BeginKey(0, c.Now().UnixMilli(), Reads, key)
				r, _ := tx.CacheGet(key, CacheQuery{Lease: 100})
				tx.Commit()
				mu.Lock()
				count[r.Status]++
				mu.Unlock()
			})
		}
		all.Wait()
		if count[CacheLease] != 1 || count[CacheWait] != 999 {
			t.Errorf("round %d: %d leases and %d are to wait", round, count[CacheLease], count[CacheWait])
		}
		c.Advance(100 * time.Millisecond)
	}
}

// TestEarlyRefresh: the chance to compute a value anew grows with its compute time
// and as its end comes near, and one client gets it.
func TestEarlyRefresh(t *testing.T) {
	chance := 0.0
	c := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	e := New(Options{Store: Discard{}, Clock: c, Databases: 1, Shards: 1, Chance: func() float64 { return chance }})
	defer e.Close()
	q := CacheQuery{Lease: 1000, Beta: 1}
	for _, at := range []struct {
		left   int64   // milliseconds until it is stale
		chance float64 // -ln(1-chance) times 100 ms is the gap
		beta   float64
		want   CacheStatus
	}{
		{1000, 0.5, 1, CacheHit},
		{1000, 0.99, 1, CacheHit},
		{100, 0.5, 1, CacheHit},
		{100, 0.64, 1, CacheRefresh},
		{100, 0.99, 0, CacheHit},
		{1000, 0.99, 3, CacheRefresh},
		{0, 0, 1, CacheRefresh},
		{10_000, 0.999, 1, CacheHit},
	} {
		cachePut(t, e, "k", CachePut{Value: []byte("v"), TTL: at.left, Stale: 10, Delta: 100})
		chance, q.Beta = at.chance, at.beta
		if at.left == 0 {
			cachePut(t, e, "k", CachePut{Value: []byte("v"), TTL: 1, Stale: 10, Delta: 100})
			c.Advance(time.Millisecond)
		}
		r := cacheGet(t, e, "k", q)
		if r.Status != at.want {
			t.Errorf("%+v: status %d", at, r.Status)
		}
		if at.want == CacheRefresh {
			if again := cacheGet(t, e, "k", q); again.Status != CacheHit {
				t.Errorf("%+v: a second client is told to refresh: %d", at, again.Status)
			}
		}
	}
}

// TestJitterSpreadsExpiry: up to so many percent of the time are left off.
func TestJitterSpreadsExpiry(t *testing.T) {
	chance := 0.0
	c := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	e := New(Options{Store: Discard{}, Clock: c, Databases: 1, Shards: 1, Chance: func() float64 { return chance }})
	defer e.Close()
	for _, at := range []struct {
		chance float64
		want   int64
	}{{0, 1000}, {0.5, 900}, {0.9999, 801}} {
		chance = at.chance
		cachePut(t, e, "k", CachePut{TTL: 1000, Jitter: 20})
		if r := cacheGet(t, e, "k", CacheQuery{}); r.TTL != at.want {
			t.Errorf("chance %v: fresh for %d ms, want %d", at.chance, r.TTL, at.want)
		}
	}
}

// TestSweep: what rules have made dead goes, what they have made stale stays so, and
// the rules go.
func TestSweep(t *testing.T) {
	e, _ := newCacheEngine()
	defer e.Close()
	const n = 3000
	for i := range n {
		cachePut(t, e, fmt.Sprintf("a:%d", i), CachePut{Value: []byte("v"), Tags: [][]byte{[]byte("tag")}})
		cachePut(t, e, fmt.Sprintf("b:%d", i), CachePut{Value: []byte("v"), TTL: 1000, Stale: 1000})
	}
	cacheGet(t, e, "computed", CacheQuery{Lease: 1000})
	do(e, func(tx *Tx) {
		if got := tx.InvalidateTag([]byte("tag"), Hard); got != n {
			t.Errorf("%d values are known, want %d", got, n)
		}
		tx.InvalidatePrefix([]byte("b:1"), Soft)
	})
	for range 10 {
		e.sweepCache()
	}
	rules := &e.cache.rules
	do(e, func(tx *Tx) {
		if tx.Len() != n {
			t.Errorf("%d keys are left, want %d", tx.Len(), n)
		}
		if len(rules.others) != 0 || len(rules.tags) != 1 {
			t.Errorf("%d rules about keys and %d about tags are left", len(rules.others), len(rules.tags))
		}
		tx.FailLease([]byte("computed"), 0, 0)
		tx.Delete([]byte("computed"))
	})
	for range 10 {
		e.sweepCache()
	}
	if rules.any() || rules.newest != 0 || e.sweeping() {
		t.Errorf("rules are left though no lease is older than them: %v", rules)
	}
	if r := cacheGet(t, e, "b:17", CacheQuery{}); r.Status != CacheStale {
		t.Errorf("what was made stale has status %d after the sweep", r.Status)
	}
	if r := cacheGet(t, e, "b:2", CacheQuery{}); r.Status != CacheHit {
		t.Errorf("what was not has status %d", r.Status)
	}
}

// TestSideStateIsAccounted: leases, tags and statistics count as memory, and go.
func TestSideStateIsAccounted(t *testing.T) {
	e, c := newCacheEngine()
	defer e.Close()
	before := e.Used()
	for i := range 100 {
		key := fmt.Sprintf("group%d:key", i)
		cacheGet(t, e, key, CacheQuery{Lease: 100})
		cachePut(t, e, key, CachePut{Tags: [][]byte{[]byte(key)}, TTL: 50})
		cacheGet(t, e, "no:"+key, CacheQuery{Lease: 100})
	}
	if e.Used()-before < 100*(leaseBytes+tagBytes+groupBytes) {
		t.Errorf("only %d bytes are accounted for", e.Used()-before)
	}
	c.Advance(time.Second)
	e.ExpireDue()
	e.dropLeases()
	do(e, func(tx *Tx) { tx.ResetStats() })
	for i := range e.shards {
		if s := e.shards[i].cache; s.size() != 0 || len(s.leases)+len(s.tags) != 0 {
			t.Errorf("shard %d has %d bytes, %d leases and %d tags", i, s.size(), len(s.leases), len(s.tags))
		}
	}
}

// TestNoLeaseWithoutMemory: a lease takes memory, so there is none when it is full.
func TestNoLeaseWithoutMemory(t *testing.T) {
	e, _ := newCacheEngine()
	defer e.Close()
	cachePut(t, e, "k", CachePut{Value: []byte("v")})
	e.SetMemoryPolicy(MemoryPolicy{Limit: 1})
	if r := cacheGet(t, e, "none", CacheQuery{Lease: 100}); r.Status != CacheMiss || r.Token != 0 {
		t.Errorf("status %d, token %d", r.Status, r.Token)
	}
}

// TestStoredCachedValues: damaged ones are refused, whole ones come back.
func TestStoredCachedValues(t *testing.T) {
	whole := appendCached(nil, &CachePut{Value: []byte("v"), Tags: [][]byte{[]byte("a"), []byte("b")}, Delta: 7}, 99, 5)
	for n := range len(whole) {
		if cached(whole[n:]).valid() && n > 1 {
			t.Errorf("%d bytes less at the beginning pass", n)
		}
	}
	if !cached(whole).valid() {
		t.Error("a whole one does not pass")
	}
	c := cached(whole)
	if string(c.value()) != "v" || c.fresh() != 99 || c.rev() != 5 || c.delta() != 7 || c.negative() {
		t.Errorf("it reads as %q, %d, %d, %d", c.value(), c.fresh(), c.rev(), c.delta())
	}
	e, _ := newCacheEngine()
	defer e.Close()
	row := change.Row{Op: change.Put, Kind: change.Key, Type: change.Cached, Key: []byte("k"), Value: whole[:10]}
	if err := e.Load(&row, true); err == nil {
		t.Error("a damaged row is loaded")
	}
	for _, name := range []string{"cache/", "cache/x/0/k", "cache/p/k", "cache/t/-1/k", "cache/t/0"} {
		row := change.Row{Op: change.Put, Kind: change.Meta, Key: []byte(name), Value: make([]byte, 16)}
		if err := e.Load(&row, true); err == nil {
			t.Errorf("the row %q is loaded", name)
		}
	}
}

// FuzzCached: whatever is stored, either it is refused or it can be read.
func FuzzCached(f *testing.F) {
	f.Add(appendCached(nil, &CachePut{Value: []byte("v"), Tags: [][]byte{[]byte("a"), []byte("b")}}, 99, 5))
	f.Add(appendCached(nil, &CachePut{Negative: true}, 0, 1))
	f.Add([]byte("\xff\xff\xff\xff                     "))
	f.Fuzz(func(t *testing.T, stored []byte) {
		c := cached(stored)
		if !c.valid() {
			return
		}
		n := len(c.value())
		c.tags(func(tag []byte) bool { n += len(tag); return true })
		if n+cachedFixed > len(stored) {
			t.Errorf("%q has %d bytes of value and tags", stored, n)
		}
	})
}

// leaseInput and leaseOutput are one operation on a key, for the checker.
type leaseInput struct {
	fill  bool
	token uint64
}

type leaseOutput struct {
	status CacheStatus
	token  uint64
	ok     bool
}

// leaseState is a key: whether it has a value, and the token of its lease.
type leaseState struct {
	token uint64
}

// leaseModel is what one key does: who misses gets the lease if nobody has it, and
// only the holder fills. A fill empties the key again at once, for the next round.
var leaseModel = porcupine.Model{
	Init: func() any { return leaseState{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(leaseState), input.(leaseInput), output.(leaseOutput)
		switch {
		case in.fill && out.ok:
			return s.token == in.token, leaseState{}
		case in.fill:
			return s.token != in.token, s
		case out.status == CacheLease:
			return s.token == 0 && out.token > s.token, leaseState{token: out.token}
		}
		return out.status == CacheWait && s.token != 0, s
	},
}

// TestLeasesAreLinearizable: whatever clients do at once, it is as if they had done
// it one after the other.
func TestLeasesAreLinearizable(t *testing.T) {
	t.Parallel()
	e, clock := newCacheEngine()
	defer e.Close()
	now := clock.Now().UnixMilli()
	var mu sync.Mutex
	var history []porcupine.Operation
	key := []byte("k")
	perform := func(client int, in leaseInput) (out leaseOutput) {
		began := time.Now().UnixNano()
		tx := e.BeginKey(0, now, 0, key)
		if in.fill {
			out.ok = tx.CachePut(key, CachePut{Token: in.token}) == nil
			if out.ok {
				tx.InvalidateKey(key, Hard)
			}
		} else {
			r, _ := tx.CacheGet(key, CacheQuery{Lease: 1000})
			out.status, out.token = r.Status, r.Token
		}
		tx.Commit()
		ended := time.Now().UnixNano()
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{ClientId: client, Input: in, Call: began, Output: out, Return: ended})
		return out
	}
	var all sync.WaitGroup
	for client := range 8 {
		all.Go(func() {
			last := uint64(1 << 62)
			for range 60 {
				if r := perform(client, leaseInput{}); r.status == CacheLease {
					perform(client, leaseInput{fill: true, token: last}) // that of the round before
					perform(client, leaseInput{fill: true, token: r.token})
					last = r.token
				}
			}
		})
	}
	all.Wait()
	if !porcupine.CheckOperations(leaseModel, history) {
		t.Error("no order of the operations explains what the clients saw")
	}
}

// TestPurge: keys go, shard by shard, until it is stopped.
func TestPurge(t *testing.T) {
	e, _ := newCacheEngine()
	defer e.Close()
	for i := range 5000 {
		setPlain(e, fmt.Sprintf("a:%d", i))
		setPlain(e, fmt.Sprintf("b:%d", i))
	}
	steps := 0
	errStop := fmt.Errorf("enough")
	state, err := e.RunPurge(&Purge{Text: []byte("a:")}, func() error {
		if steps++; steps > 3 {
			return errStop
		}
		return nil
	})
	if err != errStop || state.Phase != PurgeCancelled || state.Deleted == 0 || state.Deleted == 5000 {
		t.Errorf("a deletion that was stopped: %+v, %v", state, err)
	}
	never := func() error { return nil }
	dry, _ := e.RunPurge(&Purge{Text: []byte("a:*"), Pattern: true, Dry: true}, never)
	if dry.Matched != 5000-state.Deleted || dry.Deleted != 0 || dry.Phase != PurgeDone {
		t.Errorf("a dry run: %+v", dry)
	}
	odd := func(key []byte) bool { return key[len(key)-1]%2 == 1 }
	if some, _ := e.RunPurge(&Purge{Text: []byte("b:"), May: odd}, never); some.Deleted != 2500 {
		t.Errorf("with a permission: %+v", some)
	}
	id := e.StartPurge(&Purge{Text: nil})
	for e.purging() {
		e.purgeMore()
	}
	do(e, func(tx *Tx) {
		if tx.Len() != 0 {
			t.Errorf("%d keys are left", tx.Len())
		}
	})
	list := e.Purges()
	if last := list[len(list)-1]; len(list) != 4 || last.ID != id || last.Phase != PurgeDone || last.Deleted != 2500+dry.Matched {
		t.Errorf("deletions: %+v", list)
	}
	for range 2 * maxPurges {
		e.CancelPurge(e.StartPurge(&Purge{}))
	}
	if n := len(e.Purges()); n != maxPurges {
		t.Errorf("%d deletions are remembered, want %d", n, maxPurges)
	}
}

// setPlain sets a plain key.
func setPlain(e *Engine, key string) {
	do(e, func(tx *Tx) { tx.SetString([]byte(key), []byte("v"), NoExpiry) })
}

// TestTagsFenceFills: what was computed before a tag was invalidated is refused, even
// if no value had the tag then.
func TestTagsFenceFills(t *testing.T) {
	e, _ := newCacheEngine()
	defer e.Close()
	for _, how := range []Invalidation{Hard, Soft} {
		r := cacheGet(t, e, "k", CacheQuery{Lease: 1000})
		do(e, func(tx *Tx) { tx.InvalidateTag([]byte("t"), how) })
		e.sweepCache()
		do(e, func(tx *Tx) {
			p := CachePut{Token: r.Token, Tags: [][]byte{[]byte("u"), []byte("t")}}
			if err := tx.CachePut([]byte("k"), p); err != ErrLeaseLost {
				t.Errorf("kind %d: a fill from before is answered %v", how, err)
			}
		})
		if again := cacheGet(t, e, "k", CacheQuery{Lease: 1000}); again.Status != CacheLease {
			t.Errorf("kind %d: the next client has status %d", how, again.Status)
		}
		do(e, func(tx *Tx) { tx.Delete([]byte("k")) })
	}
}

// TestTypeCheck: a value is compared with a stored schema.
func TestTypeCheck(t *testing.T) {
	e, _ := newCacheEngine()
	defer e.Close()
	if _, err := e.TypeCheck("user"); err == nil || err.Error() != "NOTFOUND no schema 'user'" {
		t.Errorf("no type: %v", err)
	}
	do(e, func(tx *Tx) {
		schema := `{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}`
		if _, err := tx.AddSchema("user", []byte(schema)); err != nil {
			t.Fatal(err)
		}
	})
	check, err := e.TypeCheck("user")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"age":7}`:   "<nil>",
		`{"age":"7"}`: "INVALID u:1: /age type: got string, want integer",
		`{}`:          "INVALID u:1: (root) required: missing 'age'",
		`{"age":7`:    "INVALID u:1: ",
	} {
		if err := check([]byte("u:1"), []byte(text)); len(fmt.Sprint(err)) < len(want) || fmt.Sprint(err)[:len(want)] != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	cachePut(t, e, "u:1", CachePut{Value: []byte("{}"), TTL: 1000, Stale: 1000})
	do(e, func(tx *Tx) {
		q := CacheQuery{Lease: 1000, Beta: 1e9, Check: func(value []byte) error { return check([]byte("u:1"), value) }}
		if r, err := tx.CacheGet([]byte("u:1"), q); err == nil || r.Token != 0 {
			t.Errorf("a value of another type: %+v, %v", r, err)
		}
	})
}
