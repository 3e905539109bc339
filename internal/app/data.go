package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/config"
	"kvd/persist"
	"kvd/resp"
)

// openStore opens the data directory, unless data is kept in memory only.
func (a *App) openStore() error {
	a.disk = &disk{app: a}
	cfg := a.opt.Config
	if !cfg.AppendOnly {
		return nil
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return fmt.Errorf("option dir: %w", err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("option dir: %w", err)
	}
	a.store, err = persist.Open(persist.Options{
		Dir: dir, Fsync: fsyncMode(cfg), Clock: a.opt.Clock, Log: a.part("persist"),
		SegmentBytes: cfg.JournalSegmentSize, MaxJournal: cfg.JournalMaxSize, SyncTook: a.syncTook,
	})
	return err
}

func fsyncMode(cfg *config.Config) persist.Fsync {
	switch cfg.AppendFsync {
	case config.FsyncAlways:
		return persist.Always
	case config.FsyncNo:
		return persist.Never
	}
	return persist.EverySec
}

// openEngine makes the engine and loads what is stored.
func (a *App) openEngine() error {
	memory, err := memoryPolicy(a.opt.Config)
	if err != nil {
		return err
	}
	opt := engine.Options{
		Store: engine.Discard{}, Observer: resp.NewNotifier(a.hub, a.live), Clock: a.opt.Clock, Databases: a.opt.Config.Databases,
		Shards: a.opt.Config.Shards, Memory: memory, CycleTook: a.cycleTook,
	}
	if a.store != nil {
		opt.Store, opt.History = a.store, a.store
		opt.WantCheckpoint = a.checkpoint
	}
	a.engine = engine.New(opt)
	if a.store == nil {
		return nil
	}
	a.disk.loaded, err = a.load(runtime.GOMAXPROCS(0), a.engine.Load)
	return errors.Join(err, a.engine.Loaded())
}

// checkpoint folds the journal in the background, since the engine can drop only
// values from memory that are in the data file.
func (a *App) checkpoint() {
	a.serving.Add(1)
	go func() {
		defer a.serving.Done()
		if err := a.store.Checkpoint(context.Background()); err != nil {
			a.log.Warn().Err(err).Msg("the checkpoint that memory waits for failed")
		}
	}()
}

// load gives every stored row to put, with whether it is in the data file.
func (a *App) load(workers int, put func(row *change.Row, folded bool) error) (persist.LoadStats, error) {
	return a.store.LoadParts(workers,
		func(row *change.Row) error { return put(row, true) },
		func(row *change.Row) error { return put(row, false) })
}

func memoryPolicy(cfg *config.Config) (engine.MemoryPolicy, error) {
	policy, err := engine.ParsePolicy(string(cfg.MaxMemoryPolicy))
	return engine.MemoryPolicy{
		Limit: cfg.MaxMemory, Policy: policy, Samples: cfg.MaxMemorySamples,
		LogFactor: cfg.LFULogFactor, DecayMinutes: cfg.LFUDecayTime,
	}, err
}

// writeFailed is told that a write to the journal has failed. Memory shows what
// was refused, so it is dropped and loaded again from what the disk has.
func (a *App) writeFailed(cause error) {
	a.log.Error().Err(cause).Msg("writing failed: writes are refused until the disk takes them again")
	a.serving.Add(1)
	go func() {
		defer a.serving.Done()
		if err := a.reload(); err != nil {
			a.log.Error().Err(err).Msg("loading what is on disk failed: memory may show writes that were refused")
		}
		a.server.DiskAdvanced()
	}()
}

// reload drops memory and loads it from disk.
func (a *App) reload() error {
	if a.store == nil {
		return errors.New("nothing is kept on disk")
	}
	err := a.engine.Reload(func(put func(*change.Row, bool) error) error {
		_, err := a.load(1, put)
		return err
	})
	a.migrations.Reloaded()
	return err
}
