package stats

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// The counters of a Histogram: up to halfWidth*2 nanoseconds each value has one
// of its own; from there on each power of two is split into halfWidth of them,
// which is a precision of two decimal digits. It is the layout of HDR histograms
// (http://hdrhistogram.org) and the precision of redis-server.
const (
	halfBits  = 7
	halfWidth = 1 << halfBits
	// longest is the longest time that is told from longer ones, shortest the
	// same at the other end, both in nanoseconds.
	longest, shortest = 1_000_000_000, 1
	// counters is one more than the place of longest.
	counters = (30-halfBits)*halfWidth + halfWidth
)

// Histogram counts times by their length. Its methods are safe for concurrent
// use; Record takes no lock and no memory.
type Histogram struct{ counts [counters]atomic.Int64 }

// Record counts one time; those beyond a second count as a second.
func (h *Histogram) Record(d time.Duration) {
	h.counts[place(min(max(int64(d), shortest), longest))].Add(1)
}

// place returns the counter of a number of nanoseconds.
func place(ns int64) int {
	scale := max(0, bits.Len64(uint64(ns))-halfBits-1)
	return scale*halfWidth + int(ns>>scale)
}

// bounds returns the least and the largest number of nanoseconds of a counter.
func bounds(place int) (least, most int64) {
	scale := max(0, place/halfWidth-1)
	least = int64(place-scale*halfWidth) << scale
	return least, least + 1<<scale - 1
}

// Bucket is a step of a cumulative distribution: Count times were no longer than
// Microseconds, which is rounded down.
type Bucket struct{ Microseconds, Count int64 }

// firstStep is the first bound of Buckets, in nanoseconds; each one after it is
// twice the one before.
const firstStep = 1 << 10

// Buckets returns how many times there are in all, and the distribution without
// the steps at which nothing is added.
func (h *Histogram) Buckets() (buckets []Bucket, total int64) {
	next := 0
	for step := int64(firstStep); next < counters; step *= 2 {
		before, last := total, counters-1
		if step <= longest {
			last = place(step)
		}
		for ; next <= last; next++ {
			total += h.counts[next].Load()
		}
		if total > before {
			_, most := bounds(last)
			buckets = append(buckets, Bucket{most / int64(time.Microsecond), total})
		}
	}
	return buckets, total
}

// Percentiles returns, for each of the percentages, the time that so many of all
// times do not exceed.
func (h *Histogram) Percentiles(percents []float64) []time.Duration {
	var counts [counters]int64
	var total int64
	for i := range counts {
		counts[i] = h.counts[i].Load()
		total += counts[i]
	}
	times := make([]time.Duration, len(percents))
	for i, percent := range percents {
		wanted := max(1, int64(percent/100*float64(total)+0.5))
		times[i] = timeOf(counts[:], wanted, percent == 0)
	}
	return times
}

// timeOf returns the time at which so many have been counted: the least of its
// counter, or else the largest.
func timeOf(counts []int64, wanted int64, least bool) time.Duration {
	for i, n := range counts {
		wanted -= n
		if wanted > 0 {
			continue
		}
		low, high := bounds(i)
		if least {
			return time.Duration(low)
		}
		return time.Duration(high)
	}
	return 0
}
