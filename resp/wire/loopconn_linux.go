package wire

import (
	"io"
	"net"
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// loopConn is a connection of an event loop. Its fields belong to the loop,
// apart from those that never change, asked and ended.
type loopConn struct {
	loop          *loop
	h             Handler
	fd            int
	local, remote net.Addr

	asked atomic.Uint32 // what other goroutines want, of the ask constants
	ended atomic.Bool   // set before fd is closed, and may be another socket's

	in       Input
	added    bool   // the loop knows it
	early    uint32 // what was asked before that
	queued   bool   // in round or again
	held     bool   // in held
	readable bool   // a read may find bytes, or the end
	hup      bool   // the peer sends no more
	gone     bool   // the peer takes no more either
	eof      bool   // all it sent has been read
	blocked  bool   // the socket takes no bytes, and we are told when it does
	waits    bool   // registered for that
	call     bool   // Data is to be called, bytes or not
	last     bool   // the handler is closing: nothing more is read
	closed   bool
}

// What can be asked of a connection.
const (
	askAdd uint32 = 1 << iota
	askResume
	askClose
)

// baseEvents is what every connection is registered for.
const baseEvents = unix.EPOLLIN | unix.EPOLLRDHUP

// Resume implements Conn.
func (c *loopConn) Resume() { c.ask(askResume) }

// Close implements Conn.
func (c *loopConn) Close() { c.ask(askClose) }

// HungUp implements Conn.
func (c *loopConn) HungUp() bool { return hungUp(c.fd) || c.ended.Load() }

// RemoteAddr implements Conn.
func (c *loopConn) RemoteAddr() net.Addr { return c.remote }

// LocalAddr implements Conn.
func (c *loopConn) LocalAddr() net.Addr { return c.local }

// FD implements Conn.
func (c *loopConn) FD() int { return c.fd }

// ask adds a wish. Only the first of several goes to the mailbox.
func (c *loopConn) ask(what uint32) {
	if c.asked.Or(what) == 0 {
		c.loop.post(c)
	}
}

// obey does what was asked.
func (c *loopConn) obey() {
	what := c.asked.Swap(0) | c.early
	switch {
	case c.closed:
		return
	case !c.added && what&askAdd == 0:
		c.early = what // its handler is still being made
		return
	case what&askAdd != 0:
		c.early = 0
		c.join()
	}
	if what&askClose != 0 {
		c.close(ErrKilled)
		return
	}
	if what&askResume != 0 {
		c.call = true
	}
	c.loop.enter(c)
}

// join makes the connection one of its loop.
func (c *loopConn) join() {
	l := c.loop
	c.added = true
	c.in.pool = &l.s.pool
	c.in.SetLimits(DefaultLimits())
	for len(l.conns) <= c.fd {
		l.conns = append(l.conns, nil)
	}
	l.conns[c.fd] = c
	l.live++
	if err := l.control(unix.EPOLL_CTL_ADD, c.fd, baseEvents); err != nil {
		c.close(err)
	}
}

// note remembers what the kernel said.
func (c *loopConn) note(events uint32) {
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		c.gone = true
		events |= unix.EPOLLRDHUP
	}
	if events&unix.EPOLLRDHUP != 0 {
		// A short read does not prove that nothing is left: the end is.
		c.hup = true
		events |= unix.EPOLLIN
	}
	if events&unix.EPOLLIN != 0 {
		c.readable = true
	}
	if events&unix.EPOLLOUT != 0 {
		c.blocked = false
	}
}

// receive reads once and lets the handler run what came. It reports whether the
// handler ran. While commands are left from the last read it does not read: a
// client that sends faster than its turns come has to wait, or its commands
// would pile up here.
func (c *loopConn) receive() bool {
	if c.closed {
		return false
	}
	if c.reads() && !c.in.pending() && !c.h.Paused() && c.read() {
		c.call = true
	}
	if c.closed || !c.call && (!c.in.pending() || c.last || c.h.Paused()) {
		return false
	}
	c.call = false
	c.h.Data(&c.in)
	c.in.Release()
	return true
}

