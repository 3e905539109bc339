package journal

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"

	"kvd/internal/fail"
)

// failOnce makes the n-th pass of a point fail.
func failOnce(t *testing.T, p *fail.Point, n int64) {
	t.Helper()
	var passed atomic.Int64
	p.Set(func() error {
		if passed.Add(1) == n {
			return syscall.EIO
		}
		return nil
	})
	t.Cleanup(func() { p.Set(nil) })
}

// failing returns options whose OnFail can be waited for.
func failing(t *testing.T, mode Mode) (Options, chan error) {
	t.Helper()
	told := make(chan error, 1)
	opts := options(t.TempDir())
	opts.Mode, opts.OnFail = mode, func(err error) { told <- err }
	return opts, told
}

// TestFailedWrite: nothing of the set is left, now and after a restart, and
// the journal goes on when the disk does.
func TestFailedWrite(t *testing.T) {
	for name, point := range map[string]*fail.Point{"refused": pointWrite, "cut short": pointShort} {
		t.Run(name, func(t *testing.T) {
			opts, told := failing(t, OnRequest)
			j := open(t, opts)
			write(t, j, "a")
			failOnce(t, point, 1)
			lost := j.Submit(put("lost"))
			if err := j.Flush(); !errors.Is(err, syscall.EIO) {
				t.Fatalf("Flush: %v", err)
			}
			if err := <-told; !errors.Is(err, syscall.EIO) {
				t.Errorf("OnFail(%v)", err)
			}
			late := j.Submit(put("late"))
			if err := j.Flush(); err == nil || j.Durable() >= lost {
				t.Fatalf("a failed journal took a write: %v, durable %d", err, j.Durable())
			}
			requireKeys(t, j, "a")

			if err := j.Resume(); err != nil {
				t.Fatal(err)
			}
			requireKeys(t, j, "a")
			write(t, j, "b")
			requireKeys(t, j, "a b")
			for seq, want := range map[uint64]bool{1: false, lost: true, late: true, late + 1: false} {
				if j.Lost(seq) != want {
					t.Errorf("Lost(%d) = %v", seq, !want)
				}
			}
			opts.Dir = crash(t, opts.Dir)
			requireKeys(t, open(t, opts), "a b")
		})
	}
}

// TestFailedSync: in mode Always what was not synced is lost although it was
// written; in the others it was promised, and is written again.
func TestFailedSync(t *testing.T) {
	for _, test := range []struct {
		mode Mode
		want string
	}{{Always, "a"}, {OnRequest, "a b c"}, {Never, "a b c"}} {
		opts, told := failing(t, test.mode)
		opts.Mode = OnRequest // until the journal is as the test needs it
		j := open(t, opts)
		write(t, j, "a")
		if err := j.Sync(); err != nil {
			t.Fatal(err)
		}
		j.mode.Store(uint32(test.mode))
		failOnce(t, pointSync, 1)
		j.Submit(put("b"))
		j.Submit(put("c"))
		_ = j.Flush()
		_ = j.Sync()
		<-told
		requireKeys(t, j, test.want)
		if err := j.Resume(); err != nil {
			t.Fatal(err)
		}
		requireKeys(t, j, test.want)
		write(t, j, "d")
		requireKeys(t, j, test.want+" d")
		opts.Dir = crash(t, opts.Dir)
		requireKeys(t, open(t, opts), test.want+" d")
	}
}

// TestResumeFails: while the disk refuses, nothing changes.
func TestResumeFails(t *testing.T) {
	for _, point := range []*fail.Point{pointCreate, pointWrite, pointSync} {
		opts, told := failing(t, OnRequest)
		j := open(t, opts)
		write(t, j, "a")
		j.fail(syscall.ENOSPC)
		<-told
		failOnce(t, point, 1)
		if err := j.Resume(); !errors.Is(err, syscall.EIO) {
			t.Fatalf("%s: Resume: %v", point.Name(), err)
		}
		if j.Err() == nil {
			t.Fatalf("%s: writes are taken", point.Name())
		}
		requireKeys(t, j, "a")
		image := opts
		image.Dir = crash(t, opts.Dir)
		requireKeys(t, open(t, image), "a")
		if err := j.Resume(); err != nil {
			t.Fatal(err)
		}
		write(t, j, "b")
		requireKeys(t, j, "a b")
	}
}

// TestLostIsBounded: the oldest failures run together, on the safe side.
func TestLostIsBounded(t *testing.T) {
	opts, told := failing(t, OnRequest)
	j := open(t, opts)
	for range maxLost + 2 {
		write(t, j, "kept")
		j.io.Lock()
		j.fail(syscall.EIO)
		j.io.Unlock()
		<-told
		j.Submit(put("lost"))
		if err := j.Resume(); err != nil {
			t.Fatal(err)
		}
	}
	last := j.Submitted()
	if !j.Lost(last) || j.Lost(last-1) || !j.Lost(2) || len(j.lost) != maxLost {
		t.Errorf("Lost(%d) = %v, Lost(%d) = %v, Lost(2) = %v, %d spans",
			last, j.Lost(last), last-1, j.Lost(last-1), j.Lost(2), len(j.lost))
	}
}
