package engine

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"kvd/internal/change"
	"kvd/internal/clock"
)

// newEngine returns an engine in memory, with a clock that stands still.
func newEngine(t testing.TB) (*Engine, *clock.Manual) {
	t.Helper()
	return newEngineWith(t, Options{Store: Discard{}})
}

// newEngineWith returns an engine with such a clock and these options.
func newEngineWith(t testing.TB, opt Options) (*Engine, *clock.Manual) {
	t.Helper()
	c := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	opt.Clock, opt.Databases = c, 16
	if opt.Memory == (MemoryPolicy{}) {
		opt.Memory = MemoryPolicy{Samples: 5, LogFactor: 10, DecayMinutes: 1}
	}
	e := New(opt)
	t.Cleanup(e.Close)
	return e, c
}

// events is an Observer that remembers the names and keys of events.
type events struct {
	mu    sync.Mutex
	names []string
	keys  []string
}

func (o *events) Committed(set *change.Set) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, ev := range set.Events {
		o.names = append(o.names, ev.Name)
		o.keys = append(o.keys, fmt.Sprintf("%d:%s", ev.DB, ev.Key))
	}
}

// do runs fn in a Tx that has locked everything.
func do(e *Engine, fn func(tx *Tx)) Commit {
	var l Lock
	e.AddAll(&l)
	tx := e.Begin(0, e.opt.Clock.Now().UnixMilli(), Reads, &l)
	fn(tx)
	return tx.Commit()
}

func TestSetAndGet(t *testing.T) {
	e, _ := newEngine(t)
	for i := range 5000 {
		key, val := fmt.Appendf(nil, "key:%d", i), fmt.Appendf(nil, "value of %d", i)
		tx := e.BeginKey(0, 0, 0, key)
		tx.SetString(key, val, NoExpiry)
		tx.Commit()
	}
	for i := range 5000 {
		key := fmt.Appendf(nil, "key:%d", i)
		tx := e.BeginKey(0, 0, Reads, key)
		s, err := tx.String(key)
		if want := fmt.Sprintf("value of %d", i); err != nil || string(s.Bytes()) != want {
			t.Fatalf("%s = %q, %v; want %q", key, s.Bytes(), err, want)
		}
		tx.Commit()
	}
}

func BenchmarkGet(b *testing.B) {
	e, _ := newEngine(b)
	keys := make([][]byte, 100_000)
	val := make([]byte, 64)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key:%012d", i)
		tx := e.BeginKey(0, 0, 0, keys[i])
		tx.SetString(keys[i], val, NoExpiry)
		tx.Commit()
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		key := keys[i%len(keys)]
		i += 7919
		tx := e.BeginKey(0, 1_700_000_000_000, Reads, key)
		if s, err := tx.String(key); err != nil || len(s.Bytes()) != 64 {
			b.Fatal(err)
		}
		tx.Commit()
	}
}

func BenchmarkSet(b *testing.B) {
	e, _ := newEngine(b)
	keys := make([][]byte, 100_000)
	val := make([]byte, 64)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key:%012d", i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		key := keys[i%len(keys)]
		i += 7919
		tx := e.BeginKey(0, 1_700_000_000_000, 0, key)
		tx.SetString(key, val, NoExpiry)
		tx.Commit()
	}
}
