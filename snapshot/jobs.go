package snapshot

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Job states.
const (
	Running   = "running"
	Done      = "done"
	Failed    = "failed"
	Cancelled = "cancelled"
)

// keptJobs is how many jobs that have ended are remembered.
const keptJobs = 100

// Job is one task that takes its time.
type Job struct {
	ID, Kind string
	State    string
	// Snapshot is the one that it is about, once that is known.
	Snapshot string
	// Done is how many records have been dealt with, and Bytes of how many bytes.
	Done, Bytes    int64
	Started, Ended time.Time // Ended is zero while it runs
	Error          string
}

// task is a Job under way.
type task struct {
	mu     sync.Mutex
	job    Job
	cancel context.CancelFunc
	ctx    context.Context
}

func (t *task) snapshot() Job {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.job
}

// about notes which snapshot it is about.
func (t *task) about(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.job.Snapshot = id
}

// step counts a record, and ends the work if it was cancelled.
func (t *task) step(bytes int) error {
	t.mu.Lock()
	t.job.Done++
	t.job.Bytes += int64(bytes)
	t.mu.Unlock()
	if t.ctx.Err() != nil {
		return errCancelled
	}
	return nil
}

// jobs are the tasks of a server.
type jobs struct {
	mu   sync.Mutex
	last int
	list []*task // oldest first
}

// begin registers a task, whose context ends with ctx and when it is cancelled.
func (s *Service) begin(ctx context.Context, kind string) *task {
	ctx, cancel := context.WithCancel(ctx)
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	s.jobs.last++
	t := &task{ctx: ctx, cancel: cancel, job: Job{
		ID: fmt.Sprintf("s-%d", s.jobs.last), Kind: kind, State: Running, Started: s.now(),
	}}
	s.jobs.list = append(s.jobs.list, t)
	if n := len(s.jobs.list); n > keptJobs {
		s.jobs.list = slices.DeleteFunc(s.jobs.list, func(t *task) bool {
			n--
			return n >= keptJobs && t.snapshot().State != Running
		})
	}
	return t
}

// end notes how a task ended.
func (s *Service) end(t *task, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.job.Ended = s.now()
	switch {
	case err == nil:
		t.job.State = Done
	case t.ctx.Err() != nil:
		t.job.State, t.job.Error = Cancelled, errCancelled.Text
	default:
		t.job.State, t.job.Error = Failed, ClientError(err).Error()
	}
	t.cancel()
}

// run does a task, which ends with ctx, when it is cancelled, and with the service.
func (s *Service) run(ctx context.Context, kind string, work func(*task) error) (err error) {
	if s.opt.Store == nil {
		return errMemory
	}
	s.work.Add(1)
	defer s.work.Done()
	t := s.begin(ctx, kind)
	defer context.AfterFunc(s.ctx, t.cancel)()
	defer func() { s.end(t, err) }()
	return work(t)
}

// background does a task in the background and returns the ID of its job.
func (s *Service) background(kind string, work func(*task) error) (id string, err error) {
	if s.opt.Store == nil {
		return "", errMemory
	}
	t := s.begin(s.ctx, kind)
	s.work.Go(func() {
		err := work(t)
		s.end(t, err)
		if err != nil {
			s.opt.Log.Error().Err(err).Str("job", t.job.ID).Msg("a job of snapshots failed")
		}
	})
	return t.snapshot().ID, nil
}

// Jobs returns all jobs that are known, the newest first.
func (s *Service) Jobs() []Job {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	list := make([]Job, 0, len(s.jobs.list))
	for _, t := range slices.Backward(s.jobs.list) {
		list = append(list, t.snapshot())
	}
	return list
}

// Job returns a job.
func (s *Service) Job(id string) (Job, error) {
	t, err := s.find(id)
	if err != nil {
		return Job{}, err
	}
	return t.snapshot(), nil
}

// Cancel ends a job soon. One that has ended is no fault.
func (s *Service) Cancel(id string) error {
	t, err := s.find(id)
	if err == nil {
		t.cancel()
	}
	return err
}

func (s *Service) find(id string) (*task, error) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	for _, t := range s.jobs.list {
		if t.job.ID == id {
			return t, nil
		}
	}
	return nil, codedf("NOTFOUND", "no job '%s'", id)
}
