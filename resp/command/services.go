package command

import (
	"context"
	"time"

	"kvd/engine"
	"kvd/engine/doc/query"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/migrate/run"
	"kvd/resp/acl"
	"kvd/resp/pubsub"
	"kvd/resp/script"
	"kvd/resp/session"
	"kvd/resp/stats"
	"kvd/snapshot"
)

// Services are what handlers may use of the server beside their keys.
type Services struct {
	Config  *config.Live
	Engine  *engine.Engine
	Table   *Table
	Clients *session.Registry
	Hub     *pubsub.Hub
	Caches  *session.Caches
	Stats   *stats.Stats
	Slowlog *stats.Slowlog
	Users   *acl.Users
	// Refusals is what users were refused; Throttle delays replies to those who
	// guess passwords.
	Refusals *acl.Log
	Throttle *acl.Throttle
	Scripts  *script.Scripts
	Disk     Disk
	Process  Process
	// Snapshots makes copies of the data and brings them back.
	Snapshots *snapshot.Service
	// Migrations changes the shape of documents.
	Migrations *run.Runner
	// Documents is what the commands on JSON documents share.
	Documents DocumentCache
	// Queries are the expressions and paths that searches used last.
	Queries query.Cache
	// Clock tells a command that may take long how late it is.
	Clock clock.Clock
	// Replication copies the data from and to other servers; nil: it can't.
	Replication Replication
	// About is fixed from the start.
	About About
}

// About says what is running.
type About struct {
	Version string // of kvd
	RunID   string // 40 hexadecimal digits, new at each start
	Started time.Time
	// ConfigFile is the absolute path of the file that was read, or empty.
	ConfigFile string
	Executable string
}

// RedisVersion is the version of Redis whose behaviour clients may rely on.
const RedisVersion = "7.2.5"

// Process is what the process as a whole can be asked to do.
type Process interface {
	// Shutdown ends the process soon: save says what happens to the data first.
	// It returns an error when the shutdown is refused or cancelled.
	Shutdown(how Shutdown) error
	// CancelShutdown stops a shutdown under way and reports whether there was
	// one.
	CancelShutdown() bool
	// SetLogLevel and alike are applied by the settings themselves.
	// Log writes one line to the log, for DEBUG LOG.
	Log(text string)
}

// Shutdown is how to end.
type Shutdown struct {
	// Now does not wait for clients, Force goes on when saving fails.
	Now, Force bool
}

// Disk is storage as the commands see it.
type Disk interface {
	// Persistent is false for a server that keeps its data in memory only.
	Persistent() bool
	Status() DiskStatus
	// Checkpoint folds everything that has been written into the main file.
	Checkpoint(ctx context.Context) error
	// Compact writes the main file anew, without the space that is free in it, and
	// returns its size in bytes before and after.
	Compact(ctx context.Context) (before, after int64, err error)
	// Reload writes all, drops memory and loads again.
	Reload() error
	// Synced is the newest change set that an fsync has covered, Written the
	// newest that the system has taken.
	Synced() uint64
	Written() uint64
}

// DiskStatus is what INFO persistence shows.
type DiskStatus struct {
	Loading          bool
	LastSave         time.Time // end of the last successful checkpoint
	LastDuration     time.Duration
	LastSaveFailed   bool
	Saving           bool
	Checkpoints      int64  // that were successful, since the start
	WriteError       string // why writes are refused; empty: they are not
	ChangesSinceSave int64
	JournalBytes     int64
	JournalSegments  int
	FileBytes        int64
	Syncs            int64
	LastSeq          uint64
	FoldedSeq        uint64
	LoadedKeys       int64
	LoadDuration     time.Duration
}
