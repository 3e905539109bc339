package set

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// harness is the set commands on an engine in memory, one command at a time.
type harness struct {
	engine *engine.Engine
	table  *command.Table
	clock  *clock.Manual
	out    reply.Writer
	ctx    command.Ctx
	refs   []command.KeyRef
	events recorder
}

// recorder is an engine.Observer that notes the names and keys of events.
type recorder struct{ seen []string }

func (r *recorder) Committed(set *change.Set) {
	for _, e := range set.Events {
		r.seen = append(r.seen, e.Name+":"+string(e.Key))
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
	h.engine = engine.New(engine.Options{
		Store: engine.Discard{}, Clock: h.clock, Observer: &h.events, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5},
	})
	t.Cleanup(h.engine.Close)
	h.ctx = command.Ctx{Out: &h.out, Services: &command.Services{Config: config.NewLive(cfg), Engine: h.engine, Table: table}}
	return h
}

// run runs a command from its parsed arguments to its reply, as the dispatcher
// does. The reply is valid until the next one.
func (h *harness) run(args [][]byte) []byte {
	cmd := h.table.Lookup(args[0])
	h.out.Discard()
	mark := h.out.Mark()
	now := h.clock.Now()
	h.ctx.Reset(args, cmd, now, nil)
	var lock engine.Lock
	h.refs, _ = cmd.KeyRefs(args, h.refs[:0]) // the handler has the error
	for _, ref := range h.refs {
		h.engine.AddKey(&lock, args[ref.Pos])
	}
	h.ctx.Tx = h.engine.Begin(0, now.UnixMilli(), 0, &lock)
	err := cmd.Handler(&h.ctx)
	h.ctx.Tx.Commit()
	if err != nil {
		h.out.Rewind(mark)
		h.out.Error(err)
	}
	return h.out.Since(mark)
}

func words(line string) [][]byte { return bytes.Fields([]byte(line)) }

func (h *harness) do(line string) string { return string(h.run(words(line))) }

// list returns the bulk strings of a reply, sorted.
func (h *harness) list(line string) []string {
	parts := strings.Split(h.do(line), "\r\n")
	var list []string
	for i := 2; i < len(parts); i += 2 {
		list = append(list, parts[i])
	}
	slices.Sort(list)
	return list
}

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"sadd s a b", "new:s sadd:s"},
		{"sadd a 1", ""},
		{"sadd a 9", "sadd:a"},
		{"srem a 1", "srem:a"},
		{"srem a x", ""},
		{"srem a 1 2 3", "srem:a del:a"},
		{"spop a", "spop:a"},
		{"spop one", "spop:one del:one"},
		{"spop a 0", ""},
		{"spop a 2", "spop:a"},
		{"spop a 3", "spop:a del:a"},
		{"spop none", ""},
		{"smove a b 1", "srem:a sadd:b"},
		{"smove a b 2", "srem:a"},
		{"smove a c 1", "srem:a new:c sadd:c"},
		{"smove one a x", "srem:one del:one sadd:a"},
		{"smove a a 1", ""},
		{"smove a b x", ""},
		{"sinterstore d a b", "new:d sinterstore:d"},
		{"sinterstore one a b", "sinterstore:one"},
		{"sinterstore one a none", "del:one"},
		{"sinterstore none a none", ""},
		{"sunionstore d a b", "new:d sunionstore:d"},
		{"sunionstore one none", "del:one"},
		{"sdiffstore d a b", "new:d sdiffstore:d"},
		{"sdiffstore a a a", "del:a"},
		{"smembers a", ""},
	} {
		h := newHarness(t)
		h.do("sadd a 1 2 3")
		h.do("sadd b 2")
		h.do("sadd one x")
		h.engine.SetEvents(change.EventSet | change.EventGeneric | change.EventNew)
		h.events.seen = nil
		h.do(tt.line)
		if got := strings.Join(h.events.seen, " "); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestAlgebraAgainstMaps: the operations give what they give for maps, for small
// and large sets, and so do the commands that store the result.
func TestAlgebraAgainstMaps(t *testing.T) {
	h := newHarness(t)
	rapid.Check(t, func(rt *rapid.T) {
		names := []string{"a", "b", "c", "d", "none"}
		sets := map[string][]string{}
		for _, name := range names[:4] {
			size := rapid.SampledFrom([]int{1, 5, 40, 400}).Draw(rt, "size")
			prefix := rapid.SampledFrom([]string{"", "member:"}).Draw(rt, "prefix")
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 600), 1, size, rapid.ID[int]).Draw(rt, name) {
				sets[name] = append(sets[name], prefix+strconv.Itoa(n))
			}
			h.do("sdiffstore " + name + " none")
			h.do("sadd " + name + " " + strings.Join(sets[name], " "))
		}
		keys := rapid.SliceOfN(rapid.SampledFrom(names), 1, 12).Draw(rt, "keys")
		line := strings.Join(keys, " ")
		for op, want := range map[string][]string{
			"sinter": naive(sets, keys, func(_, in int) bool { return in == len(keys) }),
			"sunion": naive(sets, keys, func(_, in int) bool { return in > 0 }),
			"sdiff":  naive(sets, keys, func(first, in int) bool { return first == 1 && in == 1 }),
		} {
			if got := h.list(op + " " + line); !slices.Equal(got, want) {
				rt.Fatalf("%s %s: got %q, want %q", op, line, got, want)
			}
			stored := h.do(op + "store to " + line)
			if got := h.list("smembers to"); !slices.Equal(got, want) || stored != fmt.Sprintf(":%d\r\n", len(want)) {
				rt.Fatalf("%sstore %s: got %q %q, want %q", op, line, stored, got, want)
			}
		}
	})
}

