package run

import (
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/migrate"
	"kvd/migrate/ops"
)

// steps is what a job does to one document.
type steps struct {
	target     *Target
	set        migrate.Set // everything that may be applied to a document
	run        migrate.Set // what the job applies or takes back, in its order
	down       bool
	to         migrate.Version
	outOfOrder bool
	how        migrate.Strategy
	author     string
	cut        time.Time
	now        time.Time
}

// stepsOf returns what a job does.
func (r *Runner) stepsOf(s *shelf, j *Job, cut time.Time) *steps {
	x := &steps{
		target: &s.Target, down: j.Down, to: j.To, outOfOrder: j.OutOfOrder, how: j.Strategy, author: j.Author,
		cut: cut, now: r.now(),
	}
	for _, v := range j.Steps {
		if m := s.set.Get(v); m != nil {
			x.run = append(x.run, m)
		}
	}
	for _, m := range s.set {
		if s.was(m.Version) != nil || x.run.Has(m.Version) {
			x.set = append(x.set, m)
		}
	}
	return x
}

// pending reports whether a document is to be changed.
func (x *steps) pending(info *engine.DocumentInfo) bool {
	switch v := x.target.versionOf(info); {
	case x.outOfOrder:
		return true
	case x.down:
		return x.to.Less(v)
	default:
		return v.Less(x.to)
	}
}

// change returns what becomes of a document. It fails with an *ops.Error or a
// *migrate.IrreversibleError.
func (x *steps) change(e *ops.Env, v doc.Value, info *engine.DocumentInfo) (migrate.Shape, error) {
	s := migrate.Shape{Value: v, Version: x.target.versionOf(info), Undo: migrate.Undo(info.Undo).Since(x.cut)}
	if x.down {
		return x.back(e, s)
	}
	var err error
	was := s.Version
	for _, m := range x.set {
		late := was.Less(m.Version) && !x.to.Less(m.Version)
		if late || x.outOfOrder && x.run.Has(m.Version) {
			if s, err = s.Up(e, m, x.now); err != nil {
				return s, err
			}
		}
	}
	s.Version = migrate.Higher(s.Version, x.to)
	return s, nil
}

// back takes the migrations of a document back that were applied to it.
func (x *steps) back(e *ops.Env, s migrate.Shape) (migrate.Shape, error) {
	var err error
	for i, m := range x.run {
		if s.Version.Less(m.Version) && !s.Undo.HasUndo(m.Version) {
			continue // it never had this one
		}
		below := x.to
		for _, next := range x.run[i+1:] {
			if next.Version.Less(m.Version) {
				below = next.Version
				break
			}
		}
		if s, err = s.Down(e, m, below, x.how); err != nil {
			return s, err
		}
	}
	if x.to.Less(s.Version) {
		s.Version = x.to
	}
	return s, nil
}
