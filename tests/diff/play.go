package diff

import (
	"fmt"
	"strings"
	"testing"

	"kvd/internal/clock"
	"kvd/internal/oracle"
	"kvd/internal/testkit"
)

// servers are the two that are compared.
type servers struct {
	t      testing.TB
	kvd    *testkit.Server
	socket string
	ours   *conn
	theirs *conn
	queued []rule // of the transaction that lines have begun
	// played and failed are how many lines there were, and how many of them got an
	// error.
	played, failed int
}

func start(t testing.TB) *servers {
	t.Helper()
	s := &servers{t: t, socket: oracle.Start(t, "--enable-debug-command", "yes")}
	s.kvd = testkit.Start(t, testkit.Config{Persist: true, Clock: &clock.System{}, Options: []string{"--appendfsync", "no"}})
	s.connect()
	return s
}

// connect connects to both anew.
func (s *servers) connect() {
	s.t.Helper()
	s.close()
	var err error
	if s.ours, err = dial("tcp", s.kvd.Addr()); err != nil {
		s.t.Fatal(err)
	}
	if s.theirs, err = dial("unix", s.socket); err != nil {
		s.t.Fatal(err)
	}
}

func (s *servers) close() {
	for _, c := range []*conn{s.ours, s.theirs} {
		if c != nil {
			_ = c.Close()
		}
	}
}

// known returns the commands, in small letters, that both servers have.
func (s *servers) known() map[string]bool {
	s.t.Helper()
	both := map[string]int{}
	for _, c := range []*conn{s.ours, s.theirs} {
		replies, err := c.do([]line{{"HELLO", "2"}, {"COMMAND"}})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, info := range replies[1].items {
			both[info.items[0].text]++
		}
	}
	known := map[string]bool{}
	for name, n := range both {
		known[name] = n == 2
	}
	return known
}

// episode is a run of lines on empty servers.
type episode struct {
	// setup chooses the protocol and the settings and makes the keys of other
	// types. It is never shortened.
	setup []line
	lines []line
	// ending is how the data is loaded again at the end.
	ending ending
}

// ending is what happens after the lines of an episode and a comparison of all
// data. With any but goOn, both servers load their data again, and all is
// compared once more.
type ending uint8

const (
	goOn    ending = iota
	reload         // DEBUG RELOAD
	restart        // kvd is started again, with the settings that it had at first
)

// difference is what went wrong in an episode.
type difference struct {
	at           int // the line
	what         line
	ours, theirs value
	after        string // in which of the comparisons of all data
}

func (d *difference) String() string {
	return fmt.Sprintf("%s%v\n  kvd   %.600s\n  redis %.600s", d.after, d.what, d.ours.String(), d.theirs.String())
}

// batch is how many lines go out before replies are read.
const batch = 256

// play runs an episode and returns the first difference, or nil.
func (s *servers) play(e *episode) *difference {
	s.t.Helper()
	s.endTransaction()
	if d := s.compare(e.setup); d != nil {
		d.after = "setup: "
		return d
	}
	for from := 0; from < len(e.lines); from += batch {
		if d := s.compare(e.lines[from:min(from+batch, len(e.lines))]); d != nil {
			d.at += from
			return d
		}
	}
	s.endTransaction()
	if d := s.compareAll("all data: "); d != nil || e.ending == goOn {
		return d
	}
	s.loadAgain(e.ending)
	if d := s.compare(e.setup[:1]); d != nil { // the protocol
		return d
	}
	return s.compareAll("all data loaded again: ")
}

// loadAgain lets both servers load their data again.
func (s *servers) loadAgain(how ending) {
	s.t.Helper()
	reloads := []*conn{s.ours, s.theirs}
	if how == restart {
		s.kvd.Restart()
		s.connect()
		reloads = []*conn{s.theirs}
	}
	for _, c := range reloads {
		if replies, err := c.do([]line{{"DEBUG", "RELOAD"}}); err != nil || replies[0].text != "OK" {
			s.t.Fatalf("DEBUG RELOAD: %v, %v", replies, err)
		}
	}
}

// endTransaction leaves a transaction that lines have begun and not ended.
func (s *servers) endTransaction() {
	s.t.Helper()
	s.queued = nil
	for _, c := range []*conn{s.ours, s.theirs} {
		if _, err := c.do([]line{{"DISCARD"}}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// compare sends lines to both servers and compares the replies.
func (s *servers) compare(lines []line) *difference {
	s.t.Helper()
	var theirs []value
	var failed error
	done := make(chan struct{})
	go func() {
		defer close(done)
		theirs, failed = s.theirs.do(lines)
	}()
	ours, err := s.ours.do(lines)
	<-done
	if err == nil {
		err = failed
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.played += len(lines)
	for i, l := range lines {
		if theirs[i].kind == '-' {
			s.failed++
		}
		if !s.fits(l, ours[i], theirs[i]) {
			return &difference{at: i, what: l, ours: ours[i], theirs: theirs[i]}
		}
	}
	return nil
}

// fits compares two replies; it follows transactions.
func (s *servers) fits(l line, ours, theirs value) bool {
	if theirs.kind == '+' && theirs.text == "QUEUED" {
		s.queued = append(s.queued, ruleFor(l))
		return equal(ours, theirs)
	}
	name := strings.ToLower(l[0])
	queued := s.queued
	if name == "exec" || name == "discard" {
		s.queued = nil
	}
	if name != "exec" || len(theirs.items) != len(queued) || len(ours.items) != len(theirs.items) {
		return ruleFor(l)(ours, theirs)
	}
	for i, r := range queued {
		if !r(ours.items[i], theirs.items[i]) {
			return false
		}
	}
	return ours.kind == theirs.kind
}
