package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc/PID/stat on every Linux system
// that Go runs on.
const clockTick = 10 * time.Millisecond

// cpuOf returns the CPU time that a process has used: its threads in
// nanoseconds from the scheduler, and its children that have ended (the forks
// of a snapshot or rewrite) in clock ticks.
func cpuOf(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time: %w", err)
	}
	own, children, err := parseStat(string(stat))
	if err != nil {
		return 0, fmt.Errorf("CPU time: %w", err)
	}
	if exact, ok := threadsCPU(pid); ok {
		own = exact
	}
	return own + children, nil
}

// parseStat reads user and system time of a process, and of its children, from
// the line of /proc/PID/stat; see proc_pid_stat(5), fields 14 to 17.
func parseStat(line string) (own, children time.Duration, err error) {
	_, rest, ok := strings.Cut(line[max(0, strings.LastIndex(line, ")")):], ") ")
	fields := strings.Fields(rest)
	const utime = 14 - 3 // what is left begins with field 3
	if !ok || len(fields) < utime+4 {
		return 0, 0, fmt.Errorf("no /proc/PID/stat: %q", line)
	}
	var ticks [4]int64
	for i := range ticks {
		if ticks[i], err = strconv.ParseInt(fields[utime+i], 10, 64); err != nil {
			return 0, 0, fmt.Errorf("/proc/PID/stat: %w", err)
		}
	}
	return time.Duration(ticks[0]+ticks[1]) * clockTick, time.Duration(ticks[2]+ticks[3]) * clockTick, nil
}

// threadsCPU adds up what the scheduler says of each thread. It is not ok if the
// kernel keeps no such figures.
func threadsCPU(pid int) (sum time.Duration, ok bool) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is sound
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has just ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, false
		}
		sum += time.Duration(n)
	}
	return sum, sum > 0
}

// rssOf returns the memory of a process that is resident, in bytes.
func rssOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory: %w", err)
	}
	return parseKiB(string(text), "VmRSS")
}

// parseKiB returns a line such as "VmRSS:  1234 kB" of a file of /proc in bytes.
func parseKiB(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		value, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("line %s: %w", name, err)
		}
		return n << 10, nil
	}
	return 0, errors.New("no line " + name)
}

const (
	settleStep  = 500 * time.Millisecond
	settleSteps = 6                     // quiet ones in a row; kvd folds its journal after 2 s
	settleQuiet = 15 * time.Millisecond // CPU per step that a server with nothing to do may use
	settleLimit = 2 * time.Minute
)

// settle waits until a server has done what it does in the background: folding
// its journal, rewriting its log, giving memory back. A fork counts when it has
// ended, so it waits for those too.
func settle(ctx context.Context, s *server) error {
	last, err := cpuOf(s.pid)
	if err != nil {
		return err
	}
	for quiet, begin := 0, time.Now(); quiet < settleSteps && time.Since(begin) < settleLimit; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			return s.failure(errEnded)
		case <-time.After(settleStep):
		}
		now, err := cpuOf(s.pid)
		if err != nil {
			return err
		}
		if now-last > settleQuiet || hasChildren(s.pid) {
			quiet = 0
		} else {
			quiet++
		}
		last = now
	}
	return nil
}

// hasChildren reports whether the first thread of a process has forked a child
// that is still there.
func hasChildren(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	return err == nil && len(strings.TrimSpace(string(text))) > 0
}
