package workloads

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strconv"
)

// RedisBenchmark is the name of Redis's own load generator.
const RedisBenchmark = "redis-benchmark"

// RunRedisBenchmark puts the load on the server at addr with redis-benchmark.
func RunRedisBenchmark(ctx context.Context, addr string, w Workload) (Result, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return Result{}, fmt.Errorf("address: %w", err)
	}
	args := append([]string{
		"-h", host, "-p", port, "--csv",
		"-c", strconv.Itoa(w.Clients), "-P", strconv.Itoa(w.Pipeline),
		"-n", strconv.Itoa(w.Requests), "-r", strconv.Itoa(w.Keys),
	}, w.Args...)
	var problems bytes.Buffer
	cmd := exec.CommandContext(ctx, RedisBenchmark, args...)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w: %s", RedisBenchmark, err, bytes.TrimSpace(problems.Bytes()))
	}
	rate, err := ParseRate(bytes.NewReader(out))
	return Result{Requests: w.Requests, Rate: rate}, err
}

// ParseRate reads the output of redis-benchmark --csv for one test and returns
// its requests per second.
func ParseRate(r io.Reader) (float64, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return 0, fmt.Errorf("%s --csv: %w", RedisBenchmark, err)
	}
	if len(rows) != 2 {
		return 0, fmt.Errorf("%s --csv: %d lines, want a head and a test", RedisBenchmark, len(rows))
	}
	column := slices.Index(rows[0], "rps")
	if column < 0 {
		return 0, errors.New(RedisBenchmark + " --csv: no column rps")
	}
	rate, err := strconv.ParseFloat(rows[1][column], 64)
	if err != nil {
		return 0, fmt.Errorf("%s --csv: %w", RedisBenchmark, err)
	}
	return rate, nil
}
