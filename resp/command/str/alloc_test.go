package str

import (
	"fmt"
	"testing"

	"kvd/resp/command/commandtest"
)

// hot are the lines that must not allocate, on keys that are there.
var hot = []string{
	"get key:00000007", "set key:00000007 value", "set key:00000007 value EX 100", "set key:00000007 value XX GET",
	"incr n", "incrby n 1000000", "decr n", "strlen key:00000007", "getrange key:00000007 1 3", "setex key:00000007 10 value",
	"mget key:00000001 key:00000002 key:00000003", "mset key:00000001 a key:00000002 b", "append a x", "digest key:00000007",
	"set key:00000007 value IFDNE 0123456789abcdef", "getex key:00000007 EX 100",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family)
	for i := range 10 {
		h.Do(fmt.Sprintf("set key:%08d value", i))
	}
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
		"get key:00000007", "set key:00000007 value", "set key:00000007 value EX 100", "incr n", "incrbyfloat f 0.1",
		"mget key:00000001 key:00000002 key:00000003", "mset key:00000001 a key:00000002 b",
	} {
		b.Run(line, func(b *testing.B) {
			h := commandtest.New(b, Family)
			for i := range 10 {
				h.Do(fmt.Sprintf("set key:%08d value", i))
			}
			args := commandtest.Words(line)
			b.ReportAllocs()
			for b.Loop() {
				h.Run(args)
			}
		})
	}
}
