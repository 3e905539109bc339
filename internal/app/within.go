package app

import (
	"net"
	"sync"

	"kvd/resp/session"
)

// within is the listener of connections that parts of the server make to it.
type within struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newWithin() *within {
	return &within{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to the server.
func (w *within) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case w.conns <- theirs:
		return newPumped(ours), nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Accept implements net.Listener.
func (w *within) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (w *within) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// Addr implements net.Listener.
func (w *within) Addr() net.Addr { return withinAddr{} }

// withinAddr is the address of a connection within the process.
type withinAddr struct{}

// Network implements net.Addr.
func (withinAddr) Network() string { return session.InternalNetwork }

// String implements net.Addr.
func (withinAddr) String() string { return "within" }

// pumped is an end of a pipe that takes what the other end writes at once, so that
// both may write before either reads, as with a socket. What waits has no limit: it
// is the replies to commands that the other end has sent.
type pumped struct {
	net.Conn

	mu   sync.Mutex
	more *sync.Cond
	buf  []byte
	err  error
}

func newPumped(c net.Conn) *pumped {
	p := &pumped{Conn: c}
	p.more = sync.NewCond(&p.mu)
	go p.pump()
	return p
}

func (p *pumped) pump() {
	piece := make([]byte, 16<<10)
	for {
		n, err := p.Conn.Read(piece)
		p.mu.Lock()
		p.buf, p.err = append(p.buf, piece[:n]...), err
		p.more.Signal()
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Read implements net.Conn.
func (p *pumped) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.buf) == 0 && p.err == nil {
		p.more.Wait()
	}
	if len(p.buf) == 0 {
		return 0, p.err
	}
	n := copy(b, p.buf)
	if p.buf = p.buf[n:]; len(p.buf) == 0 {
		p.buf = nil
	}
	return n, nil
}
