package run

import (
	"fmt"
	"slices"
	"strings"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/migrate"
)

// Replacing says whether a registered migration may be replaced.
type Replacing bool

// Register stores a migration and returns its checksum. One with the same checksum
// may be registered again; another one of the same version only in place of one
// that was never applied. The Tx holds all shards.
func (r *Runner) Register(tx *engine.Tx, text []byte, replace Replacing) (string, error) {
	m, err := migrate.Parse(text)
	if err != nil {
		return "", rediserr.New(rediserr.OneLine("invalid migration: " + err.Error()))
	}
	b := r.book()
	s := b.find(tx.DB(), m.Target.Name)
	if s == nil || len(s.set) == 0 && len(s.Applied) == 0 {
		if s, err = r.newTarget(tx, b, s, m.Target); err != nil {
			return "", err
		}
	}
	if s.Kind != m.Target.Kind {
		return "", rediserr.Coded("CONFLICT", rediserr.OneLine(fmt.Sprintf("'%s' is a %s", s.Name, s.Kind)))
	}
	if old := s.set.Get(m.Version); old != nil {
		switch {
		case old.Checksum == m.Checksum:
			return m.Checksum, nil
		case !bool(replace):
			return "", rediserr.Coded("EXISTS", fmt.Sprintf("migration %s is registered with another content (%.15s…)", m.Version, old.Checksum))
		case s.was(m.Version) != nil || !s.highest().Less(m.Version) && s.Ahead != "":
			return "", rediserr.Coded("CONFLICT", fmt.Sprintf("migration %s was applied", m.Version))
		}
	}
	if err := b.locked(s); err != nil {
		return "", err
	}
	tx.PutSetting(regName(&s.Target, m.Version), string(m.Text))
	r.publishShapes()
	return m.Checksum, nil
}

// newTarget stores a target that no migration was registered for.
func (r *Runner) newTarget(tx *engine.Tx, b *book, old *shelf, what migrate.Target) (*shelf, error) {
	t := Target{DB: tx.DB(), Kind: what.Kind, Name: what.Name, Base: migrate.Zero, Version: migrate.Zero}
	scope, err := r.scope(&t)
	if err != nil {
		return nil, err
	}
	for id, s := range b.targets {
		t.ID = max(t.ID, id)
		other, err := r.scope(&s.Target)
		if s != old && err == nil && scope.meets(&other) {
			return nil, rediserr.Coded("CONFLICT", rediserr.OneLine(fmt.Sprintf("'%s' and '%s' have documents in common", t.Name, s.Name)))
		}
	}
	t.ID++
	if old != nil {
		t.ID, t.Logged = old.ID, old.Logged
	}
	putTarget(tx, &t)
	return &shelf{Target: t}, nil
}

// meets reports whether two scopes have keys in common.
func (s *Scope) meets(other *Scope) bool {
	switch {
	case s.DB != other.DB:
		return false
	case s.Prefix && other.Prefix:
		return strings.HasPrefix(s.Name, other.Name) || strings.HasPrefix(other.Name, s.Name)
	case s.Prefix:
		return s.covers([]byte(other.Name))
	}
	return other.covers([]byte(s.Name))
}

// Drop removes a migration that was never applied. The Tx holds all shards.
func (r *Runner) Drop(tx *engine.Tx, name string, version string) error {
	s, m, err := r.registered(tx.DB(), name, version)
	if err != nil {
		return err
	}
	if s.was(m.Version) != nil || s.Ahead != "" && !s.Ahead.Less(m.Version) {
		return rediserr.Coded("CONFLICT", fmt.Sprintf("migration %s was applied", m.Version))
	}
	if err := r.book().locked(s); err != nil {
		return err
	}
	tx.DeleteSetting(regName(&s.Target, m.Version))
	if len(s.set) == 1 && len(s.Applied) == 0 && s.Logged == 0 {
		tx.DeleteSetting(fmt.Sprintf("%s%d", targetRow, s.ID))
	}
	r.publishShapes()
	return nil
}

// registered returns a target and one of its migrations.
func (r *Runner) registered(db int, name, version string) (*shelf, *migrate.Migration, error) {
	s, err := r.book().target(db, name)
	if err != nil {
		return nil, nil, err
	}
	v, err := migrate.ParseVersion(version)
	if err != nil {
		return nil, nil, rediserr.New(rediserr.OneLine(err.Error()))
	}
	m := s.set.Get(v)
	if m == nil {
		return nil, nil, rediserr.Coded("NOTFOUND", fmt.Sprintf("no migration %s (latest is %s)", v, s.set.Latest()))
	}
	return s, m, nil
}

