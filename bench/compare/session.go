package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"kvd/bench/workloads"
)

// size is how much work a run does.
type size struct {
	plain     int // requests without a pipeline
	piped     int // requests in pipelines
	multi     int // requests of ten keys each
	journaled int // requests that go to disk, enough for rewrites of the log
	oneClient int // requests that wait for an fsync each
	clients   int // the same, by 50 clients
	keys      int // of the memory, start and KEYS experiments
	growth    [3]int
	garbage   int // keys beside which garbage is collected
}

var (
	fullSize = size{
		plain: 400_000, piped: 3_000_000, multi: 400_000, journaled: 5_000_000, oneClient: 10_000, clients: 200_000,
		keys: 1_000_000, growth: [3]int{10_000, 100_000, 1_000_000}, garbage: 5_000_000,
	}
	quickSize = size{
		plain: 10_000, piped: 64_000, multi: 8_000, journaled: 64_000, oneClient: 200, clients: 4_000,
		keys: 20_000, growth: [3]int{1000, 4000, 16_000}, garbage: 100_000,
	}
)

// row is one line of the results.
type row struct {
	Name   string
	Unit   string
	Chart  string // rows with the same one are drawn together; empty: not drawn
	Mark   mark
	Values map[string]series // by target
	Gaps   map[string]string // why a target has no value
}

// experiment measures some rows on one target at a time.
type experiment struct {
	name string
	rows []row
	// alone is set for what only kvd has.
	alone bool
	// run measures one target once and notes a value for each row. An error is
	// noted for the rows that have no value yet.
	run func(ctx context.Context, t *trial) error
}

// session is one run of the command.
type session struct {
	dir      string
	targets  []target
	size     size
	rounds   int
	rows     []row
	progress io.Writer
	loadName string
	load     func(context.Context, string, workloads.Workload) (workloads.Result, error)
}

// chooseLoad takes redis-benchmark for the load if it is there, since everybody
// knows it, and our own generator otherwise.
func (s *session) chooseLoad() {
	s.loadName, s.load = "bench/workloads", workloads.Run
	if _, err := exec.LookPath(workloads.RedisBenchmark); err == nil {
		s.loadName, s.load = workloads.RedisBenchmark, workloads.RunRedisBenchmark
	}
}

// measure runs an experiment on every target in turn, as often as rounds says.
func (s *session) measure(ctx context.Context, e experiment) {
	rows := make([]row, len(e.rows))
	for i, r := range e.rows {
		r.Values, r.Gaps = map[string]series{}, map[string]string{}
		rows[i] = r
	}
	for round := range s.rounds {
		for _, t := range s.targets {
			if ctx.Err() != nil || e.alone && t.name != kvdName {
				continue
			}
			begin := time.Now()
			tr := &trial{session: s, target: t, rows: rows, noted: make([]bool, len(rows))}
			if err := s.try(ctx, e, tr); err != nil {
				tr.miss(err)
			}
			fmt.Fprintf(s.progress, "%-20s round %d of %d  %-12s %6.1f s\n",
				e.name, round+1, s.rounds, t.name, time.Since(begin).Seconds())
		}
	}
	s.rows = append(s.rows, rows...)
}

// try runs an experiment once, in a directory of its own.
func (s *session) try(ctx context.Context, e experiment, t *trial) (err error) {
	if t.dir, err = os.MkdirTemp(s.dir, "data-"); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(t.dir)) }()
	return e.run(ctx, t)
}

// trial is one run of an experiment on one target.
type trial struct {
	*session
	target target
	dir    string
	rows   []row
	noted  []bool
}

// note records the value of a row, by its number in the experiment.
func (t *trial) note(i int, value float64) {
	t.rows[i].Values[t.target.name] = append(t.rows[i].Values[t.target.name], value)
	t.noted[i] = true
}

// gap records why a row has no value.
func (t *trial) gap(i int, err error) {
	t.rows[i].Gaps[t.target.name] = err.Error()
	t.noted[i] = true
	fmt.Fprintf(t.progress, "    %s: %v\n", t.rows[i].Name, err)
}

// miss records a gap for every row that has neither a value nor a gap yet.
func (t *trial) miss(err error) {
	for i := range t.rows {
		if !t.noted[i] {
			t.gap(i, err)
		}
	}
}

// start runs the target on the trial's directory.
func (t *trial) start(ctx context.Context, d durability) (*server, error) {
	return start(ctx, t.target, d, t.dir)
}
