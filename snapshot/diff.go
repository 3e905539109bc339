package snapshot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"iter"

	"kvd/engine"
	"kvd/persist"
	"kvd/snapshot/archive"
)

// Diff is how two states differ.
type Diff struct {
	Added, Removed, Changed int64
	// Sample names some of the keys that differ, at most maxSample.
	Sample []Difference
}

// Difference is one key that differs.
type Difference struct {
	DB   int
	Key  []byte
	What string // added, removed or changed
}

const maxSample = 10

// lines gives the records of a state with their lines, in the order of storage.
type lines func(emit func(r *archive.Record, line []byte) error) error

// Diff compares a snapshot with another or, if that is empty, with what there is
// now. What the second has and the first has not is added.
func (s *Service) Diff(ctx context.Context, id, other string) (d Diff, err error) {
	from, err := s.Info(ctx, id)
	if err != nil {
		return d, err
	}
	var to Info
	if other != "" {
		if to, err = s.Info(ctx, other); err != nil {
			return d, err
		}
	}
	err = s.run(ctx, "diff", func(t *task) error {
		defer s.use(id)()
		first := s.snapshotLines(t, &from)
		if other == "" {
			d, err = s.diffNow(t, from, first)
		} else {
			d, err = compare(first, s.snapshotLines(t, &to))
		}
		return err
	})
	return d, err
}

// diffNow compares a snapshot with what there is now.
func (s *Service) diffNow(t *task, from Info, first lines) (d Diff, err error) {
	// Nothing may be put in the place of what the view shows.
	if err := s.lock(t.ctx); err != nil {
		return d, err
	}
	defer s.unlock()
	meta, err := s.metadata(t.ctx, from)
	if err != nil {
		return d, err
	}
	view, err := s.opt.Store.View(t.ctx, persist.Spool{Above: s.opt.Settings().Spool, Dir: s.dir()})
	if err != nil {
		return d, err
	}
	defer func() { _ = view.Close() }() // it was only read
	settings, _, err := settingsOf(view, s.opt.Engine.Databases())
	if err != nil {
		return d, err
	}
	keys, _, err := resolve(meta.Scope, settings)
	if err != nil {
		return d, err
	}
	return compare(first, viewLines(t.ctx, view, keys, s.now().UnixMilli(), s.opt.Engine.Databases()))
}

func (s *Service) snapshotLines(t *task, info *Info) lines {
	return func(emit func(*archive.Record, []byte) error) error {
		return s.read(t.ctx, info, archive.Visitor{Record: func(r *archive.Record, line []byte) error {
			if err := t.step(len(line)); err != nil {
				return err
			}
			return emit(r, line)
		}})
	}
}

var errEnough = errors.New("that is enough")

// metadata reads the first member of a snapshot.
func (s *Service) metadata(ctx context.Context, info Info) (meta archive.Metadata, err error) {
	err = s.read(ctx, &info, archive.Visitor{Metadata: func(m *archive.Metadata) error {
		meta = *m
		return errEnough
	}})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return meta, err
}

// viewLines gives the keys of a view as an archive would have them.
func viewLines(ctx context.Context, view *persist.View, keys scope, now int64, databases int) lines {
	return func(emit func(*archive.Record, []byte) error) error {
		_, spaces, err := settingsOf(view, databases)
		if err != nil {
			return err
		}
		var line []byte
		src := source{view: view, now: now, scope: keys, emit: func(r *archive.Record) error {
			if ctx.Err() != nil {
				return errCancelled
			}
			line = archive.AppendRecord(line[:0], r)
			return emit(r, line)
		}}
		return src.run(spaces)
	}
}

// fingerprint is a key with the hash of its value. Revision data, which a restore
// may renew, does not count.
type fingerprint struct {
	db  int
	key []byte
	sum [sha256.Size]byte
	err error
}

// fingerprints gives the keys of a state, one after the other.
func fingerprints(all lines) iter.Seq[fingerprint] {
	return func(yield func(fingerprint) bool) {
		var h hash.Hash
		var room []byte
		err := all(func(r *archive.Record, _ []byte) error {
			if h == nil {
				h = sha256.New()
			}
			bare := *r
			bare.Info, bare.More = engine.DocumentInfo{Meta: r.Info.Meta}, false
			room = archive.AppendRecord(room[:0], &bare)
			h.Write(room)
			if r.More {
				return nil
			}
			f := fingerprint{db: r.DB, key: bytes.Clone(r.Key), sum: [sha256.Size]byte(h.Sum(nil))}
			h = nil
			if !yield(f) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(fingerprint{err: err})
		}
	}
}

// compare walks through two states at once.
func compare(a, b lines) (d Diff, err error) {
	nextA, stopA := iter.Pull(fingerprints(a))
	defer stopA()
	nextB, stopB := iter.Pull(fingerprints(b))
	defer stopB()
	x, okX := nextA()
	y, okY := nextB()
	for okX || okY {
		if err := errors.Join(x.err, y.err); err != nil {
			return d, err
		}
		switch order := compareKeys(x, okX, y, okY); {
		case order < 0:
			d.note(&d.Removed, "removed", x)
			x, okX = nextA()
		case order > 0:
			d.note(&d.Added, "added", y)
			y, okY = nextB()
		default:
			if x.sum != y.sum {
				d.note(&d.Changed, "changed", x)
			}
			x, okX = nextA()
			y, okY = nextB()
		}
	}
	return d, nil
}

func compareKeys(x fingerprint, okX bool, y fingerprint, okY bool) int {
	switch {
	case !okY:
		return -1
	case !okX:
		return 1
	case x.db != y.db:
		return x.db - y.db
	}
	return persist.CompareKeys(x.key, y.key)
}

func (d *Diff) note(count *int64, what string, f fingerprint) {
	*count++
	if len(d.Sample) < maxSample {
		d.Sample = append(d.Sample, Difference{DB: f.db, Key: f.key, What: what})
	}
}
