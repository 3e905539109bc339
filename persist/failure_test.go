package persist_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kvd/internal/clock"
	"kvd/internal/fail"
	"kvd/persist"
	"kvd/persist/storetest"
)

func point(t *testing.T, name string) *fail.Point {
	t.Helper()
	for _, p := range persist.Points() {
		if p.Name() == name {
			t.Cleanup(func() { p.Set(nil) })
			return p
		}
	}
	t.Fatalf("there is no failpoint %s", name)
	return nil
}

// failAt has the n-th pass of a point fail, once.
func failAt(p *fail.Point, n int64) {
	var passed atomic.Int64
	p.Set(func() error {
		if passed.Add(1) == n {
			return syscall.ENOSPC
		}
		return nil
	})
}

// TestEveryFailure has each point fail at each of its first calls, while a
// store works in each mode: what is acknowledged stays, what is refused is
// gone, and work goes on.
func TestEveryFailure(t *testing.T) {
	for _, p := range persist.Points() {
		for _, fsync := range []persist.Fsync{persist.Always, persist.EverySec} {
			for n := int64(1); n <= 3; n++ {
				t.Run(fmt.Sprint(p.Name(), "/", fsync, "/", n), func(t *testing.T) {
					failureRun(t, point(t, p.Name()), fsync, n)
				})
			}
		}
	}
}

func failureRun(t *testing.T, p *fail.Point, fsync persist.Fsync, n int64) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(fsync)))
	opts := small(t.TempDir())
	opts.Fsync, opts.SegmentBytes, opts.WindowRows = fsync, 2<<10, 8
	opts.BatchRows = 3
	manual := clock.NewManual(time.Unix(1e9, 0))
	opts.Clock = manual
	s := open(t, opts)
	m := newMemory(t, s)
	failAt(p, n)
	for i := range 40 {
		m.write(rng)
		if rng.IntN(3) == 0 {
			_ = s.Flush()
		}
		if i%15 == 7 {
			_ = s.Checkpoint(t.Context())
		}
		if i%7 == 0 {
			manual.Advance(time.Second)
		}
		if s.Err() != nil {
			m.recover(manual)
		}
	}
	p.Set(nil)
	if s.Flush() != nil {
		m.recover(manual)
	}
	storetest.RequireContents(t, s, m.now)
	if err := s.Close(); err != nil {
		// A sync that failed just now: nothing above Durable was acknowledged.
		t.Logf("Close: %v", err)
	}
	s = open(t, opts)
	got, err := storetest.Contents(s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := m.now.Diff(got); diff != "" {
		t.Fatalf("after a restart: %s", diff)
	}
	_ = s.Close()
	requireSound(t, opts.Dir)
}

// recover does what the engine does after a failure.
func (m *memory) recover(manual *clock.Manual) {
	m.t.Helper()
	<-m.failed
	durable := m.s.Durable()
	got, err := storetest.Contents(m.s)
	if err != nil {
		m.t.Fatalf("Load after a failure: %v", err)
	}
	if !m.isState(got, durable) {
		m.t.Fatalf("after a failure the store does not hold what was durable up to %d", durable)
	}
	m.load()
	for range 5 {
		manual.Advance(time.Second)
		if m.s.Err() == nil {
			return
		}
	}
	m.t.Fatalf("the store does not recover: %v", m.s.Err())
}

// TestNoWritesBeforeLoad: after a failure the disk working again is not enough.
func TestNoWritesBeforeLoad(t *testing.T) {
	opts := small(t.TempDir())
	manual := clock.NewManual(time.Unix(1e9, 0))
	opts.Clock = manual
	s := open(t, opts)
	m := newMemory(t, s)
	submit(s, storetest.Put(0, "a", "1"))
	failAt(point(t, "journal.write"), 1)
	if err := s.Flush(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("Flush: %v", err)
	}
	<-m.failed
	manual.Advance(3 * time.Second)
	if !errors.Is(s.Err(), syscall.ENOSPC) {
		t.Fatalf("Err() = %v before Load", s.Err())
	}
	if stats := s.Stats(); stats.Failures != 1 || stats.LastError == nil {
		t.Errorf("stats: %+v", stats)
	}
	m.load()
	manual.Advance(time.Second)
	if s.Err() != nil || !s.Lost(1) || s.Lost(2) {
		t.Errorf("Err() = %v, Lost(1) = %v, Lost(2) = %v", s.Err(), s.Lost(1), s.Lost(2))
	}
}

// TestEverySec: what is written is synced by the next tick, and an idle store
// that has enough to fold folds it.
func TestEverySec(t *testing.T) {
	opts := small(t.TempDir())
	opts.IdleBytes = 1
	manual := clock.NewManual(time.Unix(1e9, 0))
	opts.Clock = manual
	s := open(t, opts)
	seq := submit(s, storetest.Put(0, "a", "1"))
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if s.Durable() != seq || s.Synced() >= seq {
		t.Errorf("written: durable %d, synced %d of %d", s.Durable(), s.Synced(), seq)
	}
	manual.Advance(time.Second)
	if s.Synced() != seq {
		t.Errorf("a second later %d of %d are synced", s.Synced(), seq)
	}
	began := make(chan struct{}, 10)
	point(t, "checkpoint.begin").Set(func() error { began <- struct{}{}; return nil })
	manual.Advance(5 * time.Second)
	<-began
	if err := s.Checkpoint(t.Context()); err != nil { // queues behind the early one
		t.Fatal(err)
	}
	if stats := s.Stats(); stats.FoldedSequence != seq || stats.JournalBytes != 0 {
		t.Errorf("stats: %+v", stats)
	}
}

// TestSetFsync: a change of mode takes back no promise.
func TestSetFsync(t *testing.T) {
	opts := small(t.TempDir())
	s := open(t, opts)
	synced := make(chan struct{}, 10)
	s.OnDurable(func() { synced <- struct{}{} })
	seq := submit(s, storetest.Put(0, "a", "1"))
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	s.SetFsync(persist.Always)
	if s.Durable() != seq {
		t.Errorf("durable went back to %d", s.Durable())
	}
	<-synced
	seq = submit(s, storetest.Put(0, "b", "2"))
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	for s.Synced() < seq {
		<-synced
	}
	if s.Durable() != seq {
		t.Errorf("Durable() = %d, want %d", s.Durable(), seq)
	}
}
