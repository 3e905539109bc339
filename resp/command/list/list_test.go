package list

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// harness is the list family on an engine in memory, one command at a time.
type harness struct {
	engine *engine.Engine
	table  *command.Table
	clock  *clock.Manual
	out    reply.Writer
	ctx    command.Ctx
	refs   []command.KeyRef
	rows   int
}

// Committed implements engine.Observer.
func (h *harness) Committed(set *change.Set) { h.rows += len(set.Rows) }

func newHarness(t testing.TB) *harness {
	t.Helper()
	cfg, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := command.NewTable(Family)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{table: table, clock: clock.NewManual(time.UnixMilli(1_700_000_000_000))}
	h.engine = engine.New(engine.Options{
		Store: engine.Discard{}, Clock: h.clock, Observer: h, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5},
	})
	t.Cleanup(h.engine.Close)
	h.ctx = command.Ctx{Out: &h.out, Services: &command.Services{Config: config.NewLive(cfg), Engine: h.engine, Table: table}}
	return h
}

// words makes the arguments of a line without quotes.
func words(line string) [][]byte {
	var args [][]byte
	for _, w := range strings.Split(line, " ") {
		args = append(args, []byte(w))
	}
	return args
}

// run runs a command from its parsed arguments to its reply, as the dispatcher
// does, and returns the reply as it goes over the wire, or a status
// if the client is to wait. The reply is valid until the next one.
func (h *harness) run(args [][]byte) []byte {
	cmd := h.table.Lookup(args[0])
	h.out.Discard()
	mark := h.out.Mark()
	now := h.clock.Now()
	h.ctx.Reset(args, cmd, now, nil)
	var tx *engine.Tx
	if at := cmd.OneKey(); at > 0 {
		tx = h.engine.BeginKey(0, now.UnixMilli(), 0, args[at])
	} else {
		var lock engine.Lock
		h.refs, _ = cmd.KeyRefs(args, h.refs[:0]) // the handler has the error
		for _, ref := range h.refs {
			h.engine.AddKey(&lock, args[ref.Pos])
		}
		tx = h.engine.Begin(0, now.UnixMilli(), 0, &lock)
	}
	h.ctx.Tx = tx
	err := cmd.Handler(&h.ctx)
	tx.Commit()
	if err != nil {
		h.out.Rewind(mark)
		h.fail(err)
	}
	return h.out.Since(mark)
}

// fail writes an error, or that the client waits.
func (h *harness) fail(err error) {
	if block := (*command.Block)(nil); errors.As(err, &block) {
		h.out.Status("waits")
		return
	}
	h.out.Error(err)
}

func (h *harness) do(line string) string { return string(h.run(words(line))) }

// TestLines checks that every command is joined to its handler; the conformance
// files have the rest.
func TestLines(t *testing.T) {
	h := newHarness(t)
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
		if got := h.do(tt.line); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail on keys that are there, and looks
// for rows.
func TestErrorsChangeNothing(t *testing.T) {
	h := newHarness(t)
	h.do("rpush l a b")
	h.do("rpush big " + strings.Repeat("x ", 60_000) + "x")
	rows := h.rows
	h.ctx.OnLoop = true
	for _, line := range []string{
		"lset l 2 x", "lset l x y", "lset none 0 x", "linsert l foo a x", "ltrim l 0 x", "lrem l x a", "lpop l -1", "lmove l m left up",
		"lmpop 1 l left count 0", "blmpop x 1 l left", "blpop l x", "blmove l m left right x", "brpoplpush l m -1", "lpop l 1 2",
		// too much for the event loop
		"lpop big 60000", "ltrim big 0 0", "lrem big 0 x", "linsert big before x y", "lmpop 1 big left count 60000", "lpos big x", "lrange big 0 -1",
	} {
		if got := h.do(line); !strings.HasPrefix(got, "-") {
			t.Errorf("%s: %q", line, got)
		}
		if h.rows != rows {
			t.Fatalf("%s: %d rows", line, h.rows-rows)
		}
	}
}

// TestReadyKey: a client that waits is served from the key that became ready.
func TestReadyKey(t *testing.T) {
	for _, line := range []string{"blpop a b 0", "brpop a b 0", "blmpop 0 2 a b left"} {
		h := newHarness(t)
		h.do("rpush a x")
		h.do("rpush b y")
		h.ctx.Ready = []byte("b")
		if got := h.do(line); !strings.Contains(got, "\r\ny\r\n") {
			t.Errorf("%s: %q", line, got)
		}
	}
}
