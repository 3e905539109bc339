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
	Held, Monitors            bool
	InputBytes, OutputBytes   int
	OutputMemory, TotalMemory int
	// WordBytes and QueuedBytes are what the command under way and those of the
	// transaction take.
	WordBytes, QueuedBytes int
	// Queued is how many commands of a transaction are queued; -1: there is no
	// transaction.
	Queued int
	// Subscribed is how many channels, patterns and shard channels the client is
	// subscribed to.
	Subscribed [ChannelKinds]int
	// Tracking is how the client tracks keys; nil: not at all.
	Tracking *Tracking
}

// sessionMemory is about what a session takes beside its buffers, in bytes.
const sessionMemory = 1 << 10

// Publish renews the snapshot. The session's own goroutine calls it.
func (s *Session) Publish() {
	now := s.current()
	s.mu.Lock()
	s.snapshot = now
	s.recount(now.TotalMemory)
	s.mu.Unlock()
}

// Snapshot returns the session's state as of the last Publish, with the messages
// that wait now as part of its output, from any goroutine.
func (s *Session) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.snapshot
	pushed := int(s.pushes.waiting.Load())
	now.OutputBytes += pushed
	now.TotalMemory += pushed
	now.Tracking = s.tracking.Load()
	return now
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
		WordBytes: s.Words, QueuedBytes: s.Multi.Bytes, Held: s.held, Monitors: s.Monitors,
		TotalMemory: sessionMemory + s.Input + max(s.Out.Memory(), s.Out.Len()) + s.Words + s.Multi.Bytes, Queued: queued,
		Subscribed: s.Subs.counts(),
	}
}
