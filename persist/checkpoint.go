package persist

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"kvd/internal/fail"
	"kvd/persist/disk"
	"kvd/persist/journal"
)

var (
	pointBegin = fail.New("checkpoint.begin")
	pointTrim  = fail.New("checkpoint.trim")
	errStopped = errors.New("store is closed")
)

// Points returns the places in this package and in journal at which a test can
// have something fail, in no order.
func Points() []*fail.Point {
	return append(journal.Points(), pointBegin, pointCommit, pointTrim, pointManifest)
}

// foldQueue runs checkpoints one after the other in a goroutine of their own.
// Those who ask while one runs share the next.
type foldQueue struct {
	mu      sync.Mutex
	waiting []chan error
	stopped bool
	kick    chan struct{}
	done    chan struct{}
}

func (q *foldQueue) start(run func() error) {
	q.kick, q.done = make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(q.done)
		// The thread is given up at the end, with its low priority.
		runtime.LockOSThread()
		disk.LowerPriority()
		for range q.kick {
			q.serve(run)
		}
	}()
}

func (q *foldQueue) serve(run func() error) {
	q.mu.Lock()
	waiting := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	err := run()
	for _, w := range waiting {
		w <- err
	}
}

// ask starts a checkpoint; its result is sent to done if that is not nil.
func (q *foldQueue) ask(done chan error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		if done != nil {
			done <- errStopped
		}
		return
	}
	if done != nil {
		q.waiting = append(q.waiting, done)
	}
	select {
	case q.kick <- struct{}{}:
	default:
	}
}

// stop waits for the checkpoint that runs, and answers who still waits.
func (q *foldQueue) stop() {
	q.mu.Lock()
	stopped := q.stopped
	q.stopped = true
	q.mu.Unlock()
	if stopped {
		return
	}
	close(q.kick)
	<-q.done
	for _, w := range q.waiting {
		w <- errStopped
	}
}

// Checkpoint folds all that has been submitted into the data file and removes
// the journal that held it. When ctx ends, the caller is let go and the work
// goes on.
func (s *Store) Checkpoint(ctx context.Context) error {
	done := make(chan error, 1)
	s.folds.ask(done)
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("checkpoint: %w", ctx.Err())
	}
}

// checkpoint is one run of the queue.
func (s *Store) checkpoint() error {
	s.foldMu.Lock()
	defer s.foldMu.Unlock()
	start := s.opts.Clock.Now()
	s.stats.begin()
	rows, err := s.foldAll()
	took := s.opts.Clock.Now().Sub(start)
	s.stats.end(start, took, rows, err)
	s.setLimit()
	if err != nil {
		err = fmt.Errorf("checkpoint: %w", err)
		s.pace.holdOff()
		s.log.Error().Err(err).Dur("took", took).Msg("checkpoint failed")
		return err
	}
	if rows > 0 {
		s.log.Debug().Int("rows", rows).Dur("took", took).Msg("checkpoint")
	}
	return nil
}

// foldAll folds what was submitted before it was called.
func (s *Store) foldAll() (rows int, err error) {
	if err := errors.Join(s.Err(), pointBegin.Err()); err != nil {
		return 0, err
	}
	s.versions.pending.Age()
	upto, last, err := s.j.Rotate()
	if err != nil {
		return 0, err
	}
	epoch := s.j.Epoch() - 1 // only this function steps it
	if last > s.foldedSeq.Load() {
		if rows, err = s.fold(segmentsUpTo(s.j.Segments(), upto), last); err != nil {
			return rows, err
		}
		if err := s.writeManifest(last); err != nil {
			return rows, err
		}
	}
	s.versions.pending.Settle()
	s.folded.Store(epoch)
	if err := pointTrim.Err(); err != nil {
		return rows, err
	}
	return rows, s.j.Remove(upto)
}

func segmentsUpTo(all []journal.Segment, upto uint64) []journal.Segment {
	n := 0
	for n < len(all) && all[n].Number <= upto {
		n++
	}
	return all[:n]
}
