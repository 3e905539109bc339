package hash

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// harness is the hash family on an engine in memory, one command at a time.
type harness struct {
	engine *engine.Engine
	table  *command.Table
	clock  *clock.Manual
	out    reply.Writer
	ctx    command.Ctx
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
	h.engine = engine.New(engine.Options{
		Store: engine.Discard{}, Clock: h.clock, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5},
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
// does. The reply is valid until the next one.
func (h *harness) run(args [][]byte) []byte {
	cmd := h.table.Lookup(args[0])
	h.out.Discard()
	mark := h.out.Mark()
	now := h.clock.Now()
	h.ctx.Reset(args, cmd, now, nil)
	h.ctx.Tx = h.engine.BeginKey(0, now.UnixMilli(), 0, args[1])
	err := cmd.Handler(&h.ctx)
	h.ctx.Tx.Commit()
	if err != nil {
		h.out.Rewind(mark)
		h.out.Error(err)
	}
	return h.out.Since(mark)
}

func (h *harness) do(line string) string { return string(h.run(words(line))) }

// TestErrorsChangeNothing runs lines that fail on a hash that is there, small or
// large, and looks at the hash.
func TestErrorsChangeNothing(t *testing.T) {
	for _, size := range []int{3, 300} {
		h := newHarness(t)
		for i := range size {
			h.do(fmt.Sprintf("hset h f%d value%d", i, i))
		}
		h.do("hexpire h 100 FIELDS 2 f1 f2")
		before := h.do("hgetall h") + h.do("hpttl h FIELDS 3 f0 f1 f2")
		for _, line := range []string{
			"hset h f0 x f1", "hincrby h f0 1", "hincrby h f0 x", "hincrbyfloat h f0 1", "hincrbyfloat h f9999 inf",
			"hexpire h -1 FIELDS 1 f0", "hexpire h 1 FIELDS 2 f0", "hexpire h 1 NX 1 f0 f1", "hpersist h FIELDS 2 f1",
			"hgetex h EX 1 FIELDS 2 f1", "hgetex h EX x FIELDS 1 f1", "hgetdel h FIELDS 2 f1", "hsetex h EX 1 FIELDS 2 f1 x",
			"hsetex h FNX FXX FIELDS 1 f1 x", "hsetex h EX 1 FIELDS 0 f1 x",
		} {
			if got := h.do(line); got[0] != '-' {
				t.Errorf("%s: %q", line, got)
			}
		}
		if after := h.do("hgetall h") + h.do("hpttl h FIELDS 3 f0 f1 f2"); after != before {
			t.Errorf("size %d: %.300q, before %.300q", size, after, before)
		}
	}
}

// TestScanMeetsAllFields goes through a large hash that changes meanwhile.
func TestScanMeetsAllFields(t *testing.T) {
	h := newHarness(t)
	const size = 3000
	for i := range size {
		h.do(fmt.Sprintf("hset h f%d v", i))
	}
	seen := map[string]bool{}
	cursor := "0"
	for round := 0; ; round++ {
		for i := range 5 {
			h.do(fmt.Sprintf("hset h new%d.%d v", round, i))
		}
		parts := strings.Split(h.do("hscan h "+cursor+" COUNT 50 NOVALUES"), "\r\n")
		for _, part := range parts {
			if strings.HasPrefix(part, "f") {
				seen[part] = true
			}
		}
		if cursor = parts[2]; cursor == "0" {
			break
		}
	}
	if len(seen) != size {
		t.Errorf("%d of %d fields", len(seen), size)
	}
}

// TestRandomIsBounded: a count that would take all memory is refused.
func TestRandomIsBounded(t *testing.T) {
	h := newHarness(t)
	h.do("hset h a 1")
	if got := h.do(fmt.Sprint("hrandfield h ", -maxPicks-1)); !strings.HasPrefix(got, "-ERR") {
		t.Errorf("%.60q", got)
	}
	if got := h.do("hrandfield h -1000"); !strings.HasPrefix(got, "*1000\r\n") {
		t.Errorf("%.60q", got)
	}
}

// hot are the lines that must not allocate, on a hash that is there.
var hot = []string{
	"hset h f7 other", "hset h f1 a f2 b f3 c", "hget h f7", "hmget h f1 f2 none", "hexists h f7", "hstrlen h f7", "hlen h",
	"hincrby h n 10000", "hsetnx h f7 x", "hdel h none", "hrandfield h", "hexpire h 100 FIELDS 1 f5", "hexpire h 100 LT FIELDS 1 f5",
	"httl h FIELDS 2 f5 f6", "hgetex h EX 100 FIELDS 1 f5", "hsetex h EX 100 FIELDS 1 f5 value", "hpersist h FIELDS 1 f6",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, size := range []int{10, 2000} {
		h := newHarness(t)
		for i := range size {
			h.do(fmt.Sprintf("hset h f%d value", i))
		}
		for _, line := range hot {
			args := words(line)
			if reply := h.run(args); reply[0] == '-' {
				t.Fatalf("%s: %s", line, reply)
			}
			if n := testing.AllocsPerRun(200, func() { h.run(args) }); n != 0 {
				t.Errorf("%s of %d: %v allocations", line, size, n)
			}
		}
	}
}

func BenchmarkLines(b *testing.B) {
	for _, size := range []int{10, 100_000} {
		h := newHarness(b)
		for i := range size {
			h.do(fmt.Sprintf("hset h f%d value", i))
		}
		for _, line := range []string{"hset h f7 value", "hget h f7", "hincrby h n 1", "hrandfield h"} {
			b.Run(fmt.Sprint(line, " of ", size), func(b *testing.B) {
				args := words(line)
				b.ReportAllocs()
				for b.Loop() {
					h.run(args)
				}
			})
		}
	}
}

// FuzzLines runs lines that are not right, none of which may panic, and each of
// which has one reply.
func FuzzLines(f *testing.F) {
	for _, line := range hot {
		f.Add(line)
	}
	f.Add("hsetex h KEEPTTL FNX PXAT 1 FIELDS 1 a b")
	f.Add("hscan h 3 COUNT 1 MATCH * NOVALUES")
	f.Add("hrandfield h -3 WITHVALUES")
	f.Fuzz(func(t *testing.T, line string) {
		h := newHarness(t)
		h.do("hset h f1 v f2 v f3 1")
		h.do("hpexpire h 5 FIELDS 1 f2")
		h.clock.Advance(10 * time.Millisecond)
		args := words(line)
		cmd := h.table.Lookup(args[0])
		if cmd == nil || len(args) < 2 || cmd.Arity > 0 && len(args) != cmd.Arity || len(args) < -cmd.Arity {
			return
		}
		if got := h.run(args); len(got) == 0 || strings.Contains(string(got), "internal error") {
			t.Errorf("%q: %q", line, got)
		}
	})
}
