package persist

import (
	"slices"
	"testing"
)

func TestEditsAreInOrder(t *testing.T) {
	var e edits
	want := map[uint64][]uint64{}
	for i := range uint64(100) {
		base := 1000 + i*i%7
		e.add(base, i)
		want[base] = append(want[base], i)
	}
	for base := uint64(1000); base < 1008; base++ {
		if got := e.appendAfter([]uint64{5}, base); !slices.Equal(got[1:], want[base]) || got[0] != 5 {
			t.Errorf("edits after %d: %v, want %v", base, got, want[base])
		}
		if e.has(base) != (want[base] != nil) {
			t.Errorf("has(%d) = %v", base, e.has(base))
		}
	}
	e.reset()
	if e.len() != 0 || e.has(1000) {
		t.Error("reset has left edits")
	}
}

// TestWindowCountsEdits: a key that is edited often fills the window too.
func TestWindowCountsEdits(t *testing.T) {
	w := newWindow()
	w.used = 3
	for i := range uint64(4) {
		w.edits.add(9, i)
	}
	if !w.full(7) || w.full(8) {
		t.Error("a window of 3 rows and 4 edits is not one of 7")
	}
}

func TestOverwrite(t *testing.T) {
	for _, test := range []struct {
		value  string
		offset int
		part   string
		want   string
	}{
		{"0123", 1, "ab", "0ab3"},
		{"0123", 3, "ab", "012ab"},
		{"0123", 6, "ab", "0123\x00\x00ab"},
		{"0123", 6, "", "0123\x00\x00"},
		{"0123", 2, "", "0123"},
		{"", 0, "ab", "ab"},
	} {
		if got := overwrite([]byte(test.value), test.offset, []byte(test.part)); string(got) != test.want {
			t.Errorf("%q over %q at %d is %q", test.part, test.value, test.offset, got)
		}
	}
}
