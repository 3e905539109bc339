// Package persist is the disk: every committed change goes into a journal at
// once and is folded into a bbolt file in the background.
//
// A Store keeps these promises:
//
//   - What Load gives after a crash is the effect of the sets 1…n for some n,
//     none of them in part, and n is at least the last number that was Durable.
//   - Damage is reported, never served and never taken for an empty store: all
//     bytes are covered by checksums or by the structural check at Open.
//   - After a failed write or sync nothing is acknowledged and nothing retried:
//     Err says why, OnFail makes the owner of the memory load it again, and
//     writes are taken once that is done and the disk has proved itself.
//   - Submit does no I/O and waits for none.
//
// The order of locks: foldMu, then dbMu, then those of the journal.
package persist

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/persist/codec"
	"kvd/persist/journal"
)

// DamagedError says that a file does not hold what was written to it.
type DamagedError = codec.DamagedError

// Fsync says when writes are made safe against a power cut.
type Fsync uint8

const (
	// Always makes a write durable only when it is on the disk.
	Always Fsync = iota
	// EverySec syncs once a second.
	EverySec
	// Never leaves it to the system.
	Never
)

func (f Fsync) mode() journal.Mode {
	return [...]journal.Mode{Always: journal.Always, EverySec: journal.OnRequest, Never: journal.Never}[f]
}

// Options are what Open needs. Dir, Clock and Log must be set; a zero in the
// others means the default.
type Options struct {
	Dir          string
	Fsync        Fsync
	Clock        clock.Clock
	Log          zerolog.Logger
	SegmentBytes int64         // size of a journal file; 64 MiB
	MaxJournal   int64         // fold under load above this or twice the data file; 1 GiB
	IdleAfter    time.Duration // fold early when nothing was written for so long; 2 s
	IdleBytes    int64         // but not less than this; 256 KiB
	WindowRows   int           // rows that a fold sorts at once, 16 bytes each; 1 Mi
	BatchRows    int           // rows that a fold writes in one transaction; 10,000
	// SyncTook, if not nil, is told how long each sync took. It must be quick.
	SyncTook func(time.Duration)
}

func (o *Options) setDefaults() {
	setDefault(&o.SegmentBytes, 64<<20)
	setDefault(&o.MaxJournal, 1<<30)
	setDefault(&o.IdleAfter, 2*time.Second)
	setDefault(&o.IdleBytes, 256<<10)
	setDefault(&o.WindowRows, 1<<20)
	setDefault(&o.BatchRows, 10_000)
}

