package session

import (
	"sync"
	"sync/atomic"

	"kvd/resp/reply"
)

// Message is what a client is sent without having asked. It does not change and
// is shared by all who get it: the two protocols differ in how it begins only.
type Message struct {
	resp2, resp3 string
	body         []byte
	line         bool
}

// NewMessage returns a message that is resp2 or resp3, whichever the client
// speaks, and then body.
func NewMessage(resp2, resp3 string, body []byte) *Message {
	return &Message{resp2: resp2, resp3: resp3, body: body}
}

// NewLine returns a message that is the same in both protocols and also for those
// who are not subscribed: a line of MONITOR.
func NewLine(text string) *Message { return &Message{body: []byte(text), line: true} }

// messageMemory is about what a message in a queue takes beside its body, in
// bytes.
const messageMemory = 64

func (m *Message) size() int64 { return int64(len(m.body)) + messageMemory }

// Bytes and Release implement reply.Shared.
func (m *Message) Bytes() []byte { return m.body }

// Release does nothing: the memory is the garbage collector's.
func (m *Message) Release() {}

// shareBody is the size from which a message is not copied for each client, in
// bytes.
const shareBody = 4 << 10

// pushes is the queue of messages for one client. Anybody adds to it; the
// session's own goroutine moves it into the output.
type pushes struct {
	waiting atomic.Int64 // bytes
	output  atomic.Int64 // bytes of the output when they were last counted
	limit   atomic.Int64 // bytes; 0: none
	over    atomic.Bool  // the limit was reached

	mu     sync.Mutex
	closed bool
	list   []*Message

	// The session's own goroutine has these.
	spare []*Message // the list before, emptied
	used  bool
}

// Push queues a message, from any goroutine, and never waits. A client that does
// not take its messages is closed when they, with its output, reach the limit.
func (s *Session) Push(m *Message) {
	p := &s.pushes
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	first := len(p.list) == 0
	size := p.waiting.Load() + m.size()
	over := exceeds(size+p.output.Load(), p.limit.Load())
	if over {
		p.over.Store(true)
		p.close()
	} else {
		p.list = append(p.list, m)
		p.waiting.Store(size)
	}
	p.mu.Unlock()
	switch {
	case over:
		s.Kill()
	case first:
		s.Conn.Resume()
	}
}

func exceeds(size, limit int64) bool { return limit > 0 && size >= limit }

// LimitPushes sets how many bytes of messages and output may wait together; 0 is
// no limit.
func (s *Session) LimitPushes(limit int64) { s.pushes.limit.Store(limit) }

// Overran reports whether the client was closed because of that limit.
func (s *Session) Overran() bool { return s.pushes.over.Load() }

// Pushed reports whether messages wait.
func (s *Session) Pushed() bool { return s.pushes.waiting.Load() > 0 }

// Deliver moves the messages that wait into the output, which must be between
// two replies. The session's own goroutine calls it.
//
// A client that speaks RESP2 gets messages only while it is subscribed: to
// others they would look like replies.
func (s *Session) Deliver() {
	if !s.Pushed() {
		return
	}
	p := &s.pushes
	p.used = true
	list := p.take()
	for _, m := range list {
		s.write(m)
	}
	clear(list)
	if cap(list) <= keepPushes {
		p.spare = list[:0]
	}
	s.CountOutput()
	if exceeds(p.output.Load(), p.limit.Load()) {
		p.over.Store(true)
		s.Kill()
	}
}

// keepPushes is the longest list that is kept for the next messages.
const keepPushes = 1 << 10

// take empties the queue and returns what was in it.
func (p *pushes) take() []*Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.list
	p.list, p.spare = p.spare, nil
	p.waiting.Store(0)
	return list
}

// write writes a message, if it is for clients like this one.
func (s *Session) write(m *Message) {
	head := m.resp3
	if s.Out.Protocol() == 2 {
		head = m.resp2
		if !s.Subscribed() && !m.line {
			return
		}
	}
	switch {
	case head == "" && !m.line:
	case len(m.body) >= shareBody:
		s.Out.LargeMessage(head, m)
	default:
		s.Out.Message(head, m.body)
	}
}

// CountOutput notes how much output waits, for the limit of Push. The session's
// own goroutine calls it.
func (s *Session) CountOutput() {
	if s.pushes.used {
		s.pushes.output.Store(int64(s.Out.Len()))
	}
}

// DropPushes forgets the messages of a session that has ended, and those to
// come.
func (s *Session) DropPushes() {
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	s.pushes.close()
}

func (p *pushes) close() {
	p.closed, p.list = true, nil
	p.waiting.Store(0)
}

var _ reply.Shared = (*Message)(nil)