// naive returns the members for which keep is true, sorted. It is told in how
// many of the sets a member is, and in how many (0 or 1) of the first alone.
func naive(sets map[string][]string, keys []string, keep func(first, in int) bool) (all []string) {
	first, in := map[string]int{}, map[string]int{}
	for i, key := range keys {
		for _, m := range sets[key] {
			in[m]++
			if i == 0 {
				first[m]++
			}
		}
	}
	for m, n := range in {
		if keep(first[m], n) {
			all = append(all, m)
		}
	}
	slices.Sort(all)
	return all
}

// TestScanMeetsAll: a scan to the end meets every member of a large set.
func TestScanMeetsAll(t *testing.T) {
	h := newHarness(t)
	for i := range 1000 {
		h.do("sadd s member:" + strconv.Itoa(i))
	}
	seen := map[string]bool{}
	cursor := "0"
	for range 10_000 {
		parts := strings.Split(h.do("sscan s "+cursor+" count 20"), "\r\n")
		cursor = parts[2]
		for i := 5; i < len(parts); i += 2 {
			seen[parts[i]] = true
		}
		if cursor == "0" {
			break
		}
	}
	if len(seen) != 1000 || cursor != "0" {
		t.Errorf("met %d members, ended at cursor %s", len(seen), cursor)
	}
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newHarness(t)
	for i := range 200 {
		h.do("sadd small m" + strconv.Itoa(i%20))
		h.do("sadd ints " + strconv.Itoa(i))
		h.do("sadd large member:" + strconv.Itoa(i))
	}
	for _, key := range []string{"small", "ints", "large"} {
		for _, line := range []string{
			"sadd KEY 7", "srem KEY none", "sismember KEY 7", "smismember KEY 7 8 x", "scard KEY", "srandmember KEY",
		} {
			args := words(strings.Replace(line, "KEY", key, 1))
			if reply := h.run(args); reply[0] == '-' {
				t.Fatalf("%s: %s", line, reply)
			}
			if n := testing.AllocsPerRun(200, func() { h.run(args) }); n != 0 {
				t.Errorf("%s of %s: %v allocations", line, key, n)
			}
		}
	}
}

func BenchmarkUnion(b *testing.B) {
	h := newHarness(b)
	for i := range 20_000 {
		h.do("sadd a member:" + strconv.Itoa(i))
		h.do("sadd b member:" + strconv.Itoa(i+10_000))
	}
	for _, line := range []string{"sunion a b", "sinter a b", "sdiff a b", "sunionstore d a b", "sinterstore d a b"} {
		b.Run(line, func(b *testing.B) {
			args := words(line)
			for b.Loop() {
				h.run(args)
			}
		})
	}
}
