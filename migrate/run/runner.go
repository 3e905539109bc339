// Package run applies migrations to the documents of a server.
//
// What it knows (the registered migrations, which of them were applied to which
// target, the history and the jobs under way) is stored as settings of the engine,
// so it is in the same change set as the documents and as durable as they are. What
// restores a document lies beside the document itself: it goes where that goes,
// leaves memory with it, and any other write drops it.
//
// Invariants: a target has one job at a time; a document is migrated as a whole or
// not at all, and says which version it has; a job that a restart cuts off goes on
// (BATCH) or has changed nothing (ATOMIC). Operations run with no lock held: what
// came of them is written only if the document is still the one that was read.
package run

import (
	"context"
	"sync"
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/clock"
	"kvd/migrate"
)

// Disk is the disk as jobs see it.
type Disk interface {
	// Err says why writes are refused now, or is nil.
	Err() error
	// Flush writes what was submitted.
	Flush()
	// WaitBacklog waits while writers have to wait for the disk.
	WaitBacklog(ctx context.Context)
}

// Settings are the limits of jobs.
type Settings struct {
	// UndoKeep is how long undo records are kept and used.
	UndoKeep time.Duration
	// AtomicDocuments and AtomicBytes are the most that one transaction changes.
	AtomicDocuments int
	AtomicBytes     int64
}

// Scope is the documents that a safety copy is made of.
type Scope struct {
	DB int
	// Name is the key, or with Prefix what the keys begin with.
	Name   string
	Prefix bool
}

// Options are what New needs. Safety, Publish and Collections may be nil.
type Options struct {
	Engine   *engine.Engine
	Clock    clock.Clock
	Disk     Disk
	Settings func() Settings
	// Log is told of what goes wrong while no client waits.
	Log func(text string)
	// Publish sends a message to those who have subscribed to a channel.
	Publish func(channel, message string)
	// Safety makes a copy of documents under a name and returns its id.
	Safety func(ctx context.Context, name string, of Scope) (id string, err error)
	// Collections knows the collections of the server.
	Collections Collections
}

// Collections are the collections of a server as migrations see them.
type Collections interface {
	// Prefix returns what the keys of a collection begin with.
	Prefix(db int, name string) (prefix string, ok bool)
	// SwitchType gives a collection another type, such as "User@2"; the Tx holds all
	// shards. It does not look at the documents.
	SwitchType(tx *engine.Tx, name, to string) error
	// CheckType says what is wrong with a switch, before anything is done.
	CheckType(db int, name, from, to string) error
	// Fit says what is wrong with a document for a type, such as "User@2", or with
	// none for the type of its collection; empty: nothing.
	Fit(db int, name, as string, id []byte, v doc.Value) string
	// Index makes an index of a collection; the Tx holds all shards.
	Index(tx *engine.Tx, name string, x IndexChange) error
}

// IndexChange is an index that is made or dropped.
type IndexChange struct {
	Name, Path, Type string
	Unique, Drop     bool
}

// Runner runs migrations. Its methods are safe for concurrent use.
type Runner struct {
	opt  Options
	ctx  context.Context // ends with the server
	stop context.CancelFunc

	mu     sync.Mutex // a leaf: it is taken under shard locks too
	known  *book
	parsed map[string]*migrate.Migration // by text, so that a book is read quickly
	live   map[uint64]*job
	timer  clock.Timer    // of the next tidy
	tidied map[uint64]int // number of the last entry of a target's history about which it is done

	running sync.WaitGroup
}

// New returns a runner. Resume is to be called when the engine is loaded.
func New(opt Options) *Runner {
	ctx, stop := context.WithCancel(context.Background())
	return &Runner{
		opt: opt, ctx: ctx, stop: stop,
		parsed: make(map[string]*migrate.Migration), live: make(map[uint64]*job), tidied: make(map[uint64]int),
	}
}

// Stop ends all jobs and waits for them. Those that can go on do so at the next
// start.
func (r *Runner) Stop() {
	r.mu.Lock()
	r.stop()
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// Resume goes on with the jobs that the end of the server has cut off.
func (r *Runner) Resume() {
	tx := r.begin()
	b := r.book()
	var again []*job
	for _, row := range b.jobs {
		switch {
		case !row.State.active():
		case row.Mode == Atomic:
			row := *row
			row.State, row.Error, row.Ended = Failed, "cut off by the end of the server; nothing was changed", r.nowText()
			putJob(tx, &row)
		default:
			again = append(again, r.revive(*row))
		}
	}
	r.publishShapes()
	tx.Commit()
	for _, j := range again {
		j.resumed = true
		r.launch(j)
	}
	r.startTidying()
}

// Reloaded is to be called when the engine has been loaded anew.
func (r *Runner) Reloaded() {
	tx := r.begin()
	r.publishShapes()
	tx.Commit()
}

// begin locks everything.
func (r *Runner) begin() *engine.Tx {
	var lock engine.Lock
	r.opt.Engine.AddAll(&lock)
	return r.opt.Engine.Begin(0, r.now().UnixMilli(), engine.NoTouch, &lock)
}

func (r *Runner) now() time.Time { return r.opt.Clock.Now() }

func (r *Runner) nowText() string { return r.now().UTC().Format(time.RFC3339) }
