// Package app joins the parts into a server: it opens the data, loads it into
// the engine, listens, and takes everything down in the opposite order.
package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/migrate/run"
	"kvd/persist"
	"kvd/resp"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/pubsub"
	"kvd/resp/replication"
	"kvd/resp/script"
	"kvd/resp/session"
	"kvd/resp/stats"
	"kvd/snapshot"
)

// Version is the release.
const Version = "0.1.0"

// Options are what Open needs beside the settings.
type Options struct {
	Config *config.Config
	Clock  clock.Clock
	Log    zerolog.Logger
	// Listeners are served in place of those that the settings name; tests use
	// it to have a free port.
	Listeners []net.Listener
	// SetLogLevel, if not nil, is called when the setting changes.
	SetLogLevel func(level string) error
}

// App is a running server.
type App struct {
	opt        Options
	live       *config.Live
	log        zerolog.Logger
	engine     *engine.Engine
	store      *persist.Store // nil: memory only
	disk       *disk
	hub        *pubsub.Hub
	services   *command.Services
	server     *resp.Server
	pidFile    string
	served     []net.Listener
	tls        encryption
	copies     *replication.Replication
	within     *within // connections of the server to itself
	stats      *stats.Stats
	snapshots  *snapshot.Service
	migrations *run.Runner

	serving sync.WaitGroup
	ask     chan command.Shutdown // buffered: the first request counts
	heap    clock.Timer
	closing sync.Once
	closed  chan struct{}
}

// Open opens the data, loads it and listens. It returns when clients can
// connect. Damaged data is refused with a *persist.DamagedError.
func Open(opt Options) (*App, error) {
	a := &App{
		opt: opt, live: config.NewLive(opt.Config), log: opt.Log, hub: pubsub.NewHub(), stats: &stats.Stats{},
		ask: make(chan command.Shutdown, 1), closed: make(chan struct{}),
	}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open() error {
	started := a.opt.Clock.Now()
	if err := a.openStore(); err != nil {
		return err
	}
	if err := a.openEngine(); err != nil {
		return err
	}
	if err := a.openSnapshots(); err != nil {
		return fmt.Errorf("snapshots: %w", err)
	}
	a.openMigrations()
	table, err := command.NewTable(Families()...)
	if err != nil {
		return fmt.Errorf("command table: %w", err)
	}
	users, err := loadUsers(a.opt.Config, table)
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	clients := session.NewRegistry()
	a.services = &command.Services{
		Config: a.live, Engine: a.engine, Table: table,
		Clients: clients, Hub: a.hub, Caches: session.NewCaches(clients, a.engine.ObserveWrites), Stats: a.stats, Slowlog: &stats.Slowlog{},
		Users: users, Refusals: &acl.Log{}, Throttle: &acl.Throttle{},
		Disk: a.disk, Snapshots: a.snapshots, Migrations: a.migrations, Process: (*process)(a), Scripts: script.New(a.opt.Clock), About: about(a.opt.Config, started), Clock: a.opt.Clock,
	}
	a.openReplication()
	a.server = resp.NewServer(resp.Options{
		Services: a.services, Barrier: a.disk, Clock: a.opt.Clock,
		Log: a.part("resp"), Loops: a.opt.Config.Loops(), Loading: a.copies.Loading,
	})
	if a.store != nil {
		a.store.OnDurable(a.server.DiskAdvanced)
		a.store.OnFail(a.writeFailed)
	}
	a.follow()
	a.followUsers()
	a.engine.StartBackground(func() bool { return a.disk.Err() != nil || a.server.Quiet() })
	a.snapshots.Start()
	a.migrations.Resume()
	if err := a.listen(); err != nil {
		return err
	}
	a.serveWithin()
	if err := a.copies.Resume(); err != nil {
		return err
	}
	if err := a.writePIDFile(); err != nil {
		return err
	}
	a.log.Info().Str("version", Version).Strs("listen", a.Addresses()).Int64("keys", a.disk.loaded.Rows).
		Dur("took", a.opt.Clock.Now().Sub(started)).Msg("ready to accept connections")
	return nil
}

func (a *App) part(name string) zerolog.Logger { return a.log.With().Str("part", name).Logger() }

// about says what is running.
func about(cfg *config.Config, started time.Time) command.About {
	var id [20]byte
	_, _ = rand.Read(id[:]) // never fails
	executable, _ := os.Executable()
	return command.About{
		Version: Version, RunID: hex.EncodeToString(id[:]), Started: started,
		ConfigFile: cfg.File, Executable: executable,
	}
}

// Run serves until ctx ends or a client asks for the end, and closes the server.
func (a *App) Run(ctx context.Context) error {
	how := command.Shutdown{}
	select {
	case <-ctx.Done():
	case how = <-a.ask:
	}
	a.log.Info().Msg("shutting down")
	return a.shutdown(how)
}

// drainLimit is the most that a shutdown waits for clients to be served.
const drainLimit = 5 * time.Second

// shutdown lets commands under way finish, as long as the settings allow, and
// closes.
func (a *App) shutdown(how command.Shutdown) error {
	limit := min(drainLimit, a.live.Get().ShutdownTimeout)
	if how.Now {
		limit = 0
	}
	a.stopMigrations()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	a.stopReplication()
	if a.server != nil {
		_ = a.server.Shutdown(ctx) // clients that are not done by then are cut off
	}
	return a.Close()
}

// Close closes the server at once; what was acknowledged is on disk as the
// settings promise. It may be called again.
func (a *App) Close() (err error) {
	a.closing.Do(func() {
		err = a.close()
		close(a.closed)
	})
	<-a.closed
	return err
}

func (a *App) close() error {
	var errs []error
	a.stopReplication()
	a.stopMigrations()
	if a.server != nil {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = a.server.Shutdown(ctx)
	}
	if a.snapshots != nil {
		a.snapshots.Close()
	}
	a.stopTLS()
	if a.heap != nil {
		a.heap.Stop()
	}
	if a.engine != nil {
		a.engine.StopBackground()
	}
	a.serving.Wait()
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.engine != nil {
		a.engine.Close()
	}
	if a.pidFile != "" {
		errs = append(errs, os.Remove(a.pidFile))
	}
	return errors.Join(errs...)
}

// Services is what the commands see, for tests.
func (a *App) Services() *command.Services { return a.services }
