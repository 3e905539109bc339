package persist

import (
	"sync"
	"sync/atomic"
	"time"
)

// Stats is the state of a store, for INFO.
type Stats struct {
	Fsync          Fsync
	Submitted      uint64 // last sequence numbers
	Written        uint64
	Synced         uint64
	FoldedSequence uint64
	Epoch, Folded  uint32
	JournalBytes   int64
	Segments       int
	DataBytes      int64
	Syncs          uint64 // of the journal, since Open
	Checkpoint     CheckpointStats
	Failures       int   // of the journal, since Open
	LastError      error // the last failure, also when it is over; nil: none
}

// CheckpointStats is about the checkpoints since Open.
type CheckpointStats struct {
	Running  bool
	Count    int
	Failed   int
	Start    time.Time     // of the last one that has ended; zero: none
	Duration time.Duration // of it
	Rows     int           // written by it
	Err      error         // its outcome
}

// statsKeeper gathers what can't be asked for when it is wanted.
type statsKeeper struct {
	folding atomic.Bool
	mu      sync.Mutex
	ckpt    CheckpointStats
	count   int
	last    error
}

func (k *statsKeeper) isFolding() bool { return k.folding.Load() }

func (k *statsKeeper) begin() { k.folding.Store(true) }

func (k *statsKeeper) end(start time.Time, took time.Duration, rows int, err error) {
	k.folding.Store(false)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ckpt.Count++
	if err != nil {
		k.ckpt.Failed++
	}
	k.ckpt.Start, k.ckpt.Duration, k.ckpt.Rows, k.ckpt.Err = start, took, rows, err
}

func (k *statsKeeper) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.count++
	k.last = err
}

// Stats returns the state of the store.
func (s *Store) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	st := Stats{
		Fsync:          Fsync(s.fsync.Load()),
		Submitted:      s.j.Submitted(),
		Written:        s.j.Written(),
		Synced:         s.j.Synced(),
		FoldedSequence: s.foldedSeq.Load(),
		Epoch:          s.Epoch(),
		Folded:         s.Folded(),
		JournalBytes:   s.j.Bytes(),
		Segments:       len(s.j.Segments()),
		DataBytes:      fileSize(s.layout.data()),
		Syncs:          s.j.Syncs(),
		Checkpoint:     s.stats.ckpt,
		Failures:       s.stats.count,
		LastError:      s.stats.last,
	}
	st.Checkpoint.Running = s.stats.isFolding()
	return st
}
