package persist_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/persist"
	"kvd/persist/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small makes segments, windows and batches change often.
func small(dir string) persist.Options {
	return persist.Options{
		Dir: dir, Fsync: persist.EverySec, Clock: clock.NewManual(time.Unix(1e9, 0)), Log: zerolog.Nop(),
		SegmentBytes: 128 << 10, MaxJournal: 4 << 20, WindowRows: 1000,
	}
}

func open(t *testing.T, opts persist.Options) *persist.Store {
	t.Helper()
	s, err := persist.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func submit(s *persist.Store, rows ...change.Row) uint64 {
	return s.Submit(&change.Set{Rows: rows})
}

func TestContract(t *testing.T) {
	for name, fsync := range map[string]persist.Fsync{"always": persist.Always, "everysec": persist.EverySec, "never": persist.Never} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, dir string) storetest.Store {
				opts := small(dir)
				opts.Fsync = fsync
				s := open(t, opts)
				t.Cleanup(func() {
					_ = s.Close()
					requireSound(t, dir)
				})
				return s
			})
		})
	}
}

// TestCheckpointsUnderWrites: whatever the moment at which a checkpoint divides
// the journal, a restart finds each write in the data file or in the journal.
func TestCheckpointsUnderWrites(t *testing.T) {
	opts := small(t.TempDir())
	opts.SegmentBytes, opts.WindowRows = 1<<10, 0
	s := open(t, opts)
	var writing atomic.Int32
	var group sync.WaitGroup
	for w := range uint32(3) {
		writing.Add(1)
		group.Go(func() {
			defer writing.Add(-1)
			for i := range 5000 {
				submit(s, storetest.Put(w, fmt.Sprint(i), "value"))
				if err := s.Flush(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for writing.Load() > 0 {
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	written := s.Written() // as many as there are keys
	failAt(point(t, "checkpoint.begin"), 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := storetest.Contents(open(t, opts))
	if err != nil || uint64(len(got)) != written {
		t.Errorf("%d of %d keys are left, %v", len(got), written, err)
	}
}

// TestDropInBatches: the elements of a large collection go in transactions of
// limited size, and a failure in between costs nothing but the work.
func TestDropInBatches(t *testing.T) {
	const elements, limit = 2000, 100
	opts := small(t.TempDir())
	opts.BatchRows = limit
	s := open(t, opts)
	for i := range elements {
		submit(s, storetest.Element(1, 7, fmt.Sprint(i), "value"))
	}
	left := storetest.Element(1, 8, "left", "value")
	submit(s, storetest.Put(1, "key", "8"), left)
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	submit(s, storetest.DropElements(1, 7))
	commit := point(t, "checkpoint.commit")
	failAt(commit, elements/limit/2)
	if err := s.Checkpoint(t.Context()); err == nil {
		t.Fatal("the checkpoint did not fail")
	}
	commits := 0
	commit.Set(func() error { commits++; return nil })
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if commits < elements/limit/2 || commits > elements/limit+3 {
		t.Errorf("%d elements, of which half had gone, took %d transactions of %d", elements, commits, limit)
	}
	want := storetest.Model{}
	put := storetest.Put(1, "key", "8")
	want.Apply(&put)
	want.Apply(&left)
	storetest.RequireContents(t, s, want)
}

// requireSound fails the test if Check finds a fault.
func requireSound(t *testing.T, dir string) persist.Report {
	t.Helper()
	report, err := persist.Check(context.Background(), dir) // that of t has ended in cleanups
	if err != nil || len(report.Faults) > 0 {
		t.Fatalf("Check: %v, faults %v", err, report.Faults)
	}
	return report
}

// TestSecondProcess: one directory, one store; the error names who has it.
// TestSettingsAreNotAhead: while a checkpoint is not done, the data file has the
// settings of the one before.
func TestSettingsAreNotAhead(t *testing.T) {
	opts := small(t.TempDir())
	opts.BatchRows = 3
	s := open(t, opts)
	defer s.Close()
	setting := func(value string) change.Row {
		return change.Row{Op: change.Put, Kind: change.Meta, Key: []byte("setting"), Value: []byte(value)}
	}
	want := storetest.Model{}
	submit := func(rows ...change.Row) {
		set := &change.Set{Rows: rows}
		want.ApplySet(set)
		s.Submit(set)
	}
	submit(setting("old"))
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		submit(storetest.Put(0, fmt.Sprint("key", i), "x"), setting("new"), storetest.Element(1, 7, fmt.Sprint(i), "x"), storetest.Drop(9))
	}
	cut := errors.New("cut short")
	for done, commits := false, 0; !done; commits++ {
		left := commits
		point(t, "checkpoint.commit").Set(func() error {
			if left--; left < 0 {
				return cut
			}
			return nil
		})
		err := s.Checkpoint(t.Context())
		point(t, "checkpoint.commit").Set(nil)
		if done = err == nil; !done && !errors.Is(err, cut) {
			t.Fatal(err)
		}
		if done && commits < 4 {
			t.Errorf("the checkpoint took %d transactions", commits)
		}
		if got := storedSetting(t, s); (got == "new") != done {
			t.Errorf("after %d transactions the setting is %q", commits, got)
		}
		storetest.RequireContents(t, s, want)
	}
}

// storedSetting is the value of the only setting in the data file.
func storedSetting(t *testing.T, s *persist.Store) (value string) {
	t.Helper()
	_, err := s.LoadParts(1, func(row *change.Row) error {
		if row.Kind == change.Meta {
			value = string(row.Value)
		}
		return nil
	}, func(*change.Row) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, small(dir))
	_, err := persist.Open(small(dir))
	var locked *persist.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("second Open: %v", err)
	}
	if locked.PID == "" || strings.Contains(locked.PID, "\n") {
		t.Errorf("the pid is %q", locked.PID)
	}
}
