package app

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/query"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/migrate/run"
	"kvd/snapshot"
	"kvd/snapshot/archive"
)

// openMigrations makes the runner of migrations, which needs the engine and the
// snapshots.
func (a *App) openMigrations() {
	opt := run.Options{
		Engine: a.engine, Clock: a.opt.Clock, Disk: a.disk, Settings: a.migrationSettings,
		Log:         func(text string) { a.log.Error().Str("part", "migrate").Msg(text) },
		Publish:     func(channel, message string) { a.hub.Publish([]byte(channel), []byte(message)) },
		Collections: (*collections)(a),
	}
	if a.store != nil {
		opt.Safety = a.safetyCopy
	}
	a.migrations = run.New(opt)
}

// migrationSettings is the part of the settings that is about migrations.
func (a *App) migrationSettings() run.Settings {
	cfg := a.live.Get()
	return run.Settings{UndoKeep: cfg.MigUndoKeep, AtomicDocuments: cfg.MigAtomicMax, AtomicBytes: cfg.MigAtomicBytes}
}

// safetyCopy makes a snapshot of the documents that are about to be migrated: of all
// keys that begin as theirs do.
func (a *App) safetyCopy(ctx context.Context, name string, of run.Scope) (string, error) {
	scope := archive.Scope{Kind: "prefix", Value: archive.Text(of.Name)}
	info, err := a.snapshots.Create(ctx, snapshot.CreateOptions{Name: name, Scopes: []archive.Scope{scope}})
	return info.ID, err
}

// collections is the collections of the server as migrations see them.
type collections App

// Prefix implements run.Collections.
func (c *collections) Prefix(db int, name string) (string, bool) {
	coll := c.engine.Collection(db, []byte(name))
	if coll == nil {
		return "", false
	}
	return coll.Prefix, true
}

// CheckType implements run.Collections.
func (c *collections) CheckType(db int, name, from, to string) error {
	coll := c.engine.Collection(db, []byte(name))
	if coll == nil {
		return rediserr.Coded("NOTFOUND", rediserr.OneLine("no collection '"+name+"'"))
	}
	if is := typeText(coll); from != is && from != coll.Type {
		return rediserr.Coded("CONFLICT", rediserr.OneLine("the type of '"+name+"' is '"+is+"' and not '"+from+"'"))
	}
	_, err := c.engine.Schema(to)
	return err
}

// typeText is the type of a collection as a migration names it.
func typeText(coll *engine.DocCollection) string {
	if coll.TypeVersion == 0 {
		return coll.Type
	}
	return coll.Type + "@" + strconv.FormatUint(uint64(coll.TypeVersion), 10)
}

// SwitchType implements run.Collections.
func (c *collections) SwitchType(tx *engine.Tx, name, to string) error {
	coll := c.engine.Collection(tx.DB(), []byte(name))
	if coll == nil {
		return rediserr.Coded("NOTFOUND", rediserr.OneLine("no collection '"+name+"'"))
	}
	rules := coll.CollectionRules
	kind, version, _ := strings.Cut(to, "@")
	n, err := strconv.ParseUint(version, 10, 32)
	if version != "" && err != nil {
		return rediserr.Newf("'%s' is no type", to)
	}
	rules.Type, rules.TypeVersion = kind, uint32(n)
	return tx.AlterCollection(coll, rules)
}

// Fit implements run.Collections.
func (c *collections) Fit(db int, name, as string, id []byte, v doc.Value) string {
	coll := c.engine.Collection(db, []byte(name))
	if coll == nil {
		return ""
	}
	var other *schema.Schema
	if as != "" {
		var err error
		if other, err = c.engine.Schema(as); err != nil {
			return err.Error()
		}
	}
	faults, err := coll.Fit(id, v, other)
	switch {
	case err != nil:
		return err.Error()
	case len(faults) > 0:
		return schema.Text(faults)
	}
	return ""
}

// Index implements run.Collections.
func (c *collections) Index(tx *engine.Tx, name string, x run.IndexChange) error {
	coll := c.engine.Collection(tx.DB(), []byte(name))
	if coll == nil {
		return rediserr.Coded("NOTFOUND", rediserr.OneLine("no collection '"+name+"'"))
	}
	rules := coll.CollectionRules
	rules.Indexes = slices.DeleteFunc(slices.Clone(rules.Indexes), func(d query.Definition) bool { return d.Name == x.Name })
	if !x.Drop {
		if len(rules.Indexes) < len(coll.CollectionRules.Indexes) {
			return rediserr.Coded("EXISTS", rediserr.OneLine("index '"+x.Name+"' exists"))
		}
		kind, ok := query.ParseType(x.Type)
		if x.Type != "" && !ok {
			return rediserr.Newf("'%s' is no type of an index", x.Type)
		}
		rules.Indexes = append(rules.Indexes, query.Definition{Name: x.Name, Paths: []string{x.Path}, Type: kind, Unique: x.Unique})
	}
	return tx.AlterCollection(coll, rules)
}

// stopMigrations ends the jobs under way, so that nobody waits for them.
func (a *App) stopMigrations() {
	if a.migrations != nil {
		a.migrations.Stop()
	}
}
