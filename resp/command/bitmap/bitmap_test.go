package bitmap

import (
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
		{"setbit k 1 0", "setbit"},
		{"setbit k 1 1", ""},
		{"setbit k 8 0", "setbit"},
		{"setbit n 0 0", "new setbit"},
		{"getbit n 0", ""},
		{"bitop not d k", "new set"},
		{"bitop or k k", "set"},
		{"bitop or k none", "del"},
		{"bitop or none none", ""},
		{"bitfield k get u8 0", ""},
		{"bitfield k set u8 0 0 set u8 0 1", "setbit"},
		{"bitfield k incrby u8 0 0", ""},
		{"bitfield k incrby u8 8 0", "setbit"},
		{"bitfield n overflow fail set u2 0 9", "new"},
		{"bitfield k overflow fail set u2 0 9", ""},
	} {
		h := newHarness(t)
		h.set("k", "v")
		h.engine.SetEvents(change.EventString | change.EventGeneric | change.EventNew)
		h.events = nil
		h.do(tt.line)
		if got := strings.Join(h.events, " "); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail, also late in the line, on small
// and on large values.
func TestErrorsChangeNothing(t *testing.T) {
	for _, value := range []string{"value", strings.Repeat("v", 2*engine.Large)} {
		h := newHarness(t)
		h.set("k", value)
		for _, line := range []string{
			"setbit k 1 2", "setbit k x 0", "bitop not k a b", "bitop foo k a", "bitfield k set u8 0 1 set u8 x 1",
			"bitfield k set u8 0 1 incrby u64 0 1", "bitfield k set u8 0 1 overflow no", "bitfield_ro k set u8 0 1",
		} {
			if got := h.do(line); !strings.HasPrefix(got, "-") {
				t.Errorf("%s: %q", line, got)
			}
			if h.get("k") != value {
				t.Fatalf("%s changed the value", line)
			}
		}
	}
}

// TestSharedValuesStay makes sure that bytes on their way to a client are not
// changed.
func TestSharedValuesStay(t *testing.T) {
	h := newHarness(t)
	value := strings.Repeat("v", 2*engine.Large)
	h.set("k", value)
	tx := h.engine.BeginKey(0, h.clock.Now().UnixMilli(), 0, []byte("k"))
	s, _ := tx.String([]byte("k"))
	blob := s.Share()
	tx.Commit()
	h.do("setbit k 0 1")
	h.do("bitfield k set u8 8 0")
	if string(blob.Bytes()) != value {
		t.Error("the bytes were changed")
	}
	blob.Release()
	if got := h.get("k"); got[0] != 0xf6 || got[1] != 0 {
		t.Errorf("the value begins with %q", got[:2])
	}
}

// hot are the lines that must not allocate, on keys that are there.
var hot = []string{
	"setbit k 7 1", "setbit k 100 1", "getbit k 7", "bitcount k", "bitpos k 1", "bitfield k get u8 0",
	"bitfield k incrby u8 0 1 overflow sat set i5 #3 4", "bitfield_ro k get u8 0", "bitop xor d k k",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newHarness(t)
	h.do("setbit k 1000 1")
	for _, line := range hot {
		args := words(line)
		if reply := h.run(args); reply[0] == '-' {
			t.Fatalf("%s: %s", line, reply)
		}
		if n := testing.AllocsPerRun(200, func() { h.run(args) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

// TestLargeValuesAreChangedInPlace bounds the memory that a change of one bit of
// a large value takes.
func TestLargeValuesAreChangedInPlace(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newHarness(t)
	h.do("setbit k 8000000 1")
	on, off := words("setbit k 9 1"), words("setbit k 9 0")
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			h.run(on)
			h.run(off)
		}
	})
	if got := result.AllocedBytesPerOp(); got > 1000 {
		t.Errorf("two changes of a megabyte take %d bytes", got)
	}
}
