package hash

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kvd/resp/command/commandtest"
)

// TestErrorsChangeNothing runs lines that fail on a hash that is there, small or
// large, and looks at the hash.
func TestErrorsChangeNothing(t *testing.T) {
	for _, size := range []int{3, 300} {
		h := commandtest.New(t, Family)
		for i := range size {
			h.Do(fmt.Sprintf("hset h f%d value%d", i, i))
		}
		h.Do("hexpire h 100 FIELDS 2 f1 f2")
		before := h.Do("hgetall h") + h.Do("hpttl h FIELDS 3 f0 f1 f2")
		for _, line := range []string{
			"hset h f0 x f1", "hincrby h f0 1", "hincrby h f0 x", "hincrbyfloat h f0 1", "hincrbyfloat h f9999 inf",
			"hexpire h -1 FIELDS 1 f0", "hexpire h 1 FIELDS 2 f0", "hexpire h 1 NX 1 f0 f1", "hpersist h FIELDS 2 f1",
			"hgetex h EX 1 FIELDS 2 f1", "hgetex h EX x FIELDS 1 f1", "hgetdel h FIELDS 2 f1", "hsetex h EX 1 FIELDS 2 f1 x",
			"hsetex h FNX FXX FIELDS 1 f1 x", "hsetex h EX 1 FIELDS 0 f1 x",
		} {
			if got := h.Do(line); got[0] != '-' {
				t.Errorf("%s: %q", line, got)
			}
		}
		if after := h.Do("hgetall h") + h.Do("hpttl h FIELDS 3 f0 f1 f2"); after != before {
			t.Errorf("size %d: %.300q, before %.300q", size, after, before)
		}
	}
}

// TestScanMeetsAllFields goes through a large hash that changes meanwhile.
func TestScanMeetsAllFields(t *testing.T) {
	h := commandtest.New(t, Family)
	const size = 3000
	for i := range size {
		h.Do(fmt.Sprintf("hset h f%d v", i))
	}
	seen := map[string]bool{}
	cursor := "0"
	for round := 0; ; round++ {
		for i := range 5 {
			h.Do(fmt.Sprintf("hset h new%d.%d v", round, i))
		}
		parts := strings.Split(h.Do("hscan h "+cursor+" COUNT 50 NOVALUES"), "\r\n")
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
	h := commandtest.New(t, Family)
	h.Do("hset h a 1")
	if got := h.Do(fmt.Sprint("hrandfield h ", -maxPicks-1)); !strings.HasPrefix(got, "-ERR") {
		t.Errorf("%.60q", got)
	}
	if got := h.Do("hrandfield h -1000"); !strings.HasPrefix(got, "*1000\r\n") {
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
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, size := range []int{10, 2000} {
		h := commandtest.New(t, Family)
		for i := range size {
			h.Do(fmt.Sprintf("hset h f%d value", i))
		}
		for _, line := range hot {
			args := commandtest.Words(line)
			if reply := h.Run(args); reply[0] == '-' {
				t.Fatalf("%s: %s", line, reply)
			}
			if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
				t.Errorf("%s of %d: %v allocations", line, size, n)
			}
		}
	}
}

func BenchmarkLines(b *testing.B) {
	for _, size := range []int{10, 100_000} {
		h := commandtest.New(b, Family)
		for i := range size {
			h.Do(fmt.Sprintf("hset h f%d value", i))
		}
		for _, line := range []string{"hset h f7 value", "hget h f7", "hincrby h n 1", "hrandfield h"} {
			b.Run(fmt.Sprint(line, " of ", size), func(b *testing.B) {
				args := commandtest.Words(line)
				b.ReportAllocs()
				for b.Loop() {
					h.Run(args)
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
		h := commandtest.New(t, Family)
		h.Do("hset h f1 v f2 v f3 1")
		h.Do("hpexpire h 5 FIELDS 1 f2")
		h.Clock.Advance(10 * time.Millisecond)
		args := commandtest.Words(line)
		cmd := h.Table.Lookup(args[0])
		if cmd == nil || len(args) < 2 || cmd.Arity > 0 && len(args) != cmd.Arity || len(args) < -cmd.Arity {
			return
		}
		if got := h.Run(args); len(got) == 0 || strings.Contains(string(got), "internal error") {
			t.Errorf("%q: %q", line, got)
		}
	})
}
