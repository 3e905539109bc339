// Package wire turns the bytes of connections into commands and carries the
// replies back. It knows the framing of the protocol and the sockets, and
// nothing of what a command means.
//
// Two things live here. Input is the parser: a state machine that trusts no
// length and whose memory follows the bytes received. Server is the transport:
// event loops on Linux for TCP and unix sockets, a goroutine per connection for
// TLS and for other systems. Both feed the same Input and call the same
// Handler.
//
// The invariant of the transports: one goroutine at a time calls the methods of
// a Handler, and only that goroutine closes its socket. Everybody else signals.
package wire

import (
	"errors"
	"net"
	"time"

	"kvd/internal/clock"
)

// Reasons that Handler.Closed can be given beside those of the system and of
// Handler.Tick. A client that hung up is io.EOF, and a connection that was
// closed because Handler.Closing said so has no reason (nil).
var (
	// ErrKilled says that Conn.Close was called.
	ErrKilled = errors.New("connection killed")
	// ErrShutdown says that the server stops.
	ErrShutdown = errors.New("server is shutting down")
	// ErrStalled says that the peer took no byte for a minute although output
	// was waiting. The event loops leave this judgement to Handler.Tick.
	ErrStalled = errors.New("peer does not read")
)

// Handler serves one connection. Its methods are called by one goroutine at a
// time, so that it needs no lock against the transport.
type Handler interface {
	// Data runs complete commands until in has none left, Paused is true or
	// much output waits; with commands left it is called again after the other
	// connections had their turn. It is called when bytes came, after Resume
	// (also while Paused), and when output that was blocked has been sent.
	// Nothing may keep a slice of in after it returns, unless in.Owned says so.
	Data(in *Input)

	// Paused says that the handler takes no more input for now: parked, busy on
	// another goroutine, or with too much unsent output. What the client sends
	// meanwhile stays with the kernel, apart from a small read-ahead.
	Paused() bool

	// Output is what may leave now, in order, and empty when nothing may. The
	// bytes must stay as they are until Sent accounts for them or the
	// connection is closed; the outer slice is the handler's to reuse.
	Output() [][]byte

	// Sent says that the first n bytes of Output have been taken.
	Sent(n int)

	// Held says that more output is on its way without the client's doing: it
	// waits for the disk, or for a worker. After Server.Nudge or Conn.Resume
	// the transport asks again. A held connection outlives a half-close and
	// the drain of Shutdown; one that is merely paused does not.
	Held() bool

	// Closing says that the connection is to be closed once all output has
	// been sent.
	Closing() bool

	// Tick is called about once a second. A reason closes the connection.
	Tick(now time.Time) error

	// Closed is the last call, made exactly once.
	Closed(reason error)
}

// Conn is the transport's side of a connection, held by its handler. Every
// method may be called from any goroutine, also after the end.
type Conn interface {
	// Resume asks the transport to call Handler.Data soon and to send what
	// there is.
	Resume()
	// Close asks the transport to close the connection, without waiting for
	// unsent output.
	Close()
	// HungUp reports whether the peer has said that it sends no more, even if
	// the handler has not been told yet. Where the system cannot tell it is false.
	HungUp() bool
	RemoteAddr() net.Addr
	LocalAddr() net.Addr
	// FD is the number of the socket, for display only; -1 where it has none.
	FD() int
}

// Options are the surroundings of a Server.
type Options struct {
	// Loops is the number of event loops; with 0, and on systems other than
	// Linux, each connection has a goroutine.
	Loops int

	// Clock drives Handler.Tick and the back-off of accepting.
	Clock clock.Clock

	// Accept makes the handler of a new connection, or refuses it: reject is
	// then written as far as the socket takes it at once (never before a TLS
	// handshake), and the connection closed. It is called by the goroutine
	// that accepts and must be quick. Exactly one of the results is non-nil.
	Accept func(Conn) (h Handler, reject []byte)

	// Commit is called at the end of each round in which Data ran, before any
	// Output is asked for, so that a whole round costs one journal write. Nil
	// is allowed.
	Commit func()

	// KeepAlive is the idle time of TCP keep-alive for new connections; zero
	// switches it off. Nil means zero.
	KeepAlive func() time.Duration

	// Log is told about rare facts, such as a failure to accept, at most every
	// ten seconds for each event. Nil is allowed.
	Log func(event string, err error)
}

// tickEvery is how often Handler.Tick is called.
const tickEvery = time.Second

// readSize is the size in bytes of the buffers that sockets are read into.
const readSize = 64 << 10

// readTurn is how many bytes of a big argument one read may take.
const readTurn = 1 << 20

// writeTurn is how many bytes one connection may send before the others of its
// loop have their turn.
const writeTurn = 1 << 20
