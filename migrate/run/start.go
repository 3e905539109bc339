package run

import (
	"fmt"
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/migrate"
)

// Request is what a client wants to be done.
type Request struct {
	DB         int
	Name       string
	Down       bool
	To         string // empty: the latest
	Mode       Mode   // empty: ATOMIC
	BatchSize  int
	OnError    OnError // empty: ABORT
	OutOfOrder bool
	Strategy   migrate.Strategy
	NoSafety   bool
	Author     string
}

// DefaultBatch is how many documents lie between two checkpoints of a job for
// which nobody says it.
const DefaultBatch = 1000

// Started is a job that was begun.
type Started struct {
	// Label is the name of the job; empty: there is nothing to do.
	Label string
	// Seq is the change set with which the job was stored.
	Seq uint64

	job  *job
	none Report
}

// Wait waits for the end of the job and returns what it has done, and the newest
// change set that it is part of.
func (s *Started) Wait() (Report, uint64, error) {
	if s.job == nil {
		return s.none, s.Seq, nil
	}
	return s.job.await()
}

// Start begins what is asked for.
func (r *Runner) Start(q Request) (Started, error) {
	if err := r.opt.Disk.Err(); err != nil {
		return Started{}, rediserr.Misconf(err.Error())
	}
	tx := r.begin()
	row, err := r.admit(tx, &q)
	if err != nil {
		tx.Commit()
		return Started{}, err
	}
	if row.ID == 0 {
		return Started{Seq: tx.Commit().Seq, none: Report{From: row.From, To: row.To}}, nil
	}
	j := r.revive(*row)
	r.publishShapes()
	seq := tx.Commit().Seq
	j.saw(seq)
	r.opt.Disk.Flush() // what the job is to do comes before what it does
	r.launch(j)
	return Started{Label: row.Label(), Seq: seq, job: j}, nil
}

// admit checks a request and stores the job that it makes. The job has no ID if
// there is nothing to do.
func (r *Runner) admit(tx *engine.Tx, q *Request) (*Job, error) {
	b := r.book()
	s, err := b.target(q.DB, q.Name)
	if err != nil {
		return nil, err
	}
	if err := b.locked(s); err != nil {
		return nil, err
	}
	if _, err := r.scope(&s.Target); err != nil {
		return nil, err
	}
	row := &Job{
		Target: s.ID, DB: s.DB, Name: s.Name, Down: q.Down, From: s.Version, Mode: Atomic, OnError: Abort,
		BatchSize: q.BatchSize, OutOfOrder: q.OutOfOrder, Strategy: q.Strategy, Author: q.Author,
		Safety: !q.NoSafety, State: Running, Started: r.nowText(),
	}
	if q.Mode != "" {
		row.Mode = q.Mode
	}
	if q.OnError != "" {
		row.OnError = q.OnError
	}
	choose := s.planUp
	if q.Down {
		choose = s.planDown
	}
	work, err := choose(q, row)
	if err != nil || !work {
		return row, err
	}
	if err := r.checkTypes(s, row); err != nil {
		return nil, err
	}
	for id := range b.jobs {
		row.ID = max(row.ID, id)
	}
	row.ID++
	return row, r.register(tx, s, row)
}

// register stores a new job.
func (r *Runner) register(tx *engine.Tx, s *shelf, row *Job) error {
	if row.Mode == Batch {
		if err := r.switchTypes(tx, s, row, false); err != nil {
			return err
		}
		t := s.Target
		row.Was = t.Ahead
		t.Ahead = t.highest()
		if !row.Down {
			t.Ahead = migrate.Higher(t.Ahead, row.To)
		}
		putTarget(tx, &t)
	}
	putJob(tx, row)
	return nil
}

// highest is the highest version that a document of the target may have.
func (t *Target) highest() migrate.Version { return migrate.Higher(t.Version, t.Ahead) }

// checkTypes looks whether the types are those that the migrations expect.
func (r *Runner) checkTypes(s *shelf, row *Job) error {
	types := typesOf(s, row)
	if types == nil || r.opt.Collections == nil {
		return nil
	}
	return r.opt.Collections.CheckType(s.DB, s.Name, types.From, types.To)
}

// planUp chooses the migrations that lead to a version.
func (s *shelf) planUp(q *Request, row *Job) (work bool, err error) {
	row.To = migrate.Higher(s.set.Latest(), s.Version)
	if q.To != "" {
		if row.To, err = s.parseTo(q.To); err != nil {
			return false, err
		}
	}
	if row.To.Less(s.Version) && !q.OutOfOrder {
		return false, rediserr.Newf("%s is below the version %s that '%s' has: use MIG.DOWN", row.To, s.Version, s.Name)
	}
	for _, m := range s.set.Between(s.Base, row.To) {
		if s.was(m.Version) != nil {
			continue
		}
		if m.Version.Less(s.Version) && !q.OutOfOrder {
			return false, rediserr.Coded("CONFLICT", fmt.Sprintf(
				"out of order: %s was not applied and is below %s; OUTOFORDER applies it all the same", m.Version, s.Version))
		}
		row.Steps = append(row.Steps, m.Version)
	}
	late := len(row.Steps) > 0 && row.Steps[0].Less(s.Version)
	if row.OutOfOrder = late; late && row.Mode != Atomic {
		return false, rediserr.New("OUTOFORDER needs MODE ATOMIC: a document says only which version it has")
	}
	return len(row.Steps) > 0 || s.Lagging || s.Ahead != "", nil
}

// parseTo reads a version that must be one of the target's.
func (s *shelf) parseTo(text string) (migrate.Version, error) {
	v, err := migrate.ParseVersion(text)
	if err != nil {
		return "", rediserr.New(rediserr.OneLine(err.Error()))
	}
	if v != s.Base && v != s.Version && s.set.Get(v) == nil {
		return "", rediserr.Coded("NOTFOUND", fmt.Sprintf("no migration %s (latest is %s)", v, s.set.Latest()))
	}
	return v, nil
}

// planDown chooses the migrations that are taken back.
func (s *shelf) planDown(q *Request, row *Job) (work bool, err error) {
	if row.To, err = s.parseAny(q.To); err != nil {
		return false, err
	}
	switch {
	case s.highest().Less(row.To):
		return false, rediserr.Newf("%s is above the version %s that '%s' has: use MIG.UP", row.To, s.Version, s.Name)
	case row.To.Less(s.Base):
		return false, rediserr.Coded("IRREVERSIBLE", fmt.Sprintf("%s is the baseline of '%s'", s.Base, s.Name))
	}
	for _, m := range s.set.Between(s.Version, s.Ahead) {
		if row.To.Less(m.Version) && s.was(m.Version) == nil {
			row.Steps = append(row.Steps, m.Version) // some documents may have it
		}
	}
	slices.Reverse(row.Steps)
	for i := len(s.Applied) - 1; i >= 0; i-- {
		a := &s.Applied[i]
		switch {
		case !row.To.Less(a.Version):
		case a.Baseline:
			return false, rediserr.Coded("IRREVERSIBLE", fmt.Sprintf("%s was never run here", a.Version))
		case s.set.Get(a.Version) == nil:
			return false, rediserr.Coded("NOTFOUND", fmt.Sprintf("the applied migration %s is not registered", a.Version))
		default:
			row.Steps = append(row.Steps, a.Version)
		}
	}
	return len(row.Steps) > 0, nil
}
