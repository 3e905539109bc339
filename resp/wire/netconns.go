package wire

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"syscall"
)

// netConns are the connections that have a goroutine each.
type netConns struct {
	s *Server

	mu  sync.Mutex
	all map[*netConn]struct{}
}

func newNetConns(s *Server) *netConns {
	return &netConns{s: s, all: map[*netConn]struct{}{}}
}

// serve accepts plain connections.
func (ns *netConns) serve(ln net.Listener) error {
	return ns.acceptAll(ln, func(conn net.Conn) { ns.start(conn, conn, nil) })
}

// serveTLS accepts TLS connections. The handshake is done by the connection's
// goroutine.
func (ns *netConns) serveTLS(ln net.Listener, settings func() *tls.Config) error {
	return ns.acceptAll(ln, func(conn net.Conn) {
		secure := tls.Server(conn, settings())
		ns.start(conn, secure, secure.Handshake)
	})
}

// acceptAll accepts until the listener is closed.
func (ns *netConns) acceptAll(ln net.Listener, start func(net.Conn)) error {
	pause := backoff{s: ns.s}
	for {
		conn, err := ln.Accept()
		switch {
		case err == nil && ns.s.stopped():
			conn.Close()
			return nil
		case err == nil:
			pause.worked()
			ns.tune(conn)
			start(conn)
		case ns.s.stopped(), errors.Is(err, net.ErrClosed):
			return err
		default:
			pause.failed(err)
		}
	}
}

// tune sets keep-alive. Go has switched Nagle's delay off.
func (ns *netConns) tune(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	idle := ns.s.keepAlive()
	// A failure leaves the connection usable, so none is reported.
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: idle > 0, Idle: idle, Interval: idle / keepProbes, Count: keepProbes,
	})
}

// start makes a connection of an accepted socket, or refuses it. Conn is the
// socket or what encrypts it, after handshake.
func (ns *netConns) start(socket, conn net.Conn, handshake func() error) {
	c := &netConn{set: ns, conn: conn, fd: descriptor(socket), wake: make(chan struct{}, 1)}
	c.in.pool = &ns.s.pool
	c.in.SetLimits(DefaultLimits())
	c.shaking.Store(handshake != nil)
	h, reject := ns.s.opts.Accept(c)
	if h == nil {
		if handshake == nil && len(reject) > 0 {
			_, _ = conn.Write(reject) // fits into the buffer of a new socket
		}
		socket.Close()
		return
	}
	c.h = h
	ns.mu.Lock()
	ns.all[c] = struct{}{}
	ns.mu.Unlock()
	ns.s.serving.Add(1)
	go func() {
		defer ns.s.serving.Done()
		c.serve(handshake)
	}()
}

// descriptor is the number of the socket, or -1.
func descriptor(conn net.Conn) int {
	fd := -1
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			_ = raw.Control(func(p uintptr) { fd = int(p) }) // fails on a closed socket only
		}
	}
	return fd
}

// forget takes c out of the set.
func (ns *netConns) forget(c *netConn) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	delete(ns.all, c)
}

// list is the connections that wanted says.
func (ns *netConns) list(wanted func(*netConn) bool) []*netConn {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	var some []*netConn
	for c := range ns.all {
		if wanted(c) {
			some = append(some, c)
		}
	}
	return some
}

func every(*netConn) bool { return true }

func (ns *netConns) nudge() {
	for _, c := range ns.list(func(c *netConn) bool { return c.held.Load() }) {
		c.ask(netNudge)
	}
}

// tick passes a second on to the connections that are not busy. A busy one is
// writing, for which it has a deadline.
func (ns *netConns) tick() {
	now := ns.s.opts.Clock.Now()
	for _, c := range ns.list(every) {
		if !c.mu.TryLock() {
			continue
		}
		var reason error
		if !c.done {
			reason = c.h.Tick(now)
		}
		c.mu.Unlock()
		if reason != nil {
			c.reason.CompareAndSwap(nil, &reason)
			c.ask(netClose)
		}
	}
}

func (ns *netConns) drain() { ns.askAll(netDrain) }
func (ns *netConns) kill()  { ns.askAll(netKill) }

func (ns *netConns) askAll(what uint32) {
	for _, c := range ns.list(every) {
		c.ask(what)
	}
}
