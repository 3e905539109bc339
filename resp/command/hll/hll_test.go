package hll

import (
	"strings"
	"testing"

	"kvd/engine"
	"kvd/engine/ds/hll"
	"kvd/internal/change"
	"kvd/resp/command/commandtest"
)

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
		h := commandtest.New(t, Family)
		h.Do("pfadd h a")
		h.WatchEvents(change.EventString | change.EventGeneric | change.EventNew)
		h.Do(tt.line)
		if got := h.Events(); got != tt.want {
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
			h := commandtest.New(t, Family)
			h.Do("pfadd other a b c")
			for _, line := range []string{
				"pfadd k a b c d e f g h i j k l m n o p q r s", "pfcount k", "pfcount other k", "pfmerge other k", "pfmerge k other",
				"pfdebug getreg k", "pfdebug decode k", "pfdebug todense k",
			} {
				h.Set("k", value)
				other := h.String("other")
				got := h.Do(line)
				if got[0] == '-' && (h.String("k") != value || h.String("other") != other) {
					t.Fatalf("%s of %.30q fails with %q and changes something", line, value, got)
				}
			}
		}
	}
}

// TestSameBytes compares values with those of redis-server 7.0.
func TestSameBytes(t *testing.T) {
	h := commandtest.New(t, Family)
	for _, step := range []struct{ line, key, want string }{
		{"pfadd k", "k", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff"},
		{"pfadd k a", "k", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80q\xa6\x84NW"},
		{"pfcount k", "k", "HYLL\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00q\xa6\x84NW"},
		{"pfmerge m k", "m", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80q\xa6\x84NW"},
	} {
		h.Do(step.line)
		if got := h.String(step.key); got != step.want {
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
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family)
	h.Do("pfadd sparse 1 2 3")
	h.Do("pfadd dense 1 2 3")
	h.Do("pfdebug todense dense")
	for _, line := range hot {
		args := commandtest.Words(line)
		if reply := h.Run(args); reply[0] == '-' {
			t.Fatalf("%s: %s", line, reply)
		}
		if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
	next, args := 0, commandtest.Words("pfadd sparse 00000000")
	if n := testing.AllocsPerRun(200, func() {
		next++
		for i, d := 7, next; i >= 0; i, d = i-1, d/10 {
			args[2][i] = byte('0' + d%10)
		}
		h.Run(args)
	}); n != 0 {
		t.Errorf("new elements: %v allocations", n)
	}
}
