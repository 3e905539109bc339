package persist_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"kvd/internal/change"
	"kvd/persist"
	"kvd/persist/storetest"
)

// bulky writes many rows and deletes most of them.
func bulky(t *testing.T, s *persist.Store) {
	t.Helper()
	value := make([]byte, 2000)
	for i := range 2000 {
		submit(s, change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Key: fmt.Append(nil, "key", i), Value: value})
	}
	if err := s.Checkpoint(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i := range 1900 {
		submit(s, change.Row{Op: change.Delete, Kind: change.Key, Key: fmt.Append(nil, "key", i)})
	}
	if err := s.Checkpoint(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// rowsOf counts the rows of a store.
func rowsOf(t *testing.T, s *persist.Store) (n int64) {
	t.Helper()
	var rows atomic.Int64
	if _, err := s.Load(2, func(*change.Row) error { rows.Add(1); return nil }); err != nil {
		t.Fatal(err)
	}
	return rows.Load()
}

// TestCompact: the file shrinks while it is read and written, and has all rows.
func TestCompact(t *testing.T) {
	opts := small(t.TempDir())
	s := open(t, opts)
	bulky(t, s)
	var stop atomic.Bool
	var readers sync.WaitGroup
	readers.Go(func() {
		for !stop.Load() {
			found, err := s.Get(0, []byte("key1950"), func(*change.Row) error { return nil })
			if !found || err != nil {
				t.Errorf("a row that is stored: %v, %v", found, err)
				return
			}
		}
	})
	done, err := s.Compact(context.Background())
	stop.Store(true)
	readers.Wait()
	if err != nil || done.After >= done.Before/2 {
		t.Fatalf("%+v, %v", done, err)
	}
	submit(s, change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Key: []byte("after"), Value: []byte("x")})
	if err := s.Checkpoint(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, s); n != 101 {
		t.Errorf("%d rows", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if report := requireSound(t, opts.Dir); report.Rows != 101 {
		t.Errorf("%d rows after the end", report.Rows)
	}
}

// TestCompactFails: what is cut short at the exchange leaves the old file in use,
// and a crash there a directory that opens.
func TestCompactFails(t *testing.T) {
	point := persist.CompactPoints()[0]
	t.Cleanup(func() { point.Set(nil) })
	opts := small(t.TempDir())
	s := open(t, opts)
	bulky(t, s)
	image := t.TempDir() + "/image"
	point.Set(func() error { return errors.Join(syscall.EIO, storetest.Image(image, opts.Dir)) })
	if _, err := s.Compact(context.Background()); !errors.Is(err, syscall.EIO) {
		t.Fatalf("an exchange that fails: %v", err)
	}
	point.Set(nil)
	if n := rowsOf(t, s); n != 100 {
		t.Errorf("%d rows", n)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Compact(cancelled); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := s.Compact(context.Background()); err != nil {
		t.Errorf("the next compaction: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	crashed := open(t, small(image))
	if n := rowsOf(t, crashed); n != 100 {
		t.Errorf("%d rows after a crash", n)
	}
}
