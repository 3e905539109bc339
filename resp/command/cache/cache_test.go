package cache

import (
	"fmt"
	"testing"

	"kvd/resp/command/commandtest"
	"kvd/resp/command/str"
)

// hot are the lines that must not allocate, on a value that is there.
var hot = []string{
	"cache.get item:00000007", "cache.get item:00000007 LEASE 1000 WAIT 1000 BETA 1", "cache.get item:tagged",
	"cache.get none", "cache.set item:00000007 value EX 100 STALE 5000", "cache.set item:tagged value TAGS 2 a b",
	"get item:tagged", "set plain value",
}

func fill(h *commandtest.Harness) {
	for i := range 10 {
		h.Do(fmt.Sprintf("cache.set item:%08d value EX 100 STALE 5000 DELTA 5", i))
		h.Do(fmt.Sprintf("set key:%08d value EX 100", i))
	}
	h.Do("cache.set item:tagged value TAGS 2 a b")
	h.Do("cache.set item:00000001 value TAGS 1 gone")
	h.Do("cache.invalidate TAG gone") // so there is a rule
	h.Do("cache.invalidate PREFIX other:")
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family, str.Family)
	fill(h)
	for _, line := range hot {
		args := commandtest.Words(line)
		if reply := h.Run(args); reply[0] == '-' {
			t.Fatalf("%s: %s", line, reply)
		}
		if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

func BenchmarkLines(b *testing.B) {
	for _, line := range []string{
		"get key:00000007", "cache.get item:00000007", "cache.get item:00000007 LEASE 1000 WAIT 1000", "cache.get item:tagged",
		"set key:00000007 value EX 100", "cache.set item:00000007 value EX 100 STALE 5000",
	} {
		b.Run(line, func(b *testing.B) {
			h := commandtest.New(b, Family, str.Family)
			fill(h)
			args := commandtest.Words(line)
			b.ReportAllocs()
			for b.Loop() {
				h.Run(args)
			}
		})
	}
}

// TestKeysOfInvalidate: whatever a line is, its keys are found and name words of it.
func TestKeysOfInvalidate(t *testing.T) {
	for line, want := range map[string][]int{
		"x key a b":                      {2, 3},
		"x tag key a":                    nil,
		"x key soft tag b c prefix p":    {2, 7},
		"x pattern":                      nil,
		"x key a pattern g prefix p KEY": {2, 6, 4},
		"x soft key":                     nil,
		"x":                              nil,
	} {
		refs, _ := invalidatedKeys(commandtest.Words(line), nil) // what is wrong is the handler's to say
		var got []int
		for _, r := range refs {
			got = append(got, r.Pos)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: keys %v, want %v", line, got, want)
		}
	}
}

// FuzzLines gives the commands hostile lines: each leaves one reply and the engine
// whole.
func FuzzLines(f *testing.F) {
	names := []string{
		"cache.get", "cache.set", "cache.neg", "cache.fail", "cache.renew", "cache.invalidate", "cache.tags", "cache.tagged",
		"cache.stats",
	}
	f.Add(byte(0), "k LEASE 10 WAIT 5 BETA 0.5")
	f.Add(byte(1), "k v TOKEN 1 TAGS 2 a b PX 10 STALE 5 JITTER 50 DELTA 3")
	f.Add(byte(5), "TAG a KEY k PREFIX k PATTERN [k SOFT")
	f.Fuzz(func(t *testing.T, which byte, rest string) {
		h := commandtest.New(t, Family, str.Family)
		h.Do("cache.set k v TAGS 1 a PX 100 STALE 100")
		h.Do("cache.get j LEASE 100")
		args := commandtest.Words(names[int(which)%len(names)] + " " + rest)
		cmd := h.Table.Lookup(args[0])
		if !cmd.AcceptsWords(len(args)) {
			return
		}
		h.Ctx.OnLoop = true
		h.Run(args)
		if h.Out.Len() == 0 {
			t.Errorf("%q left no reply", args)
		}
		h.Do("cache.get k")
	})
}
