package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/persist"
	"kvd/snapshot/archive"
)

var (
	pointSafety = fail.New("snapshot.safety")
	pointStage  = fail.New("snapshot.stage")
	pointSwitch = fail.New("snapshot.switch")
	pointMerge  = fail.New("snapshot.merge")
)

// Conflict says what becomes of a key that is there already.
type Conflict uint8

// What can become of it.
const (
	Abort   Conflict = iota // nothing is restored at all
	Replace                 // it is replaced
	Skip                    // it stays
)

// RestoreOptions say what of a snapshot comes back, and how.
type RestoreOptions struct {
	// From and To, if Move is set: keys that begin with From come back with To in
	// its place, and others do not.
	Move     bool
	From, To []byte
	// Prefix, Match and Keys choose keys by their names in the snapshot; nil: all.
	Prefix, Match []byte
	Keys          [][]byte
	Conflict      Conflict
	// Flush removes first what there is among the keys that are chosen.
	Flush  bool
	Safety Choice
	DryRun bool

	scope scope // of the snapshot
}

// Restored is what a restore has done, or would do, in keys.
type Restored struct {
	Restored, Skipped, Replaced, Expired int64
	// Safety is the snapshot that was made before; empty: none.
	Safety string
}

// whole reports whether all keys come back under their own names.
func (o *RestoreOptions) whole() bool {
	return !o.Move && o.Prefix == nil && o.Match == nil && o.Keys == nil
}

// chooses reports whether a key comes back, and under which name.
func (o *RestoreOptions) chooses(key []byte) (name []byte, ok bool) {
	switch {
	case o.Move && !bytes.HasPrefix(key, o.From),
		o.Prefix != nil && !bytes.HasPrefix(key, o.Prefix),
		o.Match != nil && !glob.Match(o.Match, key):
		return nil, false
	}
	if o.Keys != nil && !contains(o.Keys, key) {
		return nil, false
	}
	if o.Move {
		return append(bytes.Clone(o.To), key[len(o.From):]...), true
	}
	return key, true
}

