package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// result is how a test ended; the higher one counts.
type result uint8

const (
	skipped result = iota + 1
	passed
	failed
)

// results are those of all tests by name, and what is to be said about them.
type results struct {
	of     map[string]result
	reason map[string]string // of skipped tests
	output map[string][]string
	counts map[string]map[result]int // of each package in the current stage
}

func newResults() *results {
	return &results{
		of: map[string]result{}, reason: map[string]string{},
		output: map[string][]string{}, counts: map[string]map[result]int{},
	}
}

// note counts a result.
func (r *results) note(name string, res result) { r.of[name] = max(r.of[name], res) }

// count returns how many tests have a result.
func (r *results) count(res result) (n int) {
	for _, have := range r.of {
		if have == res {
			n++
		}
	}
	return n
}

func (r *results) failed() int { return r.count(failed) }

// event is a line of go test -json; see "go doc test2json".
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// name is what the event's test is called here.
func (e *event) name() string {
	if e.Test == "" {
		return e.Package
	}
	return e.Package + " " + e.Test
}

// read takes over a stream of events and shows the packages as they end.
func (r *results) read(in io.Reader, out io.Writer) error {
	clear(r.counts)
	dec := json.NewDecoder(in)
	for {
		var e event
		if err := dec.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
		r.event(&e, out)
	}
}

var actions = map[string]result{"skip": skipped, "pass": passed, "fail": failed}

func (r *results) event(e *event, out io.Writer) {
	switch e.Action {
	case "output":
		r.output[e.name()] = append(r.output[e.name()], e.Output)
		return
	case "build-output":
		fmt.Fprint(out, e.Output)
		return
	}
	res, ends := actions[e.Action]
	switch {
	case !ends:
	case e.Test == "":
		r.endPackage(e, res, out)
	default:
		r.endTest(e, res, out)
	}
}

func (r *results) endTest(e *event, res result, out io.Writer) {
	name := e.name()
	r.note(name, res)
	if r.counts[e.Package] == nil {
		r.counts[e.Package] = map[result]int{}
	}
	r.counts[e.Package][res]++
	switch res {
	case failed:
		fmt.Fprintf(out, "FAIL  %s\n%s", name, strings.Join(r.output[name], ""))
	case skipped:
		r.reason[name] = reason(r.output[name])
	}
	delete(r.output, name)
}

// endPackage shows how the tests of a package went. One that fails without a
// failed test, such as one that does not compile, counts itself.
func (r *results) endPackage(e *event, res result, out io.Writer) {
	count := r.counts[e.Package]
	if res == failed {
		if count[failed] == 0 {
			r.note(e.Package, failed)
		}
		r.showUnfinished(e.Package, out)
	}
	delete(r.output, e.Package)
	if res != failed && len(count) == 0 {
		return // it has no tests
	}
	word := map[result]string{passed: "ok   ", failed: "FAIL ", skipped: "ok   "}[res]
	fmt.Fprintf(out, "%s %-34s %6.1fs  %d passed, %d failed, %d skipped\n",
		word, e.Package, e.Elapsed, count[passed], count[failed], count[skipped])
}

// showUnfinished prints what a package said outside its tests, and what those of
// its tests said that never ended: a panic or a time-out is told there.
func (r *results) showUnfinished(pkg string, out io.Writer) {
	for _, name := range slices.Sorted(maps.Keys(r.output)) {
		if name == pkg || strings.HasPrefix(name, pkg+" ") {
			fmt.Fprint(out, strings.Join(r.output[name], ""))
			delete(r.output, name)
		}
	}
}

// reason is what a skipped test says about it: the text after its place in the
// source.
func reason(output []string) string {
	for _, line := range output {
		_, text, ok := strings.Cut(strings.TrimSpace(line), ".go:")
		if !ok {
			continue
		}
		if _, text, ok = strings.Cut(text, ": "); ok {
			return text
		}
	}
	return "no reason given"
}

// report prints what was skipped and the verdict, and reports whether it is
// good.
func (r *results) report(out io.Writer) bool {
	fmt.Fprintln(out)
	for _, name := range slices.Sorted(maps.Keys(r.of)) {
		switch r.of[name] {
		case skipped:
			fmt.Fprintf(out, "skipped: %s: %s\n", name, r.reason[name])
		case failed:
			fmt.Fprintf(out, "failed: %s\n", name)
		}
	}
	fmt.Fprintf(out, "total: %d passed, %d failed, %d skipped\n", r.count(passed), r.failed(), r.count(skipped))
	return r.failed() == 0 && r.count(passed) > 0
}
