package list

import (
	"fmt"
	"strings"
	"testing"

	"kvd/resp/command/commandtest"
)

// hot are the lines that must not allocate, on a small list (s) and a large one.
var hot = []string{
	"lpush %s value", "rpush %s value", "lpushx %s value", "llen %s", "lindex %s 10", "lindex %s -10", "lrange %s 0 9",
	"lset %s 5 other", "lmove %s %s left right", "rpoplpush %s %s", "lpos %s nothing", "lrem %s 1 nothing", "blpop %s 0",
	"lpop %s", "rpop %s 2", "lmpop 1 %s left count 2", "ltrim %s 1 -2", "lpop %s 1", "rpop %s",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	for key, n := range map[string]int{"small": 100, "large": 20_000} {
		h := commandtest.New(t, Family)
		fill := commandtest.Words(fmt.Sprintf("rpush %s element element element element element element element element element element", key))
		for _, form := range hot {
			line := strings.ReplaceAll(form, "%s", key)
			h.Do("ltrim " + key + " 1 0")
			for range n / 10 {
				h.Run(fill)
			}
			args := commandtest.Words(line)
			if reply := h.Run(args); reply[0] == '-' {
				t.Fatalf("%s: %s", line, reply)
			}
			if allocs := testing.AllocsPerRun(20, func() { h.Run(args) }); allocs != 0 {
				t.Errorf("%s: %v allocations", line, allocs)
			}
		}
	}
}

func BenchmarkLines(b *testing.B) {
	for _, n := range []int{20, 1_000_000} {
		for _, line := range []string{
			"lpush l xxxxxxxxxx", "rpush l xxxxxxxxxx", "lmove l l left right", "lindex l 10", "lindex l 500000", "lrange l 0 99",
			"lset l -10 yyyyyyyyyy", "lpos l none", "linsert l before xxxxxxxxxx y",
		} {
			b.Run(fmt.Sprintf("%d/%s", n, line), func(b *testing.B) {
				h := commandtest.New(b, Family)
				for range n {
					h.Run(commandtest.Words("rpush l xxxxxxxxxx"))
				}
				args := commandtest.Words(line)
				b.ReportAllocs()
				for b.Loop() {
					h.Run(args)
				}
			})
		}
	}
}
