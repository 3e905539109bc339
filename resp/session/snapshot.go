package session

import "time"

// Snapshot is what others see of a session: its state when its last round of
// commands ended.
type Snapshot struct {
	ID                        int64
	Address, LocalAddress     string
	FD                        int
	Name, User                string
	LibName, LibVersion       string
	DB, Protocol              int
	Created, LastActive       time.Time
	LastCommand               string
	Blocked, NoEvict, NoTouch bool
	Closing, UnixSocket       bool
	InputBytes, OutputBytes   int
	OutputMemory, TotalMemory int
	// Queued is how many commands of a transaction are queued; -1: there is no
	// transaction.
	Queued int
}

// sessionMemory is about what a session takes beside its buffers, in bytes.
const sessionMemory = 1 << 10

// Publish renews the snapshot. The session's own goroutine calls it.
func (s *Session) Publish() {
	now := s.current()
	s.mu.Lock()
	s.snapshot = now
	s.mu.Unlock()
}

// Snapshot returns the session's state as of the last Publish, from any
// goroutine.
func (s *Session) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot
}

func (s *Session) current() Snapshot {
	was := &s.snapshot // its addresses never change
	queued := -1
	if s.Multi.Open {
		queued = len(s.Multi.Lines)
	}
	return Snapshot{
		ID: s.ID, Address: was.Address, LocalAddress: was.LocalAddress, FD: was.FD, UnixSocket: was.UnixSocket,
		Name: s.Name, User: s.User, LibName: s.LibName, LibVersion: s.LibVersion,
		DB: s.DB, Protocol: s.Out.Protocol(), Created: s.Created, LastActive: s.LastActive,
		LastCommand: s.LastCommand, Blocked: s.blocked, NoEvict: s.NoEvict, NoTouch: s.NoTouch, Closing: s.Closing,
		InputBytes: s.Input, OutputBytes: s.Out.Len(), OutputMemory: s.Out.Memory(),
		TotalMemory: sessionMemory + s.Input + s.Out.Memory(), Queued: queued,
	}
}
