// Package session is one client's state on the server, and the register of all
// clients.
//
// A Session belongs to the goroutine that runs its commands: its loop, or a
// worker while a slow command is under way. What others may see or ask for goes
// through Snapshot, Kill and Unblock, which are safe for concurrent use.
package session

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/reply"
)

// Conn is the socket as the session sees it. Its methods are safe for
// concurrent use and only signal.
type Conn interface {
	Resume()
	Close()
	HungUp() bool
	RemoteAddr() net.Addr
	LocalAddr() net.Addr
	FD() int
}

// Session is one client.
type Session struct {
	ID      int64
	Conn    Conn
	Created time.Time
	Out     reply.Writer

	// DB is the selected database.
	DB int
	// Authenticated is set once the client may run commands.
	Authenticated bool
	// User is the name the client authenticated as.
	User string
	// Name, LibName and LibVersion are what the client calls itself.
	Name, LibName, LibVersion string
	// NoEvict and NoTouch are the settings of CLIENT NO-EVICT and NO-TOUCH.
	NoEvict, NoTouch bool
	// Replies says which replies are sent.
	Replies ReplyMode
	// Trusted is set for connections over a unix socket or the loopback
	// interface: DEBUG may be allowed for these only.
	Trusted bool
	// Internal is set for a part of the server itself, which reaches it as a client
	// does: it writes where nobody else may.
	Internal bool
	// LastCommand is the full name of the newest command, and LastActive when
	// it came.
	LastCommand string
	LastActive  time.Time
	// Closing is set when the connection is to end once its output is sent.
	Closing bool
	// Input is the number of bytes read and not yet run, as of the last round.
	Input int

	// Multi is the transaction being queued, and Watch the keys that it
	// depends on.
	Multi Multi
	Watch engine.Watch

	// Subs are the channels and patterns that the client is subscribed to.
	Subs Subscriptions
	// Caching is set by CLIENT CACHING for the command that follows it.
	Caching bool
	// Monitors is set while the client is shown all commands.
	Monitors bool
	// Words is about how many bytes the words of the command under way take, while
	// that waits or runs elsewhere.
	Words int

	needs   uint64
	blocked bool
	held    bool
	pushes  pushes

	mu       sync.Mutex
	snapshot Snapshot
	total    *atomic.Int64 // of the registry
	counted  int           // what of it is this session's
	removed  bool
	killed   atomic.Bool
	unblock  atomic.Pointer[Unblock]
	tracking atomic.Pointer[Tracking]
	account  atomic.Pointer[acl.Account]
}

// ReplyMode is the setting of CLIENT REPLY.
type ReplyMode uint8

// The modes. SkipNext becomes Skip when its own command is done, and Skip
// becomes On after the next one.
const (
	On ReplyMode = iota
	Off
	SkipNext
	Skip
)

// Unblock is how CLIENT UNBLOCK wakes a client: by its time-out (nil) or with
// an error.
type Unblock struct{ Err *rediserr.Error }

// Reset brings everything but the connection back to how it began, as RESET
// does; account and as are whom a new client is.
func (s *Session) Reset(account *acl.Account, as Login) {
	s.DB, s.Name = 0, ""
	s.Become(account, as)
	s.Multi = Multi{}
	s.NoEvict, s.NoTouch, s.Replies = false, false, On
	s.Out.SetProtocol(2)
}

// Needs says that the reply being written depends on change set seq: output is
// held back until that is durable.
func (s *Session) Needs(seq uint64) { s.needs = max(s.needs, seq) }

// Needed returns the newest change set that the output depends on.
func (s *Session) Needed() uint64 { return s.needs }

// SetBlocked notes that the client waits for something.
func (s *Session) SetBlocked(blocked bool) {
	s.blocked = blocked
	s.unblock.Store(nil)
	s.Publish()
}

// SetHeld notes that the command of the client waits for the end of a pause, which
// RequestUnblock does not shorten.
func (s *Session) SetHeld(held bool) {
	s.held = held
	s.SetBlocked(held)
}

// Kill ends the connection, from any goroutine.
func (s *Session) Kill() {
	s.killed.Store(true)
	s.Conn.Close()
}

// Killed reports whether Kill was called.
func (s *Session) Killed() bool { return s.killed.Load() }

// RequestUnblock wakes a client that is blocked, from any goroutine, and
// reports whether it was.
func (s *Session) RequestUnblock(how Unblock) bool {
	s.mu.Lock()
	blocked := s.snapshot.Blocked && !s.snapshot.Held
	s.mu.Unlock()
	if !blocked {
		return false
	}
	s.unblock.Store(&how)
	s.Conn.Resume()
	return true
}

// TakeUnblock returns and forgets what RequestUnblock asked for.
func (s *Session) TakeUnblock() *Unblock { return s.unblock.Swap(nil) }
