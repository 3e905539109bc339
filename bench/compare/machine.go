package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// machine is where the figures were taken.
type machine struct {
	Processor string
	Cores     int
	Memory    int64 // in bytes
	Kernel    string
	Disk      string  // the kind of file system of the data
	Busy      float64 // processes that wanted to run in the minute before
	Go        string
}

// lookAround describes this machine. What can't be found out is left empty.
func lookAround(dir string) machine {
	m := machine{Cores: runtime.NumCPU(), Go: runtime.Version(), Kernel: runtime.GOOS}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = "Linux " + parseKernel(string(text))
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.Memory, _ = parseKiB(string(text), "MemTotal")
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.Processor = parseProcessor(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(text), " ")
		m.Busy, _ = strconv.ParseFloat(first, 64)
	}
	if mounted, err := mountOf(dir); err == nil {
		m.Disk = mounted.kind
	}
	return m
}

// parseKernel returns the version without what its builder has added.
func parseKernel(release string) string {
	version, _, _ := strings.Cut(strings.TrimSpace(release), "-")
	return version
}

func parseProcessor(text string) string {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// mount is a file system.
type mount struct {
	device string // major:minor
	point  string
	kind   string
}

// mountOf returns the file system that a directory is on.
func mountOf(dir string) (mount, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return mount{}, fmt.Errorf("file systems: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return mount{}, fmt.Errorf("file systems: %w", err)
	}
	return parseMounts(string(text), dir)
}

// parseMounts finds the mount with the longest path that dir is below; the last
// of several counts. See proc_pid_mountinfo(5).
func parseMounts(text, dir string) (found mount, err error) {
	for line := range strings.Lines(text) {
		before, after, ok := strings.Cut(line, " - ")
		fields, kinds := strings.Fields(before), strings.Fields(after)
		if !ok || len(fields) < 5 || len(kinds) < 1 {
			continue
		}
		m := mount{device: fields[2], point: fields[4], kind: kinds[0]}
		inside := dir == m.point || strings.HasPrefix(dir, strings.TrimSuffix(m.point, "/")+"/")
		if inside && len(m.point) >= len(found.point) {
			found = m
		}
	}
	if found.point == "" {
		return mount{}, errors.New("no file system for " + dir)
	}
	return found, nil
}

// flushes counts the flush requests that the disk below dir has completed since
// the machine started: an fsync makes one or two.
func flushes(dir string) (int64, error) {
	m, err := mountOf(dir)
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(filepath.Join("/sys/dev/block", m.device, "stat"))
	if err != nil {
		return 0, fmt.Errorf("flushes of the disk: %w", err)
	}
	return parseFlushes(string(text))
}

// parseFlushes reads field 16 of a block device's statistics; see
// Documentation/block/stat.rst of Linux.
func parseFlushes(stat string) (int64, error) {
	fields := strings.Fields(stat)
	if len(fields) < 16 {
		return 0, errors.New("the kernel does not count flushes of the disk")
	}
	n, err := strconv.ParseInt(fields[15], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("flushes of the disk: %w", err)
	}
	return n, nil
}
