// Command compare measures kvd and, where it is installed, redis-server beside
// it, and writes the figures to bench/results. bench/README.md says what the
// figures are.
//
// Invariant: both servers are measured by the same code under the same load,
// turn by turn, and what one of them could not do is shown as a gap.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// flags are what the command line says.
type flags struct {
	quick  bool
	rounds int
	only   string
	out    string
	readme string
	from   string
	kvd    string
	tmp    string
}

func parseFlags() flags {
	var f flags
	flag.BoolVar(&f.quick, "quick", false, "small loads, one round: to see that everything works; the figures mean little")
	flag.IntVar(&f.rounds, "rounds", 3, "how often everything is measured; the medians count")
	flag.StringVar(&f.only, "run", "", "run only the experiments whose names match this regular expression")
	flag.StringVar(&f.out, "out", "bench/results", "where the results go")
	flag.StringVar(&f.readme, "readme", "", "also rewrite the block between <!-- bench --> and <!-- /bench --> in this file")
	flag.StringVar(&f.from, "from", "", "measure nothing: write the results of an earlier run anew, from this file, which it left below OUT/raw")
	flag.StringVar(&f.kvd, "kvd", "", "the kvd to measure; without it, it is built")
	flag.StringVar(&f.tmp, "tmp", "", "where the servers keep their data; default: the system's place for temporary files")
	flag.Parse()
	return f
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, parseFlags())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// run measures, or reads what was measured, and writes the results.
func run(ctx context.Context, f flags) error {
	rep, err := obtain(ctx, f)
	if err != nil {
		return err
	}
	if err := rep.write(f.out); err != nil {
		return err
	}
	fmt.Print(rep.table())
	if f.readme != "" {
		return rewriteReadme(f.readme, rep, filepath.ToSlash(f.out))
	}
	return nil
}

// obtain returns the figures of this run, or of an earlier one.
func obtain(ctx context.Context, f flags) (report, error) {
	if f.from != "" {
		return readReport(f.from)
	}
	return measureAll(ctx, f)
}

// measureAll runs the experiments and returns what they gave.
func measureAll(ctx context.Context, f flags) (rep report, err error) {
	only, err := regexp.Compile(f.only)
	if err != nil {
		return report{}, fmt.Errorf("option run: %w", err)
	}
	dir, err := os.MkdirTemp(f.tmp, "kvd-bench-")
	if err != nil {
		return report{}, fmt.Errorf("temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	targets, err := findTargets(ctx, f.kvd, dir)
	if err != nil {
		return report{}, err
	}
	s := &session{dir: dir, targets: targets, size: fullSize, rounds: max(1, f.rounds), progress: os.Stderr}
	if f.quick {
		s.size, s.rounds = quickSize, 1
	}
	s.chooseLoad()
	rep = report{Date: time.Now(), Quick: f.quick, Rounds: s.rounds, Machine: lookAround(dir), Load: s.loadName}
	for _, t := range targets {
		rep.Targets = append(rep.Targets, subject{Name: t.name, Version: t.version})
	}
	for _, e := range experiments {
		if only.MatchString(e.name) {
			s.measure(ctx, e)
		}
	}
	rep.Rows = s.rows
	return rep, ctx.Err()
}
