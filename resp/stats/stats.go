// Package stats counts what the server does, for INFO, SLOWLOG and alike. All
// of it is safe for concurrent use.
package stats

import (
	"sync"
	"sync/atomic"
)

// Stats are the server's counters since its start or CONFIG RESETSTAT.
type Stats struct {
	Commands      atomic.Int64
	Rejected      atomic.Int64 // connections refused because of maxclients
	NetIn, NetOut atomic.Int64 // bytes
	Reads, Writes atomic.Int64 // of sockets
	// TimedWaits is how many clients wait in a blocking command for a limited time.
	TimedWaits     atomic.Int64
	ErrorReplies   atomic.Int64
	OutputKilled   atomic.Int64 // clients closed because of their output limits
	QueryKilled    atomic.Int64 // clients closed because of their query buffer
	DeniedByMode   atomic.Int64 // connections refused by protected mode
	Panics         atomic.Int64
	ClientsEvicted atomic.Int64 // closed because of maxmemory-clients
	Errors         Errors
	Latency        Latency
	PeakMemory     atomic.Int64
	rate           rate
}

// Reset sets the counters to zero, as CONFIG RESETSTAT does.
func (s *Stats) Reset() {
	for _, c := range []*atomic.Int64{
		&s.Commands, &s.Rejected, &s.NetIn, &s.NetOut, &s.ErrorReplies,
		&s.OutputKilled, &s.QueryKilled, &s.DeniedByMode, &s.Reads, &s.Writes, &s.Panics, &s.ClientsEvicted,
	} {
		c.Store(0)
	}
	s.Errors.reset()
	s.rate.reset()
}

// maxErrorCodes is how many codes are counted apart; scripts can make up any.
const maxErrorCodes = 128

// Errors counts error replies by their code.
type Errors struct {
	mu    sync.Mutex
	count map[string]int64
}

// Add counts one error reply.
func (e *Errors) Add(code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.count == nil {
		e.count = make(map[string]int64)
	}
	if _, known := e.count[code]; known || len(e.count) < maxErrorCodes {
		e.count[code]++
	}
}

// Each calls fn for every code, in no order.
func (e *Errors) Each(fn func(code string, count int64)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for code, n := range e.count {
		fn(code, n)
	}
}

func (e *Errors) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count = nil
}
