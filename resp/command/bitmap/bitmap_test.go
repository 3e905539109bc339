package bitmap

import (
	"strings"
	"testing"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/resp/command/commandtest"
)

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
		h := commandtest.New(t, Family)
		h.Set("k", "v")
		h.WatchEvents(change.EventString | change.EventGeneric | change.EventNew)
		h.Do(tt.line)
		if got := h.Events(); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail, also late in the line, on small
// and on large values.
func TestErrorsChangeNothing(t *testing.T) {
	for _, value := range []string{"value", strings.Repeat("v", 2*engine.Large)} {
		h := commandtest.New(t, Family)
		h.Set("k", value)
		for _, line := range []string{
			"setbit k 1 2", "setbit k x 0", "bitop not k a b", "bitop foo k a", "bitfield k set u8 0 1 set u8 x 1",
			"bitfield k set u8 0 1 incrby u64 0 1", "bitfield k set u8 0 1 overflow no", "bitfield_ro k set u8 0 1",
		} {
			if got := h.Do(line); !strings.HasPrefix(got, "-") {
				t.Errorf("%s: %q", line, got)
			}
			if h.String("k") != value {
				t.Fatalf("%s changed the value", line)
			}
		}
	}
}

// TestSharedValuesStay makes sure that bytes on their way to a client are not
// changed.
func TestSharedValuesStay(t *testing.T) {
	h := commandtest.New(t, Family)
	value := strings.Repeat("v", 2*engine.Large)
	h.Set("k", value)
	tx := h.Engine.BeginKey(0, h.Clock.Now().UnixMilli(), 0, []byte("k"))
	s, _ := tx.String([]byte("k"))
	blob := s.Share()
	tx.Commit()
	h.Do("setbit k 0 1")
	h.Do("bitfield k set u8 8 0")
	if string(blob.Bytes()) != value {
		t.Error("the bytes were changed")
	}
	blob.Release()
	if got := h.String("k"); got[0] != 0xf6 || got[1] != 0 {
		t.Errorf("the value begins with %q", got[:2])
	}
}

// hot are the lines that must not allocate, on keys that are there.
var hot = []string{
	"setbit k 7 1", "setbit k 100 1", "getbit k 7", "bitcount k", "bitpos k 1", "bitfield k get u8 0",
	"bitfield k incrby u8 0 1 overflow sat set i5 #3 4", "bitfield_ro k get u8 0", "bitop xor d k k",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family)
	h.Do("setbit k 1000 1")
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

// TestLargeValuesAreChangedInPlace bounds the memory that a change of one bit of
// a large value takes.
func TestLargeValuesAreChangedInPlace(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family)
	h.Do("setbit k 8000000 1")
	on, off := commandtest.Words("setbit k 9 1"), commandtest.Words("setbit k 9 0")
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			h.Run(on)
			h.Run(off)
		}
	})
	if got := result.AllocedBytesPerOp(); got > 1000 {
		t.Errorf("two changes of a megabyte take %d bytes", got)
	}
}
