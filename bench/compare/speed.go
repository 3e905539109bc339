package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"kvd/bench/workloads"
)

const (
	clients   = 50
	pipelined = 16
	valueSize = 64
	hotKeys   = 100_000 // of the rows that are not about the number of keys
)

// cpuPerCommand puts a load on a server and returns the CPU time that it used
// for each command, in microseconds. With after, what it does in the background
// because of the load counts too.
func (t *trial) cpuPerCommand(ctx context.Context, s *server, w workloads.Workload, after background) (float64, error) {
	if _, err := s.do(ctx, sample(w)...); err != nil {
		return 0, err
	}
	before, err := cpuOf(s.pid)
	if err != nil {
		return 0, err
	}
	result, err := t.load(ctx, s.addr, w)
	if err != nil {
		return 0, err
	}
	if after == counted {
		if err := settle(ctx, s); err != nil {
			return 0, err
		}
	}
	used, err := cpuOf(s.pid)
	return float64(used-before) / float64(time.Microsecond) / float64(result.Requests), err
}

// background is whether the work after a load belongs to it.
type background int

const (
	uncounted background = iota
	counted
)

// sample is one command of a load: a server that refuses it is not measured.
func sample(w workloads.Workload) []string {
	args := make([]string, len(w.Args))
	for i, arg := range w.Args {
		args[i] = strings.ReplaceAll(arg, workloads.Random, "000000000000")
	}
	return args
}

// load50 is a load by 50 clients on the hot keys.
func load50(pipeline, requests int, args ...string) workloads.Workload {
	return workloads.Workload{Args: args, Keys: hotKeys, Clients: clients, Pipeline: pipeline, Requests: requests}
}

var (
	getArgs = []string{"GET", workloads.RandomKey}
	setArgs = []string{"SET", workloads.RandomKey, workloads.Value(valueSize)}
)

// msetArgs is an MSET of ten keys.
func msetArgs() []string {
	args := []string{"MSET"}
	for range 10 {
		args = append(args, workloads.RandomKey, workloads.Value(valueSize))
	}
	return args
}

// runMemory measures the rows of CPU time per command, in the order of its
// experiment, on one server that keeps nothing on disk.
func runMemory(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, memory)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := workloads.Preload(ctx, s.addr, 0, hotKeys, valueSize); err != nil {
		return err
	}
	for i, w := range []workloads.Workload{
		load50(1, t.size.plain, getArgs...),
		load50(1, t.size.plain, setArgs...),
		load50(pipelined, t.size.piped, getArgs...),
		load50(pipelined, t.size.piped, setArgs...),
		load50(pipelined, t.size.piped, slices.Concat(setArgs, []string{"EX", "1000"})...),
		load50(pipelined, t.size.multi, msetArgs()...),
		load50(pipelined, t.size.piped, "INCR", "counter:"+workloads.Random),
	} {
		t.noteCPU(ctx, s, i, w, uncounted)
	}
	return nil
}

// noteCPU measures one load as row i; what goes wrong is noted there, and the
// other rows go on.
func (t *trial) noteCPU(ctx context.Context, s *server, i int, w workloads.Workload, after background) {
	value, err := t.cpuPerCommand(ctx, s, w, after)
	if err != nil {
		t.gap(i, err)
		return
	}
	t.note(i, value)
}

// runEverySec measures a SET that is kept on disk, with all that the server does
// later because of it.
func runEverySec(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, everySec)
	if err != nil {
		return err
	}
	defer s.stop()
	t.noteCPU(ctx, s, 0, load50(pipelined, t.size.journaled, setArgs...), counted)
	return nil
}

// runAlways measures writes that are on the disk before they are answered.
func runAlways(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, always)
	if err != nil {
		return err
	}
	defer s.stop()
	one := workloads.Workload{Args: setArgs, Keys: hotKeys, Clients: 1, Pipeline: 1, Requests: t.size.oneClient}
	result, err := t.load(ctx, s.addr, one)
	if err != nil {
		return err
	}
	t.note(0, result.Rate)

	before := t.countSyncs(ctx, s)
	result, err = t.load(ctx, s.addr, load50(1, t.size.clients, setArgs...))
	if err != nil {
		return err
	}
	t.note(1, result.Rate)
	after := t.countSyncs(ctx, s)
	for i := range after {
		if err := errors.Join(before[i].err, after[i].err); err != nil {
			t.gap(2+i, after[i].err)
			continue
		}
		t.note(2+i, float64(after[i].n-before[i].n)/float64(result.Requests))
	}
	return nil
}

// count is a counter, or why it can't be read.
type count struct {
	n   int64
	err error
}

var errNoCount = errors.New("it does not count them")

// countSyncs returns the flushes that the disk has made and the fsyncs that the
// server counts.
func (t *trial) countSyncs(ctx context.Context, s *server) (counts [2]count) {
	counts[0].n, counts[0].err = flushes(t.dir)
	counts[1].err = errNoCount
	if t.target.syncs == "" {
		return counts
	}
	info, err := s.do(ctx, "INFO", "persistence")
	if err == nil {
		counts[1].n, counts[1].err = strconv.ParseInt(infoLine(info, t.target.syncs), 10, 64)
	}
	return counts
}

// runGrowth measures GET at three numbers of keys, and how much dearer it is
// with the most than with the fewest.
func runGrowth(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, memory)
	if err != nil {
		return err
	}
	defer s.stop()
	var costs [3]float64
	have := 0
	for i, keys := range t.size.growth {
		if err := workloads.Preload(ctx, s.addr, have, keys, valueSize); err != nil {
			return err
		}
		have = keys
		w := load50(pipelined, t.size.piped, getArgs...)
		w.Keys = keys
		if costs[i], err = t.cpuPerCommand(ctx, s, w, uncounted); err != nil {
			return err
		}
		t.note(i, costs[i])
	}
	t.note(3, costs[2]/costs[0])
	return nil
}
