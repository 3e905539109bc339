package resp

import (
	"errors"
	"sync/atomic"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/resp/session"
	"kvd/resp/wire"
)

const (
	// turnCommands and turnOutput are how much one client may do before the
	// others of its loop have their turn.
	turnCommands = 1000
	turnOutput   = 1 << 20
	// strangerOutput is how many bytes may wait for a client that has not
	// authenticated.
	strangerOutput = 64 << 10
)

// state is what a client is doing.
type state uint8

const (
	reading state = iota // runs commands as they come
	working              // a worker runs its command
	parked               // waits: for a key, the disk or the time
)

// client is one connection: it implements wire.Handler. Its methods are called
// by the connection's loop; a worker has it while the state is working.
type client struct {
	*session.Session
	server *Server
	ctx    command.Ctx
	state  state
	wait   *wait            // set while it is parked
	turn   bool             // its command was held, and runs now: see release
	halves atomic.Int32     // of the worker and the connection, how many have ended
	refs   []command.KeyRef // of the command under way
	owned  func(int) bool
	chunks [][]byte
	// coldDB and coldKey name the value that the command found missing.
	coldDB  int
	coldKey []byte
	warmed  uint64 // see engine.Warm
	// pending is the part of the input buffer that was there before.
	pending int
	// sent is how many bytes have been taken so far. overSoft is since when too
	// much waits, and sentThen what sent was when that began.
	sent, sentThen int64
	overSoft       time.Time
}

func newClient(s *Server, sess *session.Session) *client {
	c := &client{Session: sess, server: s}
	c.ctx = command.Ctx{Out: &sess.Out, Sess: sess, Services: s.services, Client: c}
	return c
}

// Data implements wire.Handler.
func (c *client) Data(in *wire.Input) {
	if c.owned == nil {
		c.owned = in.Owned // once: a method value is an allocation
	}
	c.setLimits(in)
	reads := c.state == reading || c.resumed()
	if c.state != working {
		c.takeMessages()
	}
	if !reads {
		return
	}
	if n := in.Buffered() - c.pending; n > 0 {
		c.server.services.Stats.Reads.Add(1)
		c.server.services.Stats.NetIn.Add(int64(n))
	}
	now := c.server.clock.Now()
	for n := 0; n < turnCommands && c.state == reading && !c.full() && !c.Session.Closing && !c.Killed(); n++ {
		if n%engine.WarmMost == 0 {
			c.warm(in)
		}
		args, err := in.Next()
		if err != nil {
			c.protocolError(err)
			break
		}
		if args == nil {
			break
		}
		known := c.Authenticated
		now = c.do(args, now)
		if c.state == working {
			c.pending = in.Buffered()
			return // the session is the worker's now
		}
		if known != c.Authenticated {
			c.setLimits(in)
		}
	}
	c.pending = in.Buffered()
	c.Input = c.pending
	c.LastActive = now
	c.LimitPushes(c.outputLimit().Hard)
	c.Publish()
	c.server.limitClients()
}

// warm has what the coming commands of a pipeline look at read ahead.
func (c *client) warm(in *wire.Input) {
	if !c.server.services.Engine.WorthWarming() {
		return
	}
	var room [engine.WarmMost][]byte
	if keys := in.Ahead(room[:0]); len(keys) > 1 {
		c.warmed += c.server.services.Engine.Warm(c.DB, keys)
	}
}

// setLimits tells the parser what the client may send.
func (c *client) setLimits(in *wire.Input) {
	cfg := c.server.config()
	in.SetLimits(wire.Limits{
		Bulk: cfg.ProtoMaxBulkLen, Args: 1 << 20, Inline: 64 << 10,
		Buffer: cfg.ClientQueryBufferLimit, Unauthenticated: c.stranger(),
	})
}

// stranger reports whether the client has yet to give a password.
func (c *client) stranger() bool { return !c.Authenticated && !c.server.services.Users.Open() }

// protocolError answers bytes that are no command, and ends the connection.
func (c *client) protocolError(err error) {
	if errors.Is(err, wire.ErrBuffer) {
		c.server.services.Stats.QueryKilled.Add(1)
		c.Kill()
		return
	}
	c.server.countError(err)
	c.Out.Error(err)
	c.Session.Closing = true
}

// Paused implements wire.Handler. A client whose replies wait for the disk runs
// nothing new, or a steady stream of commands could put its replies off for ever.
func (c *client) Paused() bool { return c.state != reading || c.full() || c.held() }

// full reports whether so much output waits that the client has to read first.
func (c *client) full() bool {
	return c.Out.Len() >= turnOutput || c.Out.Len() >= strangerOutput && c.stranger()
}

// held reports whether the output waits for the disk.
func (c *client) held() bool {
	needs := c.Needed()
	return needs > 0 && needs > c.server.barrier.Durable() && c.Out.Len() > 0
}