func contains(list [][]byte, key []byte) bool {
	for _, k := range list {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}

// covers reports whether a key of the server is among those that a restore with
// Flush takes the place of.
func (o *RestoreOptions) covers(key []byte) bool {
	if o.Move {
		rest, ok := bytes.CutPrefix(key, o.To)
		if !ok {
			return false
		}
		key = append(bytes.Clone(o.From), rest...)
	}
	_, ok := o.chooses(key)
	return ok && o.scope.has(key)
}

// Restore brings keys of a snapshot back.
func (s *Service) Restore(ctx context.Context, id string, o RestoreOptions) (out Restored, err error) {
	info, err := s.Info(ctx, id)
	if err != nil {
		return out, err
	}
	err = s.run(ctx, "restore", func(t *task) error {
		t.about(id)
		defer s.use(id)()
		if err := s.lock(t.ctx); err != nil {
			return err
		}
		defer s.unlock()
		out, err = s.restore(t, info, &o)
		return err
	})
	if err == nil && !o.DryRun {
		s.event("snap.restore", id)
	}
	return out, err
}

// survey is what the first reading of a snapshot has found.
type survey struct {
	keys, dead int64 // that come back, and whose time has passed
	bytes      int64
	taken      int64 // keys that are there already
	firstTaken []byte
	scoped     bool
	named      []archive.Scope
	settings   map[string]string
}

func (s *Service) restore(t *task, info Info, o *RestoreOptions) (Restored, error) {
	found, err := s.survey(t, &info, o)
	if err != nil {
		return Restored{}, err
	}
	replace := o.whole() && (o.Flush && !found.scoped || s.empty())
	out := Restored{Restored: found.keys, Expired: found.dead}
	if !replace && !o.Flush {
		switch {
		case found.taken > 0 && o.Conflict == Abort:
			return Restored{}, errExists(found.firstTaken)
		case o.Conflict == Skip:
			out.Skipped, out.Restored = found.taken, found.keys-found.taken
		default:
			out.Replaced = found.taken
		}
	}
	if o.DryRun {
		return out, nil
	}
	safety, err := s.safety(t, o)
	if err != nil {
		return Restored{}, err
	}
	if replace {
		err = s.replaceAll(t, &info, found)
	} else {
		out, err = s.merge(t, &info, o, found)
		out.Expired = found.dead
	}
	out.Safety = safety
	return out, err
}

func errExists(key []byte) error { return codedf("EXISTS", "key '%.128s' exists", key) }

// survey reads all of a snapshot, checks it, and counts.
func (s *Service) survey(t *task, info *Info, o *RestoreOptions) (*survey, error) {
	found := &survey{settings: make(map[string]string)}
	now, databases := s.now().UnixMilli(), s.opt.Engine.Databases()
	begun := false
	err := s.read(t.ctx, info, archive.Visitor{
		Metadata: func(m *archive.Metadata) error {
			found.scoped, found.named = len(m.Scope) > 0, slices.Clone(m.Scope)
			return nil
		},
		Settings: func(_ string, set archive.Settings) error {
			maps.Copy(found.settings, set)
			return nil
		},
		Record: func(r *archive.Record, line []byte) error {
			if err := t.step(len(line)); err != nil {
				return err
			}
			first := !begun
			begun = r.More
			name, ok := o.chooses(r.Key)
			if !ok {
				return nil
			}
			if r.DB >= databases {
				return rediserr.Newf("the snapshot has keys of database %d and there are only %d", r.DB, databases)
			}
			found.bytes += int64(len(line))
			if !first {
				return nil
			}
			found.count(r, s.has(r.DB, name), name, now)
			return nil
		},
	})
	if err == nil {
		o.scope, _, err = resolve(found.named, found.settings)
	}
	if err == nil && found.bytes > free(s.opt.Dir) {
		err = &archive.UnsafeError{What: fmt.Sprintf("its %d bytes do not fit on the disk", found.bytes)}
	}
	return found, err
}

func (f *survey) count(r *archive.Record, taken bool, name []byte, now int64) {
	if r.Expire != 0 && r.Expire <= now {
		f.dead++
		return
	}
	f.keys++
	if taken {
		if f.taken == 0 {
			f.firstTaken = bytes.Clone(name)
		}
		f.taken++
	}
}

// has reports whether there is a key now.
func (s *Service) has(db int, key []byte) bool {
	tx := s.opt.Engine.BeginKey(db, s.now().UnixMilli(), engine.NoTouch|engine.Frozen, key)
	defer tx.Commit()
	return tx.Peek(key)
}

// empty reports whether there are no keys at all.
func (s *Service) empty() bool {
	var none engine.Lock
	tx := s.opt.Engine.Begin(0, s.now().UnixMilli(), engine.NoTouch|engine.Frozen, &none)
	defer tx.Commit()
	for db := range s.opt.Engine.Databases() {
		tx.Select(db)
		if tx.Len() > 0 {
			return false
		}
	}
	return true
}

// safety makes the snapshot that a restore can be undone with.
func (s *Service) safety(t *task, o *RestoreOptions) (id string, err error) {
	if o.Safety == No || s.empty() {
		return "", nil
	}
	info, err := s.createLocked(t, CreateOptions{Name: "safety", Description: "before a restore"})
	if err == nil {
		err = pointSafety.Err()
	}
	if err != nil {
		return "", fmt.Errorf("the safety snapshot failed: %w", err)
	}
	return info.ID, nil
}

// replaceAll builds a data file of the snapshot and puts it in the place of the
// one in use.
func (s *Service) replaceAll(t *task, info *Info, found *survey) error {
	out, err := persist.NewBuilder(s.opt.Dir)
	if err != nil {
		return err
	}
	defer out.Abandon()
	b := builder{out: out, now: s.now().UnixMilli()}
	err = s.read(t.ctx, info, archive.Visitor{Record: func(r *archive.Record, line []byte) error {
		if err := t.step(len(line)); err != nil {
			return err
		}
		return b.add(r)
	}})
	if err == nil {
		err = b.settings(s.merged(found))
	}
	if err = errors.Join(err, pointStage.Err()); err != nil {
		return err
	}
	// What is left in the journal has to be folded while all wait.
	if err := s.opt.Store.Checkpoint(t.ctx); err != nil {
		return err
	}
	err = s.opt.Engine.Reload(func(put func(*change.Row, bool) error) error {
		rev := s.opt.Engine.RevisionRow()
		err := errors.Join(out.Put(&rev), pointSwitch.Err())
		if err == nil {
			err = s.opt.Store.Replace(out)
		}
		return errors.Join(err, s.opt.Load(put)) // of the old data if that has failed
	})
	return err
}

// merged are the settings after a restore of everything: those of the snapshot and
// what belongs to the server; a snapshot of some keys leaves the others too.
func (s *Service) merged(found *survey) map[string]string {
	now, _ := s.opt.Engine.Settings("")
	maps.DeleteFunc(now, func(name, _ string) bool { return !found.scoped && !strings.HasPrefix(name, ownPrefix) })
	maps.Copy(now, found.settings)
	return now
}