// reads says that a read is of use.
func (c *loopConn) reads() bool {
	return c.readable && !c.eof && !c.last && !c.loop.drain
}

// read takes bytes from the socket once, and reports whether there were any.
func (c *loopConn) read() bool {
	space := c.in.Space(c.loop.buf[:])
	n, errno := receive(c.fd, space)
	switch {
	case n > 0:
		c.in.Got(n)
		c.readable = n == len(space) || c.hup
		return true
	case n == 0:
		c.eof, c.readable = true, false
	case errno == unix.EAGAIN:
		c.readable = false
	case errno != unix.EINTR:
		c.close(errno)
		return false
	}
	c.in.Release()
	return false
}

// settle sends what may leave and decides what becomes of the connection.
func (c *loopConn) settle() {
	if c.closed {
		return
	}
	// Asked before flush: what the disk frees in between is then sent either
	// now or after the Nudge that follows.
	held := c.h.Held()
	flushed, err := c.flush()
	if err != nil {
		c.close(err)
		return
	}
	paused := c.h.Paused()
	c.last = c.h.Closing()
	if (flushed && !held || c.gone) && c.over(paused) {
		return
	}
	if held && !c.held {
		c.held = true
		c.loop.held = append(c.loop.held, c)
	}
	works := !paused && (c.reads() || c.in.pending() && !c.last)
	if works || c.call || !flushed && !c.blocked {
		c.loop.later(c)
	}
}

// over closes the connection if it has no future: all has been sent that is
// going to be, or the peer takes nothing.
func (c *loopConn) over(paused bool) bool {
	switch {
	case c.last:
		c.close(nil)
	case c.hup && paused:
		c.close(io.EOF)
	case (c.eof || c.loop.drain) && (paused || !c.call && !c.in.pending()):
		c.close(c.endReason())
	}
	return c.closed
}

// endReason is why a connection without anything to send ends.
func (c *loopConn) endReason() error {
	if c.eof {
		return io.EOF
	}
	return ErrShutdown
}

// flush sends output until there is none, the socket takes no more, or others
// deserve a turn. It reports whether there is none.
func (c *loopConn) flush() (bool, error) {
	if c.blocked {
		return len(c.h.Output()) == 0, nil
	}
	for budget := writeTurn; budget > 0; {
		out := c.h.Output()
		n, want, errno := c.loop.send(c.fd, out)
		if want == 0 {
			return true, c.unblock()
		}
		if n < 0 && errno != unix.EAGAIN && errno != unix.EINTR {
			return false, errno
		}
		if n > 0 {
			c.h.Sent(n)
			budget -= n
		}
		if n < want && errno != unix.EINTR {
			return false, c.block()
		}
	}
	return false, nil
}

// block asks the kernel to tell when the socket takes bytes again.
func (c *loopConn) block() error {
	c.blocked, c.waits = true, true
	return c.loop.control(unix.EPOLL_CTL_MOD, c.fd, baseEvents|unix.EPOLLOUT)
}

// unblock takes that back once all has been sent, and has Data called.
func (c *loopConn) unblock() error {
	if !c.waits {
		return nil
	}
	c.waits, c.call = false, true
	return c.loop.control(unix.EPOLL_CTL_MOD, c.fd, baseEvents)
}

// close ends the connection.
func (c *loopConn) close(reason error) {
	if c.closed {
		return
	}
	c.closed = true
	if reason == nil {
		c.discard()
	}
	l := c.loop
	if c.held {
		i := slices.Index(l.held, c)
		l.held = slices.Delete(l.held, i, i+1)
	}
	l.conns[c.fd] = nil
	l.live--
	c.ended.Store(true)
	unix.Close(c.fd) // which takes it out of the epoll set
	c.in.drop()
	c.h.Closed(reason)
}

// discard reads what the peer sent in vain. The kernel answers closing a socket
// with unread bytes by a reset, and the peer might lose the last reply by it.
func (c *loopConn) discard() {
	for range writeTurn / readSize {
		if n, _ := receive(c.fd, c.loop.buf[:]); n <= 0 {
			return
		}
	}
}
