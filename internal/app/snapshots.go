package app

import (
	"os"
	"path/filepath"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/config"
	"kvd/resp"
	"kvd/snapshot"
	"kvd/snapshot/s3"
)

// openSnapshots makes the snapshots, which need store and engine.
func (a *App) openSnapshots() (err error) {
	for _, key := range a.opt.Config.SnapshotRecipients {
		if err := snapshot.CheckRecipient(key); err != nil {
			return err
		}
	}
	dir, err := filepath.Abs(a.opt.Config.Dir)
	if err != nil {
		return err
	}
	notifier := resp.NewNotifier(a.hub, a.live)
	a.snapshots, err = snapshot.New(snapshot.Options{
		Store: a.store, Engine: a.engine, Clock: a.opt.Clock, Log: a.part("snapshot"), Dir: dir,
		Settings: a.snapshotSettings, Version: Version,
		Load: func(put func(*change.Row, bool) error) error {
			_, err := a.load(1, put)
			return err
		},
		Event: func(name, id string) {
			if eventClasses(a.live.Get())&change.EventModule != 0 {
				notifier.Committed(&change.Set{Events: []change.Event{{Class: change.EventModule, Name: name, Key: []byte(id)}}})
			}
		},
	})
	return err
}

// snapshotSettings is the part of the settings that is about snapshots.
func (a *App) snapshotSettings() snapshot.Settings {
	cfg := a.live.Get()
	set := snapshot.Settings{
		Dir: cfg.SnapshotDir, MaxBytes: cfg.SnapshotMaxBytes, Spool: cfg.SnapshotSpool,
		Recipients: cfg.SnapshotRecipients, IdentityFile: cfg.SnapshotIdentityFile,
		Targets: make(map[string]snapshot.TargetSpec, len(cfg.SnapshotTargets)),
		Shapes: snapshot.Shapes{
			Hash:   engine.HashLimits{Entries: cfg.HashMaxListpackEntries, Value: cfg.HashMaxListpackValue},
			ZSet:   engine.ZLimits{Members: cfg.ZsetMaxListpackEntries, Bytes: cfg.ZsetMaxListpackValue},
			Intset: engine.IntsetMax(cfg.SetMaxIntsetEntries),
			Stream: engine.StreamLimits{Entries: cfg.StreamNodeMaxEntries, Bytes: cfg.StreamNodeMaxBytes},
		},
	}
	for i := range cfg.SnapshotTargets {
		set.Targets[cfg.SnapshotTargets[i].Name] = targetSpec(&cfg.SnapshotTargets[i])
	}
	return set
}

func targetSpec(t *config.SnapshotTarget) snapshot.TargetSpec {
	spec := snapshot.TargetSpec{Kind: t.Kind, Path: t.Path, S3: s3.Options{
		Endpoint: t.Endpoint, Bucket: t.Bucket, Prefix: t.Prefix, Region: t.Region, PartSize: t.PartSize,
		Key: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"), Token: os.Getenv("AWS_SESSION_TOKEN"),
	}}
	if t.ByHost {
		spec.S3.Addressing = s3.ByHost
	}
	return spec
}
