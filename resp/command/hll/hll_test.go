package hll

import (
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/engine/ds/hll"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// harness is the family on an engine in memory, one command at a time. It is an
// engine.Observer that notes the names of events.
type harness struct {
	engine *engine.Engine
	table  *command.Table
	clock  *clock.Manual
	out    reply.Writer
	ctx    command.Ctx
	refs   []command.KeyRef
	events []string
}

func (h *harness) Committed(set *change.Set) {
	for _, e := range set.Events {
		h.events = append(h.events, e.Name)
	}
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
	h.engine = engine.New(engine.Options{Store: engine.Discard{}, Clock: h.clock, Observer: h, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5}})
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

// begin locks the keys of the context's line.
func (h *harness) begin() *engine.Tx {
	now := h.clock.Now().UnixMilli()
	if at := h.ctx.Command.OneKey(); at > 0 {
		return h.engine.BeginKey(0, now, 0, h.ctx.Args[at])
	}
	var lock engine.Lock
	h.refs, _ = h.ctx.Command.KeyRefs(h.ctx.Args, h.refs[:0]) // the handler has the error
	for _, ref := range h.refs {
		h.engine.AddKey(&lock, h.ctx.Args[ref.Pos])
	}
	return h.engine.Begin(0, now, 0, &lock)
}

// run runs a command from its arguments to its reply, which is valid until the
// next one.
func (h *harness) run(args [][]byte) []byte {
	h.out.Discard()
	mark := h.out.Mark()
	h.ctx.Reset(args, h.table.Lookup(args[0]), h.clock.Now(), nil)
	h.ctx.Tx = h.begin()
	err := h.ctx.Command.Handler(&h.ctx)
	h.ctx.Tx.Commit()
	if err != nil {
		h.out.Rewind(mark)
		h.out.Error(err)
	}
	return h.out.Since(mark)
}

func (h *harness) do(line string) string { return string(h.run(words(line))) }

// set gives a key a value.
func (h *harness) set(key, value string) {
	tx := h.engine.BeginKey(0, h.clock.Now().UnixMilli(), 0, []byte(key))
	tx.SetString([]byte(key), []byte(value), engine.NoExpiry)
	tx.Commit()
}

// get returns the value of a key.
func (h *harness) get(key string) string {
	tx := h.engine.BeginKey(0, h.clock.Now().UnixMilli(), 0, []byte(key))
	defer tx.Commit()
	s, err := tx.String([]byte(key))
	if err != nil {
		return err.Error()
	}
	return string(s.Bytes())
}

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"pfadd h a", ""},
		{"pfadd h b", "pfadd"},
		{"pfadd n a", "new pfadd"},
		{"pfadd n", "new pfadd"},
		{"pfcount h", ""},
		{"pfcount h h", ""},
		{"pfmerge h n", "pfadd"},
		{"pfmerge n h", "new pfadd"},
		{"pfdebug todense h", ""},
	} {
		h := newHarness(t)
		h.do("pfadd h a")
		h.engine.SetEvents(change.EventString | change.EventGeneric | change.EventNew)
		h.events = nil
		h.do(tt.line)
		if got := strings.Join(h.events, " "); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// corrupt returns values of n bytes and more with a good header, of which only
// the last is whole.
func corrupt(n int) []string {
	header := string(hll.AppendNew(nil)[:hll.HeaderSize])
	padding := strings.Repeat("\x80", n)
	return []string{
		header + padding, header + padding + "\x40", header + padding + "\x7f\xff", header + "\x7f\xff" + padding,
		header + padding + "\x7f\xff\x7f\xff", string(hll.AppendNew(nil)),
	}
}

// TestErrorsChangeNothing runs every command on damaged values, small and large.
func TestErrorsChangeNothing(t *testing.T) {
	for _, n := range []int{0, 10, 2 * engine.Large} {
		for _, value := range corrupt(n) {
			h := newHarness(t)
			h.do("pfadd other a b c")
			for _, line := range []string{
				"pfadd k a b c d e f g h i j k l m n o p q r s", "pfcount k", "pfcount other k", "pfmerge other k", "pfmerge k other",
				"pfdebug getreg k", "pfdebug decode k", "pfdebug todense k",
			} {
				h.set("k", value)
				other := h.get("other")
				got := h.do(line)
				if got[0] == '-' && (h.get("k") != value || h.get("other") != other) {
					t.Fatalf("%s of %.30q fails with %q and changes something", line, value, got)
				}
			}
		}
	}
}

// TestSameBytes compares values with those of redis-server 7.0.
func TestSameBytes(t *testing.T) {
	h := newHarness(t)
	for _, step := range []struct{ line, key, want string }{
		{"pfadd k", "k", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff"},
		{"pfadd k a", "k", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80q\xa6\x84NW"},
		{"pfcount k", "k", "HYLL\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00q\xa6\x84NW"},
		{"pfmerge m k", "m", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80q\xa6\x84NW"},
	} {
		h.do(step.line)
		if got := h.get(step.key); got != step.want {
			t.Errorf("%s: %q, want %q", step.line, got, step.want)
		}
	}
}

// TestSelfTestFinds is about the check behind PFSELFTEST.
func TestSelfTestFinds(t *testing.T) {
	empty := hll.AppendNew(nil)
	if err := verify([2][]byte{empty, empty}, 0); err != nil {
		t.Error(err)
	}
	if err := verify([2][]byte{empty, empty}, 1000); err == nil {
		t.Error("an estimate of 0 for 1000 elements passed")
	}
	if err := verify([2][]byte{empty, empty[:hll.HeaderSize]}, 0); err == nil {
		t.Error("a corrupt value passed")
	}
}

// hot are the lines that must not allocate, on keys that are there.
var hot = []string{"pfadd sparse a", "pfadd dense a", "pfcount sparse", "pfcount dense", "pfadd sparse a b c d"}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newHarness(t)
	h.do("pfadd sparse 1 2 3")
	h.do("pfadd dense 1 2 3")
	h.do("pfdebug todense dense")
	for _, line := range hot {
		args := words(line)
		if reply := h.run(args); reply[0] == '-' {
			t.Fatalf("%s: %s", line, reply)
		}
		if n := testing.AllocsPerRun(200, func() { h.run(args) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
	next, args := 0, words("pfadd sparse 00000000")
	if n := testing.AllocsPerRun(200, func() {
		next++
		for i, d := 7, next; i >= 0; i, d = i-1, d/10 {
			args[2][i] = byte('0' + d%10)
		}
		h.run(args)
	}); n != 0 {
		t.Errorf("new elements: %v allocations", n)
	}
}
