package stats

import (
	"slices"
	"testing"
	"time"
)

// TestPlaces: every time is within the bounds of its counter, and the counters
// follow each other without a gap.
func TestPlaces(t *testing.T) {
	next := int64(0)
	for i := range counters {
		least, most := bounds(i)
		if least != next || most < least || place(least) != i || place(most) != i {
			t.Fatalf("counter %d is for %d to %d, after %d", i, least, most, next-1)
		}
		next = most + 1
	}
	if place(longest) >= counters {
		t.Errorf("no counter for %d", longest)
	}
}

// TestHistogram has the figures that redis-server answers for these times.
func TestHistogram(t *testing.T) {
	var h Histogram
	for _, us := range []int64{1, 1, 2, 3, 16, 100, 20_000, 5_000_000} {
		h.Record(time.Duration(us) * time.Microsecond)
	}
	h.Record(-1)
	got, total := h.Buckets()
	want := []Bucket{{1, 3}, {2, 4}, {4, 5}, {16, 6}, {132, 7}, {33816, 8}, {1073741, 9}}
	if !slices.Equal(got, want) || total != 9 {
		t.Errorf("got  %v, %d in all\nwant %v", got, total, want)
	}
	times := h.Percentiles([]float64{0, 50, 99, 100})
	if want := []time.Duration{1, 3007, 1002438655, 1002438655}; !slices.Equal(times, want) {
		t.Errorf("percentiles %v, want %v", times, want)
	}
}

func TestEmptyHistogram(t *testing.T) {
	var h Histogram
	if got, total := h.Buckets(); len(got) != 0 || total != 0 {
		t.Errorf("%v, %d", got, total)
	}
	if got := h.Percentiles([]float64{50}); got[0] != 0 {
		t.Errorf("median %v", got)
	}
}

func TestRecordTakesNoMemory(t *testing.T) {
	var h Histogram
	if n := testing.AllocsPerRun(100, func() { h.Record(time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
