package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// netConn is a connection that a goroutine of its own serves: read, run, write,
// with blocking calls. Others wake it out of a read by a deadline that has
// passed.
type netConn struct {
	set  *netConns
	conn net.Conn
	h    Handler
	fd   int

	mu      sync.Mutex // held while a method of h runs
	done    bool       // Closed was called; guarded by mu
	asked   atomic.Uint32
	ended   atomic.Bool           // set before fd is closed, and may be another socket's
	held    atomic.Bool           // a Nudge concerns it
	shaking atomic.Bool           // in the handshake
	wake    chan struct{}         // capacity 1: asked was set
	reason  atomic.Pointer[error] // why Tick wants it closed

	in    Input
	small [4 << 10]byte // what an idle connection waits with
	loan  *block        // what it reads with while bytes flow
	flow  bool          // the last read filled its buffer
	eof   bool
}

// What can be asked of a netConn.
const (
	netResume uint32 = 1 << iota
	netNudge
	netDrain
	netClose
	netKill

	// netEnds are those that end a handshake.
	netEnds = netDrain | netClose | netKill
)

const (
	// readAhead is how many bytes are taken from a client that is paused, so
	// that its hang-up is seen.
	readAhead = 64 << 10
	// stallAfter is how long a write may wait for the peer.
	stallAfter = time.Minute
	// writePiece is how many bytes one write takes, so that stallAfter is a
	// bound on progress and not on size.
	writePiece = 256 << 10
	// shakeWithin is how long a TLS handshake may take.
	shakeWithin = 10 * time.Second
	// discardWithin is how long a connection that ends waits for the rest of
	// what its peer is sending.
	discardWithin = 5 * time.Millisecond
)

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// Resume implements Conn.
func (c *netConn) Resume() { c.ask(netResume) }

// Close implements Conn.
func (c *netConn) Close() { c.ask(netClose) }

// HungUp implements Conn.
func (c *netConn) HungUp() bool { return hungUp(c.fd) || c.ended.Load() }

