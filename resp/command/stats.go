package command

import "sync/atomic"

// Stats counts the uses of one command. All fields may be used at any time.
type Stats struct {
	// Calls is how often the handler ran, Nanoseconds for how long in all.
	Calls, Nanoseconds atomic.Int64
	// Rejected is how often a gate refused the command, Failed how often the
	// handler returned an error.
	Rejected, Failed atomic.Int64
}

// Reset sets all counts to zero.
func (s *Stats) Reset() {
	for _, n := range []*atomic.Int64{&s.Calls, &s.Nanoseconds, &s.Rejected, &s.Failed} {
		n.Store(0)
	}
}
