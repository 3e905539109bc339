package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kvd/internal/testkit"
)

// own is a kvd in this process.
type own struct{ server *testkit.Server }

func (o own) addr() string            { return o.server.Addr() }
func (o own) now() time.Time          { return o.server.Clock.Now() }
func (o own) advance(d time.Duration) { o.server.Clock.Advance(d) }
func (o own) version() string         { return "" }
func (o own) restart() bool           { o.server.Restart(); return true }

// TestConformance plays every file against a kvd of its own.
func TestConformance(t *testing.T) {
	if *oracleAddr != "" {
		t.Skip("an oracle was asked for")
	}
	for _, s := range scripts(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for proto := 2; proto <= 3; proto++ {
				t.Run(fmt.Sprintf("resp%d", proto), func(t *testing.T) {
					server := testkit.Start(t, testkit.Config{Persist: s.persist})
					_, failed, err := play(own{server}, s, proto)
					report(t, s, failed, err)
				})
			}
		})
	}
}

func scripts(t *testing.T) []*script {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// report fails the test for each line that failed, with the line as it stands.
func report(t *testing.T, s *script, failed []*mismatch, err error) {
	t.Helper()
	for _, m := range failed {
		t.Errorf("%s:%d: %s\n    %v\n    want %s", s.path(), m.line, s.source[m.step.command[0]:m.step.command[1]],
			m.err, s.source[m.step.reply[0]:m.step.reply[1]])
	}
	if err != nil {
		t.Errorf("%s: %v", s.path(), err)
	}
}

func (s *script) path() string { return filepath.Join(dir, filepath.FromSlash(s.name)+".txt") }

// TestOracle plays every file against a real redis-server: the one of -oracle,
// or one that it starts if there is one on this machine.
func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for real time")
	}
	o := startOracle(t)
	for _, s := range scripts(t) {
		t.Run(s.name, func(t *testing.T) { playOracle(t, o, s) })
	}
}

func playOracle(t *testing.T, o *oracle, s *script) {
	var got [4]map[*step]value
	wrong := map[*step]bool{}
	for proto := 2; proto <= 3; proto++ {
		p, failed, err := play(o, s, proto)
		got[proto] = p.got
		for _, m := range failed {
			wrong[m.step] = true
		}
		if err != nil || !*rewriteFiles {
			report(t, s, failed, err)
		}
	}
	if !*rewriteFiles || len(wrong) == 0 {
		return
	}
	text := rewrite(s, got, wrong)
	if _, err := parseScript(s.name, text); err != nil {
		t.Fatalf("what was rewritten is wrong: %v", err)
	}
	if err := os.WriteFile(s.path(), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d lines rewritten", s.path(), len(wrong))
}

// TestMismatch makes sure that a wrong reply fails.
func TestMismatch(t *testing.T) {
	s, err := parseScript("test", strings.Join([]string{
		"set k v => OK", "get k => (nil)", `get k => "v"`, "get k => (waits)", "set k => OK",
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, failed, err := play(own{testkit.Start(t, testkit.Config{})}, s, 2)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, m := range failed {
		lines = append(lines, m.line)
		if errors.Is(m.err, errNoReply) {
			t.Errorf("line %d: %v", m.line, m.err)
		}
	}
	if fmt.Sprint(lines) != "[2 4 5]" {
		t.Errorf("lines %v failed", lines)
	}
}
