// Package clock is the only source of time: the real one, and one that tests
// move by hand.
package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the time and makes timers.
type Clock interface {
	// Now is the time of day. Its monotonic part is set where the system has one.
	Now() time.Time
	// AfterFunc calls f in its own goroutine once d has passed. Stop on the
	// returned Timer prevents it.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a pending AfterFunc.
type Timer interface {
	// Stop prevents the call and reports whether it did.
	Stop() bool
}

// System is the machine's clock. The zero value is ready for use.
//
// The system has one clock for the time of day and one for the time that passes,
// and time.Now reads both. Since a command needs the time twice, that is felt:
// System reads the second clock, and the first one only once in a while.
type System struct{ read atomic.Pointer[time.Time] }

// systemDrift is how long a change of the time of day may go unnoticed.
const systemDrift = 50 * time.Millisecond

// Now implements Clock.
func (s *System) Now() time.Time {
	if read := s.read.Load(); read != nil {
		if passed := time.Since(*read); passed < systemDrift {
			return read.Add(passed)
		}
	}
	now := time.Now()
	s.read.Store(&now)
	return now
}

// AfterFunc implements Clock.
func (*System) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// Manual is a clock that stands still until it is moved. It is safe for use by
// several goroutines.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer
}

// NewManual returns a clock that shows now.
func NewManual(now time.Time) *Manual { return &Manual{now: now} }

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// AfterFunc implements Clock. The call is made by the Advance that reaches its
// time, before that Advance returns.
func (m *Manual) AfterFunc(d time.Duration, f func()) Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &manualTimer{clock: m, at: m.now.Add(d), f: f}
	m.timers = append(m.timers, t)
	return t
}

// Advance moves the clock forward by d and makes the calls that became due, in
// the order of their times, each with the clock showing its own time.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	end := m.now.Add(d)
	for {
		next := m.due(end)
		if next == nil {
			break
		}
		m.now = next.at
		m.mu.Unlock()
		next.f()
		m.mu.Lock()
	}
	m.now = end
	m.mu.Unlock()
}

// due takes the earliest timer that is not after end out of the list.
func (m *Manual) due(end time.Time) *manualTimer {
	best := -1
	for i, t := range m.timers {
		if !t.at.After(end) && (best < 0 || t.at.Before(m.timers[best].at)) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	t := m.timers[best]
	m.timers = append(m.timers[:best], m.timers[best+1:]...)
	return t
}

type manualTimer struct {
	clock *Manual
	at    time.Time
	f     func()
}

// Stop implements Timer.
func (t *manualTimer) Stop() bool {
	m := t.clock
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, other := range m.timers {
		if other == t {
			m.timers = append(m.timers[:i], m.timers[i+1:]...)
			return true
		}
	}
	return false
}
