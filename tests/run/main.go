// Command run runs all checks of the project, stage after stage, and ends with
// one line: how many tests passed, failed and were skipped. `make test` calls
// it; `-only` runs some of the stages.
//
// Invariants: a stage that fails does not keep the others from running; a test
// that runs in several stages counts once, by its worst result, and as skipped
// only if no stage ran it; and the exit code is 0 only if nothing failed and
// something passed.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// stage is one kind of check.
type stage struct {
	name string
	what string
	run  func(*runner)
}

var stages = []stage{
	{"vet", "what the compiler lets pass", (*runner).vet},
	{"race", "all tests under the race detector", (*runner).race},
	{"plain", "unit tests again as the server is built, allocation tests among them", (*runner).plain},
	{"fuzz", "every fuzz target for a moment", (*runner).fuzz},
}

func main() {
	only := flag.String("only", "", "comma-separated stages to run: "+strings.Join(stageNames(), ", "))
	// A number of inputs, since a run that ends by the clock now and then fails
	// with "context deadline exceeded" and no input that did.
	fuzzTime := flag.String("fuzztime", "5000x", "how long each fuzz target runs, as of go test -fuzztime")
	flag.Parse()
	chosen, err := choose(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(2)
	}
	r := &runner{out: os.Stdout, fuzzTime: *fuzzTime, results: newResults()}
	for _, s := range chosen {
		start := time.Now()
		fmt.Fprintf(r.out, "\n== %s: %s\n", s.name, s.what)
		s.run(r)
		fmt.Fprintf(r.out, "== %s took %s\n", s.name, time.Since(start).Round(time.Second))
	}
	if !r.results.report(r.out) {
		os.Exit(1)
	}
}

func stageNames() []string {
	names := make([]string, len(stages))
	for i := range stages {
		names[i] = stages[i].name
	}
	return names
}

// choose returns the stages of a comma-separated list, in their usual order;
// all of them for an empty one.
func choose(list string) ([]stage, error) {
	if list == "" {
		return stages, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(stageNames(), name) {
			return nil, fmt.Errorf("no stage is called %q; there are %s", name, strings.Join(stageNames(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(stages), func(s stage) bool { return !slices.Contains(names, s.name) }), nil
}

// runner is a run under way.
type runner struct {
	out      io.Writer
	fuzzTime string
	results  *results
}
