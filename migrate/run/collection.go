package run

import (
	"kvd/engine"
	"kvd/migrate"
)

// switchTypes gives a collection the type that its documents have after a job, or,
// with back, the one of before. The Tx holds all shards.
func (r *Runner) switchTypes(tx *engine.Tx, s *shelf, row *Job, back bool) error {
	if s.Kind != migrate.Collection || r.opt.Collections == nil {
		return nil
	}
	types := typesOf(s, row)
	if types == nil {
		return nil
	}
	to := types.To
	if back {
		to = types.From
	}
	tx.Select(s.DB)
	return r.opt.Collections.SwitchType(tx, s.Name, to)
}

// typesOf returns the types before and after a job, or nil if the type stays.
func typesOf(s *shelf, row *Job) *migrate.Types {
	var all *migrate.Types
	for _, v := range row.Steps {
		m := s.set.Get(v)
		if m == nil || m.Types == nil {
			continue
		}
		from, to := m.Types.From, m.Types.To
		if row.Down {
			from, to = to, from
		}
		if all == nil {
			all = &migrate.Types{From: from}
		}
		all.To = to
	}
	return all
}

// index makes or drops the indexes that a job is about, or with back does the
// opposite. The Tx holds all shards.
func (r *Runner) index(tx *engine.Tx, s *shelf, row *Job, back bool) error {
	if s.Kind != migrate.Collection || r.opt.Collections == nil {
		return nil
	}
	tx.Select(s.DB)
	for _, v := range row.Steps {
		m := s.set.Get(v)
		for i := 0; m != nil && i < len(m.Up); i++ {
			x := m.Up[i].Index
			if x == nil {
				continue
			}
			err := r.opt.Collections.Index(tx, s.Name, IndexChange{x.Name, x.Path, x.Type, x.Unique, x.Drop != (row.Down != back)})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// revert takes back what a job has prepared that has changed no document.
func (r *Runner) revert(tx *engine.Tx, s *shelf, row *Job) {
	_ = r.switchTypes(tx, s, row, true) // it is the one that was there
	t := s.Target
	t.Ahead = row.Was
	putTarget(tx, &t)
}

// fit says what is wrong with a document for a type of its collection (empty: the
// one that it has); empty: nothing, or there is no collection.
func (r *Runner) fit(t *Target, of *Scope, as string, d *document) string {
	if t.Kind != migrate.Collection || r.opt.Collections == nil {
		return ""
	}
	return r.opt.Collections.Fit(t.DB, t.Name, as, d.key[len(of.Name):], d.value)
}