// Held implements wire.Handler.
func (c *client) Held() bool { return c.state == working || c.held() }

// Output implements wire.Handler.
func (c *client) Output() [][]byte {
	if c.state == working || c.Out.Len() == 0 {
		return nil
	}
	if needs := c.Needed(); needs > 0 {
		if c.server.barrier.Refused(needs) {
			// The client must not read that its write is safe, nor what was
			// lost: it learns no more than that the connection is gone.
			c.Kill()
			return nil
		}
		if needs > c.server.barrier.Durable() {
			return nil
		}
	}
	c.chunks = c.Out.Chunks(c.chunks[:0])
	return c.chunks
}

// Sent implements wire.Handler.
func (c *client) Sent(n int) {
	c.server.services.Stats.Writes.Add(1)
	c.server.services.Stats.NetOut.Add(int64(n))
	c.sent += int64(n)
	c.Out.Sent(n)
	c.CountOutput()
	if c.Out.Len() == 0 {
		clear(c.chunks)
	}
}

// Closing implements wire.Handler.
func (c *client) Closing() bool { return c.state == reading && c.Session.Closing }

// Closed implements wire.Handler. While a worker has the session, the worker
// takes it down.
func (c *client) Closed(error) {
	c.server.services.Clients.Remove(c.Session)
	c.DropPushes()
	if c.Overran() {
		c.server.services.Stats.OutputKilled.Add(1)
	}
	switch {
	case c.state == working && c.halves.Add(1) < 2:
	case c.server.services.Scripts.Running():
		c.afterScript(c.takeDown)
	default:
		c.takeDown()
	}
}

// takeDown takes the client out of everything it is registered with.
func (c *client) takeDown() {
	if w := c.wait; w != nil {
		c.unpark()
		w.out.Discard()
	}
	c.server.services.Engine.Unwatch(&c.Watch)
	c.server.services.Hub.Quit(c.Session)
	c.server.services.Clients.Monitors.Remove(c.Session)
	c.server.services.Caches.Stop(c.Session)
	c.Out.Discard()
}

// Errors with which Tick ends a connection.
var (
	errIdle      = errors.New("idle for too long")
	errNoLogin   = errors.New("did not authenticate in time")
	errOutput    = errors.New("output limit reached")
	errUnhealthy = errors.New("does not read its replies")
)

// Tick implements wire.Handler.
func (c *client) Tick(now time.Time) error {
	cfg := c.server.config()
	if c.state == working {
		return nil
	}
	switch idle := now.Sub(c.LastActive); {
	case cfg.Timeout > 0 && idle > cfg.Timeout && c.state == reading && !c.Subscribed():
		return errIdle
	case cfg.AuthTimeout > 0 && now.Sub(c.Created) > cfg.AuthTimeout && c.stranger():
		return errNoLogin
	}
	if c.Out.Len() == 0 && now.Sub(c.LastActive) > time.Second {
		c.Out.Shrink()
	}
	c.Publish() // what was waiting to be sent may have left since the last round
	return c.checkOutput(now)
}

// checkOutput ends a connection whose client does not take its replies: output
// over the hard limit, over the soft one for its time, or, since a client is held
// at turnOutput, far below any sensible limit, no progress at all for that time.
func (c *client) checkOutput(now time.Time) error {
	limit := c.outputLimit()
	size := int64(c.Out.Len())
	overSoft := limit.Soft > 0 && size >= limit.Soft
	stuck := size >= turnOutput && c.sent == c.sentThen
	switch {
	case limit.Hard > 0 && size >= limit.Hard:
		c.server.services.Stats.OutputKilled.Add(1)
		return errOutput
	case !overSoft && !stuck:
		c.overSoft, c.sentThen = time.Time{}, c.sent
	case c.overSoft.IsZero():
		c.overSoft, c.sentThen = now, c.sent
	case limit.Time > 0 && now.Sub(c.overSoft) > limit.Time:
		c.server.services.Stats.OutputKilled.Add(1)
		return errUnhealthy
	}
	return nil
}

var _ wire.Handler = (*client)(nil)

// countError counts an error reply.
func (s *Server) countError(err error) {
	s.services.Stats.ErrorReplies.Add(1)
	code := rediserr.Internal.Code
	var e *rediserr.Error
	if errors.As(err, &e) {
		code = e.Code
	}
	s.services.Stats.Errors.Add(code)
}

// skipReply takes a reply back that CLIENT REPLY asked not to send, and moves
// the mode on.
func (c *client) skipReply(mark reply.Mark) {
	switch c.Replies {
	case session.Off:
		c.Out.Rewind(mark)
	case session.SkipNext:
		c.Out.Rewind(mark)
		c.Replies = session.Skip
	case session.Skip:
		c.Out.Rewind(mark)
		c.Replies = session.On
	}
}
