package session

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Monitors are the clients that are shown every command (MONITOR). The zero
// value has none. Its methods are safe for concurrent use.
//
// Invariant: who runs a command never waits for who is shown it. A line is one
// message in the queue of each monitor, and one that reads too slowly is closed
// by its limit.
type Monitors struct {
	mu   sync.Mutex
	list atomic.Pointer[[]*Session] // never changed in place; nil: none
}

// Add makes a session a monitor, from its own goroutine.
func (m *Monitors) Add(s *Session) {
	s.Monitors = true
	m.mu.Lock()
	defer m.mu.Unlock()
	list := append(slices.Clone(m.sessions()), s)
	m.list.Store(&list)
}

// Remove ends that, if it is so, from the session's own goroutine.
func (m *Monitors) Remove(s *Session) {
	if !s.Monitors {
		return
	}
	s.Monitors = false
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(m.sessions()), func(o *Session) bool { return o == s })
	if len(list) == 0 {
		m.list.Store(nil)
		return
	}
	m.list.Store(&list)
}

func (m *Monitors) sessions() []*Session {
	if list := m.list.Load(); list != nil {
		return *list
	}
	return nil
}

// Any reports whether there is anybody to show a command to.
func (m *Monitors) Any() bool { return m.list.Load() != nil }

// InScript is the origin of commands that a script runs.
const InScript = "lua"

// Show shows a command that ran at a time in a database. origin is InScript, or
// what Origin says of a client.
func (m *Monitors) Show(now time.Time, db int, origin string, args [][]byte) {
	list := m.sessions()
	if len(list) == 0 {
		return
	}
	line := NewLine(string(monitorLine(now, db, origin, args)))
	for _, s := range list {
		s.Push(line)
	}
}

// Origin says where the client is, as lines of MONITOR do.
func (s *Session) Origin() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot.UnixSocket {
		return "unix:" + strings.TrimSuffix(s.snapshot.Address, ":0")
	}
	return s.snapshot.Address
}

// monitorLine spells a command as a status reply.
func monitorLine(now time.Time, db int, origin string, args [][]byte) []byte {
	size := 64
	for _, arg := range args {
		size += len(arg) + 3
	}
	b := append(make([]byte, 0, size), '+')
	b = strconv.AppendInt(b, now.Unix(), 10)
	b = append(b, '.')
	micros := strconv.Itoa(1_000_000 + now.Nanosecond()/1000)
	b = append(b, micros[1:]...) // with its leading zeros
	b = append(b, " ["...)
	b = strconv.AppendInt(b, int64(db), 10)
	b = append(append(append(b, ' '), origin...), ']')
	for _, arg := range args {
		b = appendQuoted(append(b, ' '), arg)
	}
	return append(b, '\r', '\n')
}

// appendQuoted appends bytes in double quotes, on one line and in ASCII.
func appendQuoted(b, arg []byte) []byte {
	const hex = "0123456789abcdef"
	const escapes = "\aa\bb\nn\rr\tt\"\"\\\\"
	b = append(b, '"')
	for _, c := range arg {
		switch at := strings.IndexByte(escapes, c); {
		case at >= 0 && at%2 == 0:
			b = append(b, '\\', escapes[at+1])
		case c < ' ' || c > '~':
			b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
