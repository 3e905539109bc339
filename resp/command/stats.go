package command

import (
	"sync/atomic"
	"time"

	"kvd/resp/stats"
)

// Stats counts the uses of one command. All fields may be used at any time.
type Stats struct {
	// Calls is how often the handler ran, Nanoseconds for how long in all.
	Calls, Nanoseconds atomic.Int64
	// Rejected is how often a gate refused the command, Failed how often the
	// handler returned an error.
	Rejected, Failed atomic.Int64

	times atomic.Pointer[stats.Histogram]
}

// Record puts the time of one call into the distribution of all.
func (s *Stats) Record(took time.Duration) {
	h := s.times.Load()
	if h == nil {
		s.times.CompareAndSwap(nil, new(stats.Histogram)) // another may have been faster
		if h = s.times.Load(); h == nil {
			return // it was reset meanwhile
		}
	}
	h.Record(took)
}

// Times returns the distribution of the times that were recorded, nil if there
// are none.
func (s *Stats) Times() *stats.Histogram { return s.times.Load() }

// Reset sets all counts to zero.
func (s *Stats) Reset() {
	for _, n := range []*atomic.Int64{&s.Calls, &s.Nanoseconds, &s.Rejected, &s.Failed} {
		n.Store(0)
	}
	s.times.Store(nil)
}