func setDefault[T int | int64 | time.Duration](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// Store is an open data directory. All methods are safe for use by several
// goroutines.
type Store struct {
	opts   Options
	log    zerolog.Logger
	layout layout
	lock   *lockFile
	j      *journal.Journal
	fsync  atomic.Uint32

	dbMu sync.RWMutex // held for reading while db is used, for writing while it is exchanged
	db   *bbolt.DB
	// views counts those open that hold dbMu; one is opened under foldMu.
	views atomic.Int32

	foldMu    sync.Mutex    // one fold or load at a time
	foldedSeq atomic.Uint64 // numbers up to here are in db; written under foldMu
	folded    atomic.Uint32
	limit     atomic.Int64 // a fold is due when the journal is larger

	broken   atomic.Pointer[error] // the data file can't be used any more
	onSync   atomic.Pointer[func()]
	onFail   atomic.Pointer[func(error)]
	reloaded atomic.Bool // during a failure: the memory is what outlived it

	versions versions

	pace    pacer
	folds   foldQueue
	stats   statsKeeper
	closing sync.Once
}

// Open opens the store in opts.Dir, or makes one in an empty directory. What is
// damaged is refused with a *DamagedError, a directory in use with a
// *LockedError.
func Open(opts Options) (*Store, error) {
	opts.setDefaults()
	s := &Store{opts: opts, log: opts.Log, layout: layout{dir: opts.Dir}}
	s.fsync.Store(uint32(opts.Fsync))
	if err := errors.Join(s.versions.init(), s.open()); err != nil {
		s.release()
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.setLimit()
	s.folds.start(s.checkpoint)
	s.pace.start(s)
	return s, nil
}

func (s *Store) open() (err error) {
	if s.lock, err = acquire(s.layout); err != nil {
		return err
	}
	m, err := s.layout.prepare()
	if err != nil {
		return err
	}
	if err := s.openData(m.Transaction); err != nil {
		return err
	}
	folded, err := s.readFolded()
	if err != nil {
		return err
	}
	if folded < m.Folded {
		return &DamagedError{File: s.layout.data(), Offset: -1, What: fmt.Sprintf("it ends at write %d and %d is expected", folded, m.Folded)}
	}
	s.foldedSeq.Store(folded)
	if err := s.openJournal(folded, m.Sequence); err != nil {
		return err
	}
	return nil
}

// openJournal opens the journal, which must reach at least to write floor.
func (s *Store) openJournal(folded, floor uint64) error {
	j, cut, err := journal.Open(journal.Options{
		Dir: s.layout.journal(), Mode: s.opts.Fsync.mode(), SegmentBytes: s.opts.SegmentBytes,
		Base: folded, Floor: floor, Now: s.opts.Clock.Now, OnSync: s.notify, SyncTook: s.opts.SyncTook, OnFail: s.failed,
	})
	if err != nil {
		return err
	}
	s.j = j
	if cut.Bytes > 0 {
		s.log.Warn().Str("file", cut.File).Int64("offset", cut.Offset).Int64("bytes", cut.Bytes).
			Msg("the end of the journal was cut off: it was not yet safe on disk when the system stopped")
	}
	return nil
}

// release lets go of what a failed Open or a Close holds.
func (s *Store) release() {
	if s.db != nil && s.broken.Load() == nil {
		_ = s.db.Close()
	}
	if s.lock != nil {
		s.lock.release()
	}
}

// Submit takes the effects of one commit and numbers them, one higher than the
// call before. It copies what it needs and does no I/O, so it can be called
// under locks; the order of the calls is the order on disk.
func (s *Store) Submit(set *change.Set) (seq uint64) {
	seq = s.j.Submit(set)
	s.versions.note(set)
	return seq
}

// Flush hands all that was submitted to the system, with one write. With
// Always it also syncs it, or, where that has been taking long, has it synced
// soon and does not wait.
func (s *Store) Flush() error {
	err := s.j.Flush()
	s.pace.wrote()
	return err
}

// Written is the last number that is with the system: it survives the process.
func (s *Store) Written() uint64 { return s.j.Written() }

// Synced is the last number that is on the disk, whatever the mode.
func (s *Store) Synced() uint64 { return s.j.Synced() }

// Durable is the last number that may be acknowledged: with Always what is
// synced, else what is written. It stands still during a failure. After one
// it passes over numbers that are Lost.
func (s *Store) Durable() uint64 { return s.j.Durable() }

// Lost reports that a failure took the set with this number: its client must
// not get its reply. It is meant for numbers up to Durable, and during a
// failure for all.
func (s *Store) Lost(seq uint64) bool { return s.j.Lost(seq) }

// OnDurable sets the function that is called after a sync and after a failure.
// It must be quick. What Flush alone makes durable is not announced: its
// caller knows.
func (s *Store) OnDurable(fn func()) { s.onSync.Store(&fn) }

// OnFail sets the function that is called, in its own goroutine, after a write
// or sync has failed. Sets above Durable are lost then. It must have the memory
// loaded again with Load; writes are taken only after that.
func (s *Store) OnFail(fn func(error)) { s.onFail.Store(&fn) }

// Err is why writes are refused now, or nil. To be sure that memory never shows
// a write that was refused, look at it while the keys of the write are locked.
func (s *Store) Err() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return s.j.Err()
}

// Backlog reports that writers should be slowed down: too much waits for Flush,
// or the journal grows faster than it is folded.
func (s *Store) Backlog() bool {
	return s.j.Backlog() || s.j.Bytes() > 2*s.limit.Load() || s.versions.pending.Bytes() > versionsMost
}

// Epoch numbers the checkpoint that what was submitted before the call will be
// part of, at the latest. Read it after Submit, not before.
func (s *Store) Epoch() uint32 { return s.j.Epoch() }

// Folded is the newest epoch all of whose rows Get knows.
func (s *Store) Folded() uint32 { return s.folded.Load() }

// SetFsync changes when writes are synced.
func (s *Store) SetFsync(f Fsync) {
	s.fsync.Store(uint32(f))
	s.j.SetMode(f.mode())
	s.pace.arm()
}

// notify tells the owner that Durable or Synced have risen.
func (s *Store) notify() {
	if fn := s.onSync.Load(); fn != nil {
		(*fn)()
	}
}

// quickFold is how much journal Close still folds.
const quickFold = 4 << 20

// Close writes and syncs what was submitted. It folds only what is quick.
func (s *Store) Close() (err error) {
	s.closing.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	s.pace.stop()
	if s.Err() == nil && s.j.Bytes() <= quickFold {
		if err := s.Checkpoint(context.Background()); err != nil {
			s.log.Warn().Err(err).Msg("the last checkpoint failed; the journal keeps its rows")
		}
	}
	s.folds.stop()
	err := s.j.Close()
	if err == nil {
		err = s.writeManifest(s.j.Synced())
	}
	s.release()
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// setLimit sets the size of the journal at which a fold is due.
func (s *Store) setLimit() {
	size := fileSize(s.layout.data())
	s.limit.Store(max(s.opts.MaxJournal, 2*min(size, math.MaxInt64/4)))
}

// isDamage reports that err means the data file can't be trusted.
func isDamage(err error) bool {
	var damage *DamagedError
	return errors.As(err, &damage)
}

// named gives the file of an error that does not say it.
func named(path string, err error) error {
	return fmt.Errorf("%s: %w", filepath.Base(path), err)
}