// RemoteAddr implements Conn.
func (c *netConn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// LocalAddr implements Conn.
func (c *netConn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// FD implements Conn.
func (c *netConn) FD() int { return c.fd }

// ask adds a wish and interrupts a read, and for a wish to close also a write.
func (c *netConn) ask(what uint32) {
	c.asked.Or(what)
	select {
	case c.wake <- struct{}{}:
	default:
	}
	// These fail only on a closed socket, which needs no waking.
	switch shaking := c.shaking.Load(); {
	case what&(netClose|netKill) != 0, shaking && what == netDrain:
		c.conn.SetDeadline(longAgo)
	case !shaking:
		c.conn.SetReadDeadline(longAgo)
	}
}

// serve is the life of the connection. Handshake is nil for plain TCP.
func (c *netConn) serve(handshake func() error) {
	reason := c.shake(handshake)
	if reason == nil {
		reason = c.loop()
	}
	c.set.forget(c)
	if errors.Is(reason, errOver) {
		reason = nil
		c.discard()
	}
	c.ended.Store(true)
	c.conn.Close() // whatever it says, it is gone
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = true
	c.in.drop()
	c.h.Closed(reason)
}

// shake does the handshake, for which only a wish to close is heard.
func (c *netConn) shake(handshake func() error) error {
	if handshake == nil {
		return nil
	}
	c.conn.SetDeadline(time.Now().Add(shakeWithin))
	if c.asked.Load()&netEnds != 0 {
		return ErrShutdown
	}
	err := handshake()
	c.conn.SetDeadline(time.Time{}) // a wish to close is seen by loop
	c.shaking.Store(false)
	if err == nil {
		return nil
	}
	asked := c.asked.Load()
	if reason := c.ordered(asked); reason != nil {
		return reason
	}
	if asked&netDrain != 0 {
		return ErrShutdown
	}
	return fmt.Errorf("TLS handshake: %w", err)
}

// discard reads what the peer sent in vain: see loopConn.discard.
func (c *netConn) discard() {
	c.conn.SetReadDeadline(time.Now().Add(discardWithin))
	for left := writeTurn; left > 0; {
		n, err := c.conn.Read(c.small[:])
		if err != nil {
			return
		}
		left -= n
	}
}

// errOver ends loop for a connection that is complete.
var errOver = errors.New("over")

// loop serves until there is a reason to close, and returns it.
func (c *netConn) loop() error {
	got, draining := false, false
	for {
		asked := c.asked.Swap(0)
		draining = draining || asked&netDrain != 0
		if err := c.ordered(asked); err != nil {
			return err
		}
		if err := c.turn(got || asked&netResume != 0, draining); err != nil {
			return err
		}
		var err error
		if got, err = c.await(draining); err != nil {
			return err
		}
	}
}

// ordered is the reason to close that others gave.
func (c *netConn) ordered(asked uint32) error {
	switch {
	case asked&netKill != 0:
		return ErrShutdown
	case asked&netClose == 0:
		return nil
	}
	if reason := c.reason.Load(); reason != nil {
		return *reason
	}
	return ErrKilled
}

// turn runs what has come and sends what may leave, until neither is possible.
func (c *netConn) turn(call, draining bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if call || c.works() {
			c.h.Data(&c.in)
			c.set.s.commit()
		}
		c.in.Release()
		c.repay()
		// Before flush: what the disk frees in between is then sent either now
		// or after the Nudge that follows.
		c.held.Store(true)
		if !c.h.Held() {
			c.held.Store(false)
		}
		blocked, err := c.flush()
		if err != nil {
			return c.writeError(err)
		}
		call = blocked
		if !call && !c.works() {
			break
		}
	}
	switch {
	case c.held.Load():
		return nil
	case c.h.Closing():
		return errOver
	case c.eof:
		return io.EOF
	case draining:
		return ErrShutdown
	}
	return nil
}

// works says that there are commands to run.
func (c *netConn) works() bool {
	return c.in.pending() && !c.h.Paused() && !c.h.Closing()
}

// flush sends all output. It reports whether that took more than one write, so
// that a handler which stopped for it can go on.
func (c *netConn) flush() (many bool, err error) {
	for sent := 0; ; {
		p := firstChunk(c.h.Output())
		if len(p) == 0 {
			if sent > 0 {
				c.conn.SetWriteDeadline(time.Time{}) // TLS may write in a read
			}
			return sent > writePiece, nil
		}
		// Sockets know the system's clock only.
		c.conn.SetWriteDeadline(time.Now().Add(stallAfter))
		if c.asked.Load()&(netClose|netKill) != 0 {
			return false, os.ErrDeadlineExceeded // the deadline was set over theirs
		}
		n, err := c.conn.Write(p[:min(len(p), writePiece)])
		c.h.Sent(n)
		sent += n
		if err != nil {
			return false, err
		}
	}
}

// firstChunk is the first chunk of out that is not empty.
func firstChunk(out [][]byte) []byte {
	for _, p := range out {
		if len(p) > 0 {
			return p
		}
	}
	return nil
}

// writeError is the reason to close after a write failed.
func (c *netConn) writeError(err error) error {
	if reason := c.ordered(c.asked.Load()); reason != nil {
		return reason
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrStalled
	}
	return err
}

// await waits for bytes or a wish, and reports whether bytes came that the
// handler is to see.
func (c *netConn) await(draining bool) (bool, error) {
	c.mu.Lock()
	paused := c.h.Paused()
	done := c.h.Closing() || c.eof || draining
	c.mu.Unlock()
	if done || paused && c.in.Buffered() >= readAhead {
		<-c.wake
		return false, nil
	}
	select {
	case <-c.wake:
	default:
	}
	c.conn.SetReadDeadline(time.Time{})
	if c.asked.Load() != 0 {
		return false, nil // its deadline may be the one just removed
	}
	n, err := c.read()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = nil
	case errors.Is(err, io.EOF):
		c.eof, err = true, nil
	}
	return n > 0 && !paused, err
}

// read reads once: with the connection's own small buffer while it is idle,
// with a large one while bytes flow.
func (c *netConn) read() (int, error) {
	buf := c.small[:]
	if c.flow {
		c.loan = c.set.s.pool.get(readSize)
		buf = c.loan.bytes
	}
	space := c.in.Space(buf)
	n, err := c.conn.Read(space)
	c.in.Got(n)
	c.flow = n == len(space)
	return n, err
}

// repay gives the large buffer back, which the input has left.
func (c *netConn) repay() {
	if c.loan != nil {
		c.set.s.pool.put(c.loan)
		c.loan = nil
	}
}