// Repair takes over the registered form of one applied migration as the one that was
// applied; with a text, that form is registered first. A version that is applied and
// not registered is struck off. The Tx holds all shards.
func (r *Runner) Repair(tx *engine.Tx, name, version string, text []byte, author string) error {
	s, err := r.book().target(tx.DB(), name)
	if err != nil {
		return err
	}
	v, err := migrate.ParseVersion(version)
	if err != nil {
		return rediserr.New(rediserr.OneLine(err.Error()))
	}
	if err := r.book().locked(s); err != nil {
		return err
	}
	t := s.Target
	t.Applied = slices.Clone(t.Applied)
	was := t.was(v)
	if was == nil {
		return rediserr.Coded("NOTFOUND", fmt.Sprintf("migration %s was not applied", v))
	}
	m := s.set.Get(v)
	if text != nil {
		if m, err = parseFor(text, s, v); err != nil {
			return err
		}
		tx.PutSetting(regName(&t, v), string(m.Text))
	}
	entry := Entry{Version: v, Direction: "repair", Started: r.nowText(), Author: author, Result: "ok"}
	if m == nil {
		t.Applied = slices.DeleteFunc(t.Applied, func(a Applied) bool { return a.Version == v })
	} else {
		was.Checksum, entry.Checksum = m.Checksum, m.Checksum
	}
	putEntry(tx, &t, &entry)
	putTarget(tx, &t)
	r.publishShapes()
	return nil
}

// parseFor reads a migration that has to be of a target and a version.
func parseFor(text []byte, s *shelf, v migrate.Version) (*migrate.Migration, error) {
	m, err := migrate.Parse(text)
	switch {
	case err != nil:
		return nil, rediserr.New(rediserr.OneLine("invalid migration: " + err.Error()))
	case m.Version != v || m.Target != migrate.Target{Kind: s.Kind, Name: s.Name}:
		return nil, rediserr.New("the migration is of another version or target")
	}
	return m, nil
}

// Baseline says that all migrations up to a version were applied by other means:
// documents that say no version have this one. The Tx holds all shards.
func (r *Runner) Baseline(tx *engine.Tx, name, version, author string) error {
	s, m, err := r.registered(tx.DB(), name, version)
	if err != nil {
		return err
	}
	if err := r.book().locked(s); err != nil {
		return err
	}
	if m.Version.Less(s.Version) || len(s.Applied) > 0 && s.Version != s.Base {
		return rediserr.Coded("CONFLICT", fmt.Sprintf("migrations were run; the version is %s", s.Version))
	}
	t := s.Target
	t.Applied = slices.Clone(t.Applied)
	for _, m := range s.set.Between(t.Version, m.Version) {
		t.Applied = append(t.Applied, Applied{Version: m.Version, Checksum: m.Checksum, Baseline: true})
		putEntry(tx, &t, &Entry{Version: m.Version, Direction: "baseline", Checksum: m.Checksum, Started: r.nowText(), Author: author, Result: "ok"})
	}
	t.Base, t.Version = m.Version, m.Version
	putTarget(tx, &t)
	r.publishShapes()
	return nil
}

// SetVersion says which version a document has, or with no id which one the target
// has, without running anything. The version must be one of the target's. The Tx
// holds all shards.
func (r *Runner) SetVersion(tx *engine.Tx, name string, id []byte, version string) error {
	s, err := r.book().target(tx.DB(), name)
	if err != nil {
		return err
	}
	v, err := s.parseTo(version)
	if err != nil {
		return err
	}
	if err := r.book().locked(s); err != nil {
		return err
	}
	if id == nil {
		t := s.Target
		t.Version = v
		putEntry(tx, &t, &Entry{Version: v, Direction: "set", Started: r.nowText(), Result: "ok"})
		putTarget(tx, &t)
		r.publishShapes()
		return nil
	}
	d, err := r.locate(tx, s, id)
	if err != nil {
		return err
	}
	value := append(tx.DocumentBuffer(), d.value...)
	return tx.PutDocuments(engine.DocumentPut{
		Key: d.key, Value: value, Expire: engine.Keep, Shape: &engine.DocumentShape{Version: s.text(v)},
	})
}

// locate returns the document with an id: the key, or what follows the prefix.
func (r *Runner) locate(tx *engine.Tx, s *shelf, id []byte) (document, error) {
	scope, err := r.scope(&s.Target)
	if err != nil {
		return document{}, err
	}
	key := id
	if scope.Prefix {
		key = append([]byte(scope.Name), id...)
	}
	d, err := copyOf(tx, key)
	if err == nil && (!d.there() || !scope.covers(key)) {
		err = rediserr.Coded("NOTFOUND", rediserr.OneLine(fmt.Sprintf("no document '%.100s'", id)))
	}
	return d, err
}

// VersionOf returns the version of a document, or with no id that of the target. The
// Tx holds all shards.
func (r *Runner) VersionOf(tx *engine.Tx, name string, id []byte) (migrate.Version, error) {
	s, err := r.book().target(tx.DB(), name)
	if err != nil || id == nil {
		return versionOr(s), err
	}
	d, err := r.locate(tx, s, id)
	if err != nil {
		return "", err
	}
	return s.versionOf(&d.info), nil
}

func versionOr(s *shelf) migrate.Version {
	if s == nil {
		return ""
	}
	return s.Version
}
