package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"kvd/internal/rediserr"
	"kvd/migrate"
	"kvd/migrate/ops"
)

// job is a job under way.
type job struct {
	r      *Runner
	env    ops.Env // of the goroutine that works
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}
	began  time.Time

	resumed bool // it was begun before the start of the server
	scope   Scope
	cut     time.Time // undo records that are older are not used

	mu     sync.Mutex // a leaf: it is taken under shard locks too
	row    Job
	phase  string
	gate   chan struct{} // closed when the job is to go on; nil: it is not paused
	spread time.Time     // when the progress was published last
	fresh  map[string]struct{}

	err error  // why it failed, when it has ended
	seq uint64 // the newest change set of the job
}

// revive makes a job of what is stored.
func (r *Runner) revive(row Job) *job {
	ctx, cancel := context.WithCancel(r.ctx)
	j := &job{
		r: r, ctx: ctx, cancel: cancel, row: row, ended: make(chan struct{}),
		began: r.now(), phase: "starting", cut: r.now().Add(-r.opt.Settings().UndoKeep),
	}
	if row.State == Paused {
		j.gate = make(chan struct{})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[row.ID] = j
	return j
}

// launch starts the work.
func (r *Runner) launch(j *job) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		defer close(j.ended)
		defer j.cancel()
		j.err = j.work()
		j.tell(true)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.live, j.row.ID)
	}()
}

var errStopped = errors.New("the server stops")

// work runs the job to its end.
func (j *job) work() error {
	err := j.guarded()
	switch {
	case err == nil:
		return nil
	case j.r.ctx.Err() != nil:
		return errStopped // the row stays: the next start goes on
	case j.ctx.Err() != nil:
		j.finish(Cancelled, errCancelled)
		return errCancelled
	}
	j.finish(Failed, err)
	return err
}

// guarded does the work. A panic becomes an error: the server lives on, and the
// documents of a transaction that was not committed are as they were.
func (j *job) guarded() (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			j.r.opt.Log(fmt.Sprintf("job %s panicked: %v\n%s", j.row.Label(), fault, debug.Stack()))
			err = rediserr.Internal
		}
	}()
	if err := j.prepare(); err != nil {
		return err
	}
	if j.row.Mode == Atomic {
		return j.atomic()
	}
	return j.batches()
}

var errCancelled = rediserr.New("the job was cancelled")

// prepare looks what there is to do and makes the safety copy.
func (j *job) prepare() error {
	s := j.r.book().targets[j.row.Target]
	if s == nil {
		return rediserr.Internal
	}
	scope, err := j.r.scope(&s.Target)
	if err != nil {
		return err
	}
	j.scope = scope
	if j.row.Safety && j.row.Snapshot == "" && j.r.opt.Safety != nil {
		j.enter("snapshot")
		id, err := j.r.opt.Safety(j.ctx, "pre-mig", scope)
		if err != nil {
			return rediserr.Newf("the safety copy before the migration failed: %v", err)
		}
		j.mu.Lock()
		j.row.Snapshot = id
		j.mu.Unlock()
	}
	j.enter("counting")
	total, err := j.r.count(j.ctx, &scope)
	j.mu.Lock()
	j.row.Total = total
	j.mu.Unlock()
	return err
}

// enter begins a phase.
func (j *job) enter(phase string) {
	j.mu.Lock()
	j.phase = phase
	j.mu.Unlock()
}

// noteKey is told of documents that are made while the job prepares.
func (j *job) noteKey(key []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fresh == nil {
		j.fresh = make(map[string]struct{})
	}
	j.fresh[string(key)] = struct{}{}
}

// wait lets others go on: it waits while the job is paused or the disk is behind,
// and fails when the job has to end.
func (j *job) wait() error {
	j.r.opt.Disk.Flush()
	j.r.opt.Disk.WaitBacklog(j.ctx)
	j.mu.Lock()
	gate := j.gate
	j.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-j.ctx.Done():
		}
	}
	if err := j.r.opt.Disk.Err(); err != nil {
		return rediserr.Misconf(err.Error())
	}
	return j.ctx.Err()
}

// Progress is what a job tells of itself.
type Progress struct {
	Job
	Phase string
	Rate  float64       // documents a second
	ETA   time.Duration // 0: not known
}

// progress returns how far the job is.
func (j *job) progress() Progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := Progress{Job: j.row, Phase: j.phase}
	if seconds := j.r.now().Sub(j.began).Seconds(); seconds > 0 {
		p.Rate = float64(j.row.Docs) / seconds
	}
	if p.Rate > 0 && j.row.State.active() {
		p.ETA = time.Duration(float64(max(0, j.row.Total-j.row.Docs)) / p.Rate * float64(time.Second))
	}
	return p
}

// spreadEvery is how often the progress is published at most.
const spreadEvery = 500 * time.Millisecond

// Channel is where the progress of a job is published.
func Channel(label string) string { return "__kvd__:mig:" + label }

// tell publishes the progress, if it is time or the job has ended.
func (j *job) tell(last bool) {
	now := j.r.now()
	j.mu.Lock()
	due := last || now.Sub(j.spread) >= spreadEvery
	if due {
		j.spread = now
	}
	j.mu.Unlock()
	if !due || j.r.opt.Publish == nil {
		return
	}
	p := j.progress()
	text, _ := json.Marshal(struct {
		Job     string          `json:"job"`
		Target  string          `json:"target"`
		From    migrate.Version `json:"from"`
		To      migrate.Version `json:"to"`
		State   State           `json:"state"`
		Phase   string          `json:"phase"`
		Done    int64           `json:"done"`
		Total   int64           `json:"total"`
		Changed int64           `json:"changed"`
		Failed  int64           `json:"failed"`
		Rate    float64         `json:"rate"`
		ETA     int64           `json:"eta"`
	}{p.Label(), p.Name, p.From, p.To, p.State, p.Phase, p.Docs, p.Total, p.Changed, p.Failed, p.Rate, p.ETA.Milliseconds()})
	j.r.opt.Publish(Channel(p.Label()), string(text))
}
