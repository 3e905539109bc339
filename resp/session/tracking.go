package session

import "sync/atomic"

// Tracking says how a client is told that keys have changed that it may have
// cached (CLIENT TRACKING). It does not change once it is a session's, but for
// Broken.
type Tracking struct {
	// Broadcast tells of all keys that begin with one of Prefixes, which are
	// sorted, instead of those that the client has read.
	Broadcast bool
	Prefixes  []string
	// OptIn remembers only what commands read after CLIENT CACHING YES, OptOut
	// all but that after CLIENT CACHING NO.
	OptIn, OptOut bool
	// NoLoop leaves out what the client writes itself.
	NoLoop bool
	// Redirect is the client that is told instead; 0: the client itself.
	Redirect int64

	broken atomic.Bool
}

// Broken reports whether the client that Redirect names was found to be gone.
func (t *Tracking) Broken() bool { return t.broken.Load() }

// Tracking returns how the client tracks keys, or nil, from any goroutine.
func (s *Session) Tracking() *Tracking { return s.tracking.Load() }

// remembers reports whether what the command under way reads is remembered.
func (s *Session) remembers() bool {
	t := s.Tracking()
	switch {
	case t == nil, t.Broadcast:
		return false
	case t.OptIn:
		return s.Caching
	case t.OptOut:
		return !s.Caching
	}
	return true
}
