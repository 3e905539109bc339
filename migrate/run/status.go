package run

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kvd/internal/rediserr"
	"kvd/migrate"
)

// Status is how a target stands.
type Status struct {
	Target
	Latest  migrate.Version
	Pending []migrate.Version
	// Job is the job under way, or else the last one; nil: there was none.
	Job *Progress
	// Lock is the error that other jobs get; nil: none is under way.
	Lock error
}

// Targets returns the names of all targets of a database.
func (r *Runner) Targets(db int) (names []string) {
	for _, s := range r.book().of(db) {
		names = append(names, s.Name)
	}
	return names
}

// Status returns how a target stands.
func (r *Runner) Status(db int, name string) (Status, error) {
	b := r.book()
	s, err := b.target(db, name)
	if err != nil {
		return Status{}, err
	}
	v := Status{Target: s.Target, Latest: s.set.Latest(), Lock: b.locked(s)}
	for _, m := range s.set.Between(s.Base, s.set.Latest()) {
		if s.was(m.Version) == nil {
			v.Pending = append(v.Pending, m.Version)
		}
	}
	if j := b.last(s.ID); j != nil {
		p := r.progressOf(j)
		v.Job = &p
	}
	return v, nil
}

// progressOf returns how far a job is, or was when it ended.
func (r *Runner) progressOf(row *Job) Progress {
	r.mu.Lock()
	j := r.live[row.ID]
	r.mu.Unlock()
	if j != nil {
		return j.progress()
	}
	p := Progress{Job: *row, Phase: string(row.State)}
	if row.Took > 0 {
		p.Rate = float64(row.Docs) * 1000 / float64(row.Took)
	}
	return p
}

// IsJob reports whether a word is the label of a job, such as "m-12".
func (r *Runner) IsJob(word string) bool {
	_, err := r.Job(word)
	return err == nil
}

// Job returns how far a job is.
func (r *Runner) Job(label string) (Progress, error) {
	digits, ok := strings.CutPrefix(label, "m-")
	id, err := strconv.ParseUint(digits, 10, 64)
	if row := r.book().jobs[id]; ok && err == nil && row != nil {
		return r.progressOf(row), nil
	}
	return Progress{}, rediserr.Coded("NOTFOUND", rediserr.OneLine(fmt.Sprintf("no job '%.40s'", label)))
}

// Control is what a client can do with a job.
type Control uint8

// What there is.
const (
	Pause Control = iota
	Continue
	Cancel
)

var (
	errNotRunning = rediserr.New("the job has ended")
	errNotPaused  = rediserr.New("the job is not paused")
)

// Steer pauses, continues or cancels a job.
func (r *Runner) Steer(label string, what Control) error {
	p, err := r.Job(label)
	if err != nil {
		return err
	}
	r.mu.Lock()
	j := r.live[p.ID]
	r.mu.Unlock()
	if j == nil {
		return errNotRunning
	}
	if what == Cancel {
		j.cancel()
		<-j.ended
		return nil
	}
	return j.hold(what == Pause)
}

// hold stops the job or lets it go on, and stores that.
func (j *job) hold(stop bool) error {
	j.mu.Lock()
	if !stop && j.gate == nil {
		j.mu.Unlock()
		return errNotPaused
	}
	if stop && j.gate == nil {
		j.gate = make(chan struct{})
		j.row.State = Paused
	}
	if !stop {
		close(j.gate)
		j.gate = nil
		j.row.State = Running
	}
	j.mu.Unlock()
	tx := j.r.begin()
	if j.r.book().jobs[j.row.ID].State.active() {
		row := j.stored()
		putJob(tx, &row)
	}
	tx.Commit()
	return nil
}

// Listed is a registered migration with what is known of it.
type Listed struct {
	*migrate.Migration
	Applied, Baseline bool
	// Changed is set if what was applied had another checksum.
	Changed bool
}

// List returns the migrations of a target in the order of their versions.
func (r *Runner) List(db int, name string) ([]Listed, error) {
	s, err := r.book().target(db, name)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, len(s.set))
	for i, m := range s.set {
		list[i] = s.listed(m)
	}
	return list, nil
}

func (s *shelf) listed(m *migrate.Migration) Listed {
	was := s.was(m.Version)
	return Listed{m, was != nil, was != nil && was.Baseline, was != nil && was.Checksum != m.Checksum}
}

// Show returns one migration of a target.
func (r *Runner) Show(db int, name, version string) (Listed, error) {
	s, m, err := r.registered(db, name, version)
	if err != nil {
		return Listed{}, err
	}
	return s.listed(m), nil
}

// History returns the newest entries of the history of a target, the newest first.
func (r *Runner) History(db int, name string, count int) ([]Entry, error) {
	s, err := r.book().target(db, name)
	if err != nil {
		return nil, err
	}
	log := slices.Clone(s.log[max(0, len(s.log)-count):])
	slices.Reverse(log)
	return log, nil
}

// Fault is something that is wrong with what is stored.
type Fault struct {
	Target  string
	Version migrate.Version
	Key     []byte // of a document; nil: it is about the migration
	Kind    string // checksum, missing, version, document, stored
	Why     string
}

// verifyStored looks for faults in what is stored of a target.
func (s *shelf) verifyStored() (faults []Fault) {
	for _, a := range s.Applied {
		m := s.set.Get(a.Version)
		switch {
		case m == nil:
			faults = append(faults, Fault{s.Name, a.Version, nil, "missing", "it was applied and is not registered"})
		case m.Checksum != a.Checksum:
			faults = append(faults, Fault{s.Name, a.Version, nil, "checksum", "it was applied as " + a.Checksum})
		}
	}
	return faults
}
