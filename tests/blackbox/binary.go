// Package blackbox starts the built binary for tests: as users start it, with
// options on a command line, on a free port of the loopback interface, in a
// directory of its own. The tests that use it know nothing of the server's
// insides; what they see is sockets, files, exit codes, the log, and what the
// kernel says of the process.
//
// Invariants: whatever a test starts is gone when the test ends; nothing waits
// without a deadline; and no test waits for a time to pass where it can wait for
// a fact.
package blackbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// binaryVar is the environment variable that names the binary under test. If it
// is empty Main builds one.
const binaryVar = "KVD_BIN"

// Main builds the server, runs the tests of a package and returns the exit code
// for os.Exit; it is for TestMain. With KVD_BIN set that binary is used instead,
// one built with the race detector, say.
func Main(m *testing.M) int {
	if os.Getenv(binaryVar) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "kvd-blackbox-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = build(filepath.Join(dir, "kvd"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(path string) error {
	out, err := exec.Command("go", "build", "-o", path, "kvd/cmd/kvd").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return os.Setenv(binaryVar, path)
}

// Result is how a process that ended by itself did so.
type Result struct {
	Code   int    // exit code; -1: it was killed
	Output string // standard output and standard error
	Took   time.Duration
}

// Run runs the binary to its end. One that lives longer than within is killed,
// and fails the test.
func Run(t testing.TB, within time.Duration, args ...string) Result {
	t.Helper()
	r, err := run(within, os.Getenv(binaryVar), args...)
	if err != nil {
		t.Fatalf("kvd %q: %v\n%s", args, err, r.Output)
	}
	return r
}

// Tool runs another program to its end, as Run does. Env is added to the
// environment.
func Tool(t testing.TB, within time.Duration, env []string, name string, args ...string) Result {
	t.Helper()
	r, err := runWith(within, env, "", name, args...)
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, r.Output)
	}
	return r
}

// Pipe is Tool for a program that reads input.
func Pipe(t testing.TB, within time.Duration, input, name string, args ...string) Result {
	t.Helper()
	r, err := runWith(within, nil, input, name, args...)
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, r.Output)
	}
	return r
}

func run(within time.Duration, name string, args ...string) (Result, error) {
	return runWith(within, nil, "", name, args...)
}

func runWith(within time.Duration, env []string, input, name string, args ...string) (Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	out := &Log{}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = append(os.Environ(), env...)
	if input != "" {
		cmd.Stdin = newReader(input)
	}
	cmd.WaitDelay = time.Second
	start := time.Now()
	err := cmd.Run()
	r := Result{Code: cmd.ProcessState.ExitCode(), Output: out.String(), Took: time.Since(start)}
	if ctx.Err() != nil {
		return r, fmt.Errorf("still running after %v", within)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return r, err
	}
	return r, nil
}

// Missing skips a test for want of something on this machine. Where CI is set to
// true everything has to be there, and the test fails.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this machine lacks %s", what)
}
