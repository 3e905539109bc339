package stats

import (
	"sync"
	"time"
)

// rateSamples is how many seconds a rate is averaged over.
const rateSamples = 16

// Rates are per second, over the last 16 s.
type Rates struct{ Commands, In, Out float64 }

// rate remembers the counters of the last seconds.
type rate struct {
	mu      sync.Mutex
	samples [rateSamples]sample
	n       int
}

type sample struct {
	at                time.Time
	commands, in, out int64
}

// Sample notes the counters; it is to be called about once a second.
func (s *Stats) Sample(now time.Time) {
	r := &s.rate
	r.mu.Lock()
	defer r.mu.Unlock()
	r.samples[r.n%rateSamples] = sample{now, s.Commands.Load(), s.NetIn.Load(), s.NetOut.Load()}
	r.n++
}

// Rates returns how fast the counters grow.
func (s *Stats) Rates() Rates {
	r := &s.rate
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n < 2 {
		return Rates{}
	}
	newest := r.samples[(r.n-1)%rateSamples]
	oldest := r.samples[max(0, r.n-rateSamples)%rateSamples]
	seconds := newest.at.Sub(oldest.at).Seconds()
	if seconds <= 0 {
		return Rates{}
	}
	return Rates{
		Commands: float64(newest.commands-oldest.commands) / seconds,
		In:       float64(newest.in-oldest.in) / seconds,
		Out:      float64(newest.out-oldest.out) / seconds,
	}
}

func (r *rate) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n = 0
}
