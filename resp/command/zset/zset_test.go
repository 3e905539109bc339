package zset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kvd/internal/change"
	"kvd/resp/command"
	"kvd/resp/command/commandtest"
)

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"zadd n 1 a", "new zadd"},
		{"zadd z 1 a", ""},
		{"zadd z 2 a 5 x", "zadd"},
		{"zadd z XX 1 x", ""},
		{"zadd z INCR 1 a", "zincr"},
		{"zadd z INCR 0 a", ""},
		{"zincrby z 1 a", "zincr"},
		{"zrem z a", "zrem"},
		{"zrem z a b c", "zrem del"},
		{"zrem z x", ""},
		{"zremrangebyrank z 0 0", "zremrangebyrank"},
		{"zremrangebyscore z -inf inf", "zremrangebyscore del"},
		{"zremrangebylex z [x [y", ""},
		{"zpopmin z", "zpopmin"},
		{"zpopmax z 5", "zpopmax del"},
		{"zpopmax z 0", ""},
		{"zmpop 1 z MAX", "zpopmax"},
		{"bzpopmin z 0", "zpopmin"},
		{"zrangestore d z 0 -1", "new zrangestore"},
		{"zrangestore z z 0 0", "zrangestore"},
		{"zrangestore z z 5 9", "del"},
		{"zunionstore z 1 z", "zunionstore"},
		{"zinterstore d 2 z none", ""},
		{"zdiffstore z 2 z z", "del"},
		{"zrange z 0 -1", ""},
	} {
		h := commandtest.New(t, Family)
		h.Do("zadd z 1 a 2 b 3 c")
		h.WatchEvents(change.EventZSet | change.EventGeneric | change.EventNew)
		h.Do(tt.line)
		if got := h.Events(); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail on keys that are there, and looks
// at the keys.
func TestErrorsChangeNothing(t *testing.T) {
	h := commandtest.New(t, Family)
	h.Do("zadd z 1 a inf b")
	before := h.Do("zrange z 0 -1 WITHSCORES")
	for _, line := range []string{
		"zadd z 5 a x b", "zadd z NX XX 5 a", "zadd z INCR -inf b", "zincrby z -inf b", "zpopmin z -1", "zmpop 1 z MIN COUNT 0",
		"zremrangebyscore z 0 x", "zunionstore z 1 z WEIGHTS x", "zrangestore z z 0 -1 FOO",
	} {
		if got := h.Do(line); !strings.HasPrefix(got, "-") {
			t.Errorf("%s: %q", line, got)
		}
		if got := h.Do("zrange z 0 -1 WITHSCORES"); got != before {
			t.Errorf("%s has changed the key to %q", line, got)
		}
	}
}

// TestHeavyCommandsLeaveTheLoop: what is too much for an event loop changes and
// answers nothing there.
func TestHeavyCommandsLeaveTheLoop(t *testing.T) {
	h := commandtest.New(t, Family)
	for i := range 60 {
		line := strings.Builder{}
		line.WriteString("zadd z")
		for j := range 1000 {
			fmt.Fprintf(&line, " %d m%d", i, i*1000+j)
		}
		h.Do(line.String())
	}
	for _, tt := range []struct {
		line  string
		heavy bool
	}{
		{"zrange z 0 -1", true},
		{"zrange z 0 100", false},
		{"zunion 1 z", true},
		{"zinterstore d 1 z", true},
		{"zintercard 1 z", true},
		{"zremrangebyrank z 0 40000", true},
		{"zremrangebyrank z 1 2", false},
		{"zrandmember z -60000", true},
		{"zpopmin z 50000", true},
		{"zremrangebyrank z 0 -1", false},
	} {
		before := h.Do("zcard z")
		h.Ctx.OnLoop = true
		got := h.Do(tt.line)
		h.Ctx.OnLoop = false
		if heavy := h.Err != nil && errors.Is(h.Err, command.ErrHeavy); heavy != tt.heavy {
			t.Errorf("%s: %.50q", tt.line, got)
		}
		if after := h.Do("zcard z"); tt.heavy && after != before {
			t.Errorf("%s has changed the key", tt.line)
		}
	}
}

// TestRandomMembers: what is asked for comes, each member once or at random, and
// all of them have their turn.
func TestRandomMembers(t *testing.T) {
	h := commandtest.New(t, Family)
	h.Do("zadd z 1 a 2 b 3 c 4 d 5 e")
	seen := map[string]bool{}
	for range 200 {
		got := bulks(h.Do("zrandmember z 3"))
		if len(got) != 3 || got[0] == got[1] || got[1] == got[2] || got[0] == got[2] {
			t.Fatalf("three of them: %q", got)
		}
		for _, m := range got {
			seen[m] = true
		}
		if got := bulks(h.Do("zrandmember z -12")); len(got) != 12 {
			t.Fatalf("twelve: %q", got)
		}
	}
	if len(seen) != 5 {
		t.Errorf("only %v were chosen", seen)
	}
	for n := range 20 {
		got := choose(n, 20)
		if slices.Sort(got); len(slices.Compact(got)) != n || n > 0 && (got[0] < 0 || got[n-1] >= 20) {
			t.Errorf("choose(%d, 20) = %v", n, got)
		}
	}
}

// bulks returns the strings of a reply.
func bulks(reply string) (list []string) {
	lines := strings.Split(reply, "\r\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "$") {
			list = append(list, lines[i+1])
		}
	}
	return list
}

// hot are the lines that must not allocate, on keys that are there.
var hot = []string{
	"zadd z 5 m1", "zadd z 6 m1 7.5 m2 8 m3", "zadd z GT CH 1 m4", "zincrby z 1 m5", "zscore z m5", "zrank z m5", "zcard z",
	"zcount z 1 5", "zcount z (1 +inf", "zrange z 0 5", "zrange z 0 5 WITHSCORES", "zrevrange z 0 5", "zrangebyscore z 1 5 LIMIT 0 2",
	"zmscore z m1 none", "zrandmember z", "zlexcount z - [m5", "zremrangebyscore z 100000 200000",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, members := range []int{10, 5000} {
		h := commandtest.New(t, Family)
		for i := range members {
			h.Do(fmt.Sprintf("zadd z %d m%d", i, i))
		}
		for _, line := range hot {
			args := commandtest.Words(line)
			if reply := h.Run(args); reply[0] == '-' {
				t.Fatalf("%s: %s", line, reply)
			}
			if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
				t.Errorf("%d members: %s: %v allocations", members, line, n)
			}
		}
	}
}
