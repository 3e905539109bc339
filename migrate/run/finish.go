package run

import (
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/migrate"
)

// finish ends a job in a transaction of its own.
func (j *job) finish(state State, why error) {
	tx := j.r.begin()
	j.conclude(tx, state, why)
	j.saw(tx.Commit().Seq)
}

// conclude stores how a job has ended. The Tx holds all shards.
func (j *job) conclude(tx *engine.Tx, state State, why error) {
	row := j.stored()
	row.State, row.Ended = state, j.r.nowText()
	if why != nil {
		row.Error = why.Error()
	}
	s := j.r.book().targets[row.Target]
	switch {
	case state == Done:
		j.advance(tx, s, &row)
	case row.Mode == Batch && row.Docs == 0 && !j.resumed:
		j.r.revert(tx, s, &row)
	}
	putJob(tx, &row)
	j.mu.Lock()
	j.row = row
	j.phase = string(state)
	j.mu.Unlock()
	j.r.publishShapes()
	j.r.forget(tx, &row)
}

// advance stores that the target has the version that the job leads to.
func (j *job) advance(tx *engine.Tx, s *shelf, row *Job) {
	t := s.Target
	t.Applied = slices.Clone(t.Applied)
	event, direction := "mig.up", "up"
	if row.Down {
		event, direction = "mig.down", "down"
	}
	for _, v := range row.Steps {
		was := t.was(v)
		entry := Entry{
			Version: v, Direction: direction, Started: row.Started, Took: row.Took, Docs: row.Docs,
			Changed: row.Changed, Failed: row.Failed, Author: row.Author, Snapshot: row.Snapshot, Result: "ok",
		}
		if m := s.set.Get(v); m != nil {
			entry.Checksum = m.Checksum
		}
		if row.Failed > 0 {
			entry.Result = "partial"
		}
		putEntry(tx, &t, &entry)
		switch {
		case row.Down:
			t.Applied = slices.DeleteFunc(t.Applied, func(a Applied) bool { return a.Version == v })
		case was == nil:
			t.Applied = append(t.Applied, Applied{Version: v, Checksum: entry.Checksum})
		}
	}
	t.Ahead = ""
	t.Lagging = row.Failed > 0 && row.OnError == Skip
	if row.Down {
		t.Version = row.To
	} else {
		t.Version = migrate.Higher(t.Version, row.To)
	}
	putTarget(tx, &t)
	tx.Select(t.DB)
	tx.NoteModule(event, []byte(t.Name))
}

// keptJobs is how many jobs that have ended are stored, of all targets.
const keptJobs = 100

// forget removes what is stored of jobs that ended long ago.
func (r *Runner) forget(tx *engine.Tx, newest *Job) {
	for id, j := range r.book().jobs {
		if id+keptJobs < newest.ID && !j.State.active() {
			tx.DeleteSetting(jobName(id))
		}
	}
}

// Report is what a job has done.
type Report struct {
	From, To migrate.Version
	Applied  []migrate.Version // in the order in which they were applied or taken back
	Docs     int64
	Changed  int64
	Failed   int64
	Snapshot string // empty: none
	Took     int64  // milliseconds
}

func (j *job) report() Report {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Report{
		From: j.row.From, To: j.row.To, Applied: j.row.Steps, Docs: j.row.Docs, Changed: j.row.Changed,
		Failed: j.row.Failed, Snapshot: j.row.Snapshot, Took: j.row.Took,
	}
}

var errServerStops = rediserr.New("the server stops; the job goes on when it starts again, if it is a BATCH")

// await waits for the end of a job, which the client wants to see.
func (j *job) await() (Report, uint64, error) {
	<-j.ended
	j.mu.Lock()
	seq := j.seq
	j.mu.Unlock()
	if j.err == errStopped { //nolint:errorlint // it is returned as it is
		return Report{}, seq, errServerStops
	}
	return j.report(), seq, j.err
}
