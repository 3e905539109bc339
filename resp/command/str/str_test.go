package str

import (
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// harness is the string family on an engine in memory, one command at a time.
type harness struct {
	engine *engine.Engine
	table  *command.Table
	clock  *clock.Manual
	out    reply.Writer
	ctx    command.Ctx
	refs   []command.KeyRef
	events recorder
}

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
	h.engine = engine.New(engine.Options{Store: engine.Discard{}, Clock: h.clock, Observer: &h.events, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5}})
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
// does, and returns the reply as it goes over the wire. The reply is valid until
// the next one.
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
		h.out.Error(err)
	}
	return h.out.Since(mark)
}

func (h *harness) do(line string) string { return string(h.run(words(line))) }

// TestLines checks what the conformance files cannot see well; they have the
// rest.
func TestLines(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct{ line, want string }{
		{"set k v", "+OK\r\n"},
		{"get k", "$1\r\nv\r\n"},
		{"set k w NX", "$-1\r\n"},
		{"set k w XX GET", "$1\r\nv\r\n"},
		{"incr n", ":1\r\n"},
		{"incrbyfloat n 0.5", "$3\r\n1.5\r\n"},
		{"incr n", "-ERR value is not an integer or out of range\r\n"},
		{"mset a 1 b 2", "+OK\r\n"},
		{"msetex 2 a 1 c 2 NX", ":0\r\n"},
		{"mget a b c", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n"},
		{"delex a IFNE 1", ":0\r\n"},
		{"getdel a", "$1\r\n1\r\n"},
		{"lcs k b", "$0\r\n\r\n"},
	} {
		if got := h.do(tt.line); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail on keys that are there, and looks
// at the keys.
func TestErrorsChangeNothing(t *testing.T) {
	h := newHarness(t)
	h.do("mset k v n 9223372036854775807")
	for _, line := range []string{
		"set k x EX 0", "set k x GET FOO", "set k x IFDEQ short", "setex k -1 x", "getex k EX 0", "mset k x n",
		"msetnx k x n", "msetex 2 k x n", "msetex 1 k x EX abc", "setrange k -1 x", "setrange k 536870912 x", "incr k",
		"incr n", "decrby n -9223372036854775808", "incrbyfloat k 1", "incrbyfloat n inf", "delex k IFDEQ short", "delex k WHAT v",
	} {
		if got := h.do(line); !strings.HasPrefix(got, "-") {
			t.Errorf("%s: %q", line, got)
		}
		if got := h.do("mget k n"); got != "*2\r\n$1\r\nv\r\n$19\r\n9223372036854775807\r\n" {
			t.Fatalf("after %s: %q", line, got)
		}
	}
}

// TestLargeValuesAreKept makes sure that a large value is handed over, where it
// has memory of its own, and copied where it has none.
func TestLargeValuesAreKept(t *testing.T) {
	h := newHarness(t)
	for _, line := range []string{"set k %", "setnx a %", "setex k 10 %", "getset k %", "mset k %", "msetnx b %", "msetex 1 k %", "append c %"} {
		args := words(strings.TrimSuffix(line, " %"))
		value := []byte(strings.Repeat("x", engine.Large))
		h.run(append(args, value))
		key := args[len(args)-1]
		switch {
		case strings.HasPrefix(line, "msetex"), strings.HasPrefix(line, "getset"):
			key = []byte("k")
		case strings.HasPrefix(line, "setex"):
			key = args[1]
		}
		clear(value) // the input buffer is used again
		if got := h.do("getrange " + string(key) + " 0 0"); got != "$1\r\nx\r\n" {
			t.Errorf("%s: %q", line, got)
		}
	}
}
