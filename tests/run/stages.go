package main

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// limit is how long the tests of one package may take. It ends hangs; none
// should take a tenth of it.
const limit = "8m"

func (r *runner) vet() {
	r.check("go vet", "go", "vet", "./...")
	r.check("go vet -tags invariants", "go", "vet", "-tags", "invariants", "./...")
}

func (r *runner) race() {
	r.test("-race", "-count=1", "-timeout", limit, "./...")
}

// plain leaves out the tests that start servers: the race detector was in their
// servers too. tests/diff is run again with all its lines, which would take the
// race detector minutes.
func (r *runner) plain() {
	all, err := output("go", "list", "./...")
	if err != nil {
		r.fail("go list", err.Error())
		return
	}
	packages := slices.DeleteFunc(strings.Fields(all), func(p string) bool {
		return strings.Contains(p, "/tests/") && !strings.HasSuffix(p, "/tests/diff")
	})
	r.test(append([]string{"-count=1", "-timeout", limit}, packages...)...)
}

// test runs go test with the arguments and takes its results over.
func (r *runner) test(args ...string) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.fail("go test", err.Error())
		return
	}
	failed := r.results.failed()
	if err := r.results.read(pipe, r.out); err != nil {
		r.fail("go test -json", err.Error())
		_, _ = io.Copy(io.Discard, pipe)
	}
	if err := cmd.Wait(); err != nil && r.results.failed() == failed {
		r.fail("go test", err.Error()+"\n"+stderr.String()) // it failed without a test that did
	}
}

// fuzz runs every fuzz target of the module in turn.
func (r *runner) fuzz() {
	packages, err := output("go", "list", "./...")
	if err != nil {
		r.fail("go list", err.Error())
		return
	}
	for pkg := range strings.FieldsSeq(packages) {
		list, err := output("go", "test", "-list", "^Fuzz", pkg)
		if err != nil {
			r.fail("fuzz targets of "+pkg, err.Error())
			continue
		}
		for target := range strings.FieldsSeq(list) {
			if strings.HasPrefix(target, "Fuzz") {
				r.check("fuzz "+pkg+" "+target, "go", "test", "-run", "^$", "-fuzz", "^"+target+"$",
					"-fuzztime", r.fuzzTime, "-timeout", limit, pkg)
			}
		}
	}
}

// check runs a command that counts as one test; its output is shown if it fails.
func (r *runner) check(name string, command ...string) {
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		r.fail(name, string(out)+err.Error())
		return
	}
	r.results.note(name, passed)
	fmt.Fprintln(r.out, "ok   ", name)
}

// fail counts a check as failed and says why.
func (r *runner) fail(name, why string) {
	r.results.note(name, failed)
	fmt.Fprintf(r.out, "FAIL  %s\n%s\n", name, strings.TrimSpace(why))
}

// output runs a command and returns what it prints.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out, &stderr)
	}
	return string(out), nil
}
