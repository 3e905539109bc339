// Package snapshot keeps copies of the data: it makes archives of what is stored at
// one moment while writers go on, lists and checks them, brings them back, and
// removes those that no rule keeps.
//
// What holds always:
//
//   - A snapshot is in its target only when it is whole: it is written under
//     another name, synced, read again from the beginning to the end, and then
//     renamed. After a crash at any moment there is all of it or nothing.
//   - An archive is trusted only after all of it was read and found to be what its
//     manifest says (package archive). Nothing is changed before that.
//   - A restore of everything builds a new data file beside the one in use and
//     takes its place in one step. A restore of some keys is one transaction, or,
//     where it is larger than mergeBytes, one for each stretch of keys: its checks
//     are made for all keys before the first one is written.
//   - No command names a file: snapshots are in targets that the configuration
//     names.
//   - The newest verified snapshot is never removed by a rule.
//
// A snapshot in a target is an archive, <id>.tar.zst, with a sidecar beside it,
// <id>.tar.zst.meta.json, which holds no keys and no values and is made anew if it
// is lost.
package snapshot

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/persist"
)

// Options are what New needs. All must be set but Store and Event.
type Options struct {
	// Store is where the data is; nil: in memory only, and there are no snapshots.
	Store  *persist.Store
	Engine *engine.Engine
	Clock  clock.Clock
	Log    zerolog.Logger
	// Dir is the data directory.
	Dir string
	// Settings returns what is in force.
	Settings func() Settings
	// Version is the server's.
	Version string
	// Load gives put every row that is stored, after all of it has been replaced.
	Load func(put func(row *change.Row, folded bool) error) error
	// Event, if not nil, is told of what was done to which snapshot.
	Event func(name, id string)
}

// Settings are the part of the configuration that is about snapshots.
type Settings struct {
	// Dir is where snapshots are that name no target, and where they are prepared.
	Dir string
	// Targets are the other places, by name.
	Targets map[string]TargetSpec
	// MaxBytes is the most that an archive may have uncompressed.
	MaxBytes int64
	// Spool is the size of the data file above which it is copied first.
	Spool int64
	// Recipients are the public keys (age) that snapshots are encrypted to; with
	// none they are not.
	Recipients []string
	// IdentityFile has the private keys to read encrypted ones; it may be empty.
	IdentityFile string
	// Shapes are for values that come back one by one.
	Shapes Shapes
}

// Service is the snapshots of a server. Its methods are safe for use by several
// goroutines.
type Service struct {
	opt   Options
	heavy chan struct{} // held by who makes or brings back a snapshot
	jobs  jobs
	plan  plan

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	broken map[string]Info // what is wrong with archives, by target, name and size
	inUse  map[string]int  // by ID: who reads a snapshot
}

// DefaultTarget is the name of the target that is the directory of the settings.
const DefaultTarget = "default"

// New returns the snapshots of a server and removes what a crash has left half
// done. Schedules run from Start on.
func New(opt Options) (*Service, error) {
	s := &Service{opt: opt, heavy: make(chan struct{}, 1), broken: make(map[string]Info), inUse: make(map[string]int)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, s.clean()
}

// Close stops what is under way and waits for it.
func (s *Service) Close() {
	s.plan.stop()
	s.cancel()
	s.work.Wait()
}

// now is the time of the clock.
func (s *Service) now() time.Time { return s.opt.Clock.Now().UTC() }

// lock waits until nobody else makes or brings back a snapshot.
func (s *Service) lock(ctx context.Context) error {
	select {
	case s.heavy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errCancelled
	}
}

func (s *Service) unlock() { <-s.heavy }

// use marks a snapshot as in use until the function that it returns is called.
func (s *Service) use(id string) (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse[id]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.inUse[id]--; s.inUse[id] == 0 {
			delete(s.inUse, id)
		}
	}
}

func (s *Service) busy(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inUse[id] > 0
}

func (s *Service) event(name, id string) {
	if s.opt.Event != nil {
		s.opt.Event(name, id)
	}
}

// dir is the directory of snapshots.
func (s *Service) dir() string {
	dir := s.opt.Settings().Dir
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(s.opt.Dir, dir)
}
