package session

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kvd/resp/acl"
)

// Registry is all connected clients, by id. Its methods are safe for concurrent
// use.
type Registry struct {
	// Monitors are the clients that see all commands, and Pause holds the commands
	// of all clients back.
	Monitors Monitors
	Pause    Pause

	memory   atomic.Int64 // see Memory
	evicting sync.Mutex

	mu       sync.Mutex
	nextID   int64
	sessions map[int64]*Session
	total    int64
}

// InternalNetwork is the network of connections within the process, which only
// parts of the server can make: those of net.Pipe.
const InternalNetwork = "pipe"

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{sessions: make(map[int64]*Session)}
}

// Add makes the session of a new connection and gives it the next id.
func (r *Registry) Add(conn Conn, now time.Time) *Session {
	s := &Session{Conn: conn, Created: now, LastActive: now, User: acl.Default, LastCommand: "NULL", total: &r.memory}
	remote, local := conn.RemoteAddr(), conn.LocalAddr()
	s.snapshot.FD = conn.FD()
	s.snapshot.LocalAddress = address(local)
	s.snapshot.Address = address(remote)
	if local != nil && local.Network() == "unix" {
		s.snapshot.UnixSocket = true
		s.snapshot.Address = address(local)
	}
	s.Internal = remote != nil && remote.Network() == InternalNetwork
	s.Trusted = s.snapshot.UnixSocket || isLoopback(remote)

	r.mu.Lock()
	r.nextID++
	s.ID = r.nextID
	r.total++
	r.sessions[s.ID] = s
	r.mu.Unlock()
	s.Publish()
	return s
}

// Remove forgets a session whose connection is gone.
func (r *Registry) Remove(s *Session) {
	s.leave()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, s.ID)
}

// Get returns the session with this id, or nil.
func (r *Registry) Get(id int64) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[id]
}

// Len returns how many clients are connected.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.sessions)
}

// Total returns how many connections there have been.
func (r *Registry) Total() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// ResetTotal sets Total to zero.
func (r *Registry) ResetTotal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total = 0
}

// All returns the sessions in the order in which they connected.
func (r *Registry) All() []*Session {
	r.mu.Lock()
	all := make([]*Session, 0, len(r.sessions))
	for _, s := range r.sessions {
		all = append(all, s)
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b *Session) int { return int(a.ID - b.ID) })
	return all
}

func address(a net.Addr) string {
	switch a := a.(type) {
	case nil:
		return "?:0"
	case *net.UnixAddr:
		return a.Name + ":0"
	default:
		return a.String()
	}
}

// isLoopback reports whether a client is on this machine.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
