package wire

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"time"

	"kvd/internal/clock"
)

// transport is one way to serve connections.
type transport interface {
	serve(ln net.Listener) error
	nudge()
	tick()
	drain() // read no more, end each connection once it has nothing to send
	kill()  // end every connection now
}

// Server accepts connections and serves them until Shutdown.
type Server struct {
	opts  Options
	pool  blocks
	loops transport // nil where there are none
	conns *netConns
	facts throttle

	stop      chan struct{}  // closed by Shutdown
	accepting sync.WaitGroup // calls of Serve
	serving   sync.WaitGroup // loops and goroutines of connections
	ended     chan struct{}  // closed when serving is done

	mu        sync.Mutex // guards what follows
	stopping  bool
	listeners map[io.Closer]struct{}
	ticker    clock.Timer
}

// NewServer returns a server that serves nothing yet. Shutdown frees what it
// holds.
func NewServer(opts Options) *Server {
	s := &Server{
		opts:      opts,
		stop:      make(chan struct{}),
		ended:     make(chan struct{}),
		listeners: map[io.Closer]struct{}{},
		facts:     throttle{clock: opts.Clock, log: opts.Log},
	}
	s.conns = newNetConns(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticker = opts.Clock.AfterFunc(tickEvery, s.tick)
	return s
}

// Serve accepts connections from ln until Shutdown, which closes ln and makes
// Serve return nil. It may be called for several listeners at a time. Whatever
// Serve returns, ln is closed.
func (s *Server) Serve(ln net.Listener) error {
	return s.run(ln, func() error {
		loops, err := s.loopsFor(ln)
		if err != nil {
			return err
		}
		if loops != nil {
			return loops.serve(ln)
		}
		return s.conns.serve(ln)
	})
}

// ServeTLS is Serve for TLS. The settings are asked for at each connection, so
// that certificates can be replaced while the server runs. A handshake may take
// ten seconds and holds up nobody else.
func (s *Server) ServeTLS(ln net.Listener, settings func() *tls.Config) error {
	return s.run(ln, func() error { return s.conns.serveTLS(ln, settings) })
}

// run registers ln for the time of accept.
func (s *Server) run(ln net.Listener, accept func() error) error {
	defer ln.Close()
	if !s.register(ln) {
		return ErrShutdown
	}
	defer s.accepting.Done()
	defer s.forget(ln)
	err := accept()
	if s.stopped() {
		return nil
	}
	return err
}

// register makes Shutdown close c and wait for the caller. It reports false
// after Shutdown.
func (s *Server) register(c io.Closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.accepting.Add(1)
	s.listeners[c] = struct{}{}
	return true
}

func (s *Server) forget(c io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, c)
}

// stopped says that Shutdown has begun.
func (s *Server) stopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// loopsFor returns the event loops if they can serve ln, starting them first if
// need be, and nil if they can't.
func (s *Server) loopsFor(ln net.Listener) (transport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts.Loops <= 0 || !loopable(ln) {
		return nil, nil
	}
	if s.loops == nil {
		loops, err := startLoops(s, s.opts.Loops)
		if err != nil {
			return nil, err
		}
		s.loops = loops
	}
	return s.loops, nil
}

// transports are those in use.
func (s *Server) transports() []transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loops == nil {
		return []transport{s.conns}
	}
	return []transport{s.loops, s.conns}
}

// Nudge says that what held connections wait for may have come: their handlers
// are asked for output again. Any goroutine may call it.
func (s *Server) Nudge() {
	for _, t := range s.transports() {
		t.nudge()
	}
}

// tick calls Handler.Tick of every connection, and itself a second later.
func (s *Server) tick() {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return
	}
	s.ticker = s.opts.Clock.AfterFunc(tickEvery, s.tick)
	s.mu.Unlock()
	for _, t := range s.transports() {
		t.tick()
	}
}

// Shutdown stops accepting and reading, lets what has been read finish, sends
// the output and closes each connection as soon as it has nothing more to send.
// When ctx ends first the rest is cut, and the error is that of ctx. It returns
// when every handler had its last call. Later calls wait for the same end.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.beginStop() {
		s.accepting.Wait()
		for _, t := range s.transports() {
			t.drain()
		}
		go func() {
			s.serving.Wait()
			close(s.ended)
		}()
	}
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
	}
	for _, t := range s.transports() {
		t.kill()
	}
	<-s.ended
	return ctx.Err()
}

// beginStop closes the listeners. It reports false if that was done before.
func (s *Server) beginStop() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.stopping = true
	close(s.stop)
	s.ticker.Stop()
	for c := range s.listeners {
		c.Close() // an error changes nothing: it is no longer accepted from
	}
	return true
}

// commit ends a round.
func (s *Server) commit() {
	if s.opts.Commit != nil {
		s.opts.Commit()
	}
}

// keepAlive is the idle time for new connections.
func (s *Server) keepAlive() time.Duration {
	if s.opts.KeepAlive == nil {
		return 0
	}
	return s.opts.KeepAlive()
}
