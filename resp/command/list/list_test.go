package list

import (
	"strings"
	"testing"

	"kvd/resp/command/commandtest"
)

// TestLines checks that every command is joined to its handler; the conformance
// files have the rest.
func TestLines(t *testing.T) {
	h := commandtest.New(t, Family)
	for _, tt := range []struct{ line, want string }{
		{"rpush l a b c", ":3\r\n"},
		{"lpush l z", ":4\r\n"},
		{"lpushx none z", ":0\r\n"},
		{"rpushx l d", ":5\r\n"},
		{"llen l", ":5\r\n"},
		{"lindex l -1", "$1\r\nd\r\n"},
		{"lrange l 1 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"},
		{"lpos l c", ":3\r\n"},
		{"linsert l before c x", ":6\r\n"},
		{"lset l 0 y", "+OK\r\n"},
		{"lrem l 0 x", ":1\r\n"},
		{"ltrim l 0 3", "+OK\r\n"},
		{"lpop l", "$1\r\ny\r\n"},
		{"rpop l 1", "*1\r\n$1\r\nc\r\n"},
		{"lmove l m left right", "$1\r\na\r\n"},
		{"rpoplpush l m", "$1\r\nb\r\n"},
		{"lmpop 2 l m left", "*2\r\n$1\r\nm\r\n*1\r\n$1\r\nb\r\n"},
		{"blpop l m 0", "*2\r\n$1\r\nm\r\n$1\r\na\r\n"},
		{"brpop l m 0", "+waits\r\n"},
		{"blmpop 0 1 l left", "+waits\r\n"},
		{"blmove l m left left 0", "+waits\r\n"},
		{"brpoplpush l m 0", "+waits\r\n"},
	} {
		if got := h.Do(tt.line); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail on keys that are there, and looks
// for rows.
func TestErrorsChangeNothing(t *testing.T) {
	h := commandtest.New(t, Family)
	h.Do("rpush l a b")
	h.Do("rpush big " + strings.Repeat("x ", 60_000) + "x")
	h.Ctx.OnLoop = true
	for _, line := range []string{
		"lset l 2 x", "lset l x y", "lset none 0 x", "linsert l foo a x", "ltrim l 0 x", "lrem l x a", "lpop l -1", "lmove l m left up",
		"lmpop 1 l left count 0", "blmpop x 1 l left", "blpop l x", "blmove l m left right x", "brpoplpush l m -1", "lpop l 1 2",
		// too much for the event loop
		"lpop big 60000", "ltrim big 0 0", "lrem big 0 x", "linsert big before x y", "lmpop 1 big left count 60000", "lpos big x", "lrange big 0 -1",
	} {
		if got := h.Do(line); !strings.HasPrefix(got, "-") {
			t.Errorf("%s: %q", line, got)
		}
		if h.Changed {
			t.Fatalf("%s: something was changed", line)
		}
	}
}

// TestReadyKey: a client that waits is served from the key that became ready.
func TestReadyKey(t *testing.T) {
	for _, line := range []string{"blpop a b 0", "brpop a b 0", "blmpop 0 2 a b left"} {
		h := commandtest.New(t, Family)
		h.Do("rpush a x")
		h.Do("rpush b y")
		h.Ctx.Ready = []byte("b")
		if got := h.Do(line); !strings.Contains(got, "\r\ny\r\n") {
			t.Errorf("%s: %q", line, got)
		}
	}
}
