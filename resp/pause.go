package resp

import (
	"time"

	"kvd/engine"
	"kvd/resp/command"
	"kvd/resp/session"
)

// holds reports whether a pause (CLIENT PAUSE) holds the command back. While
// only writes are paused, that goes for everything that can have an effect beyond
// its own client.
func (s *Server) holds(c *command.Ctx) bool {
	switch s.services.Clients.Pause.Mode() {
	case session.NotPaused:
		return false
	case session.AllPaused:
		return true
	}
	return c.Command.Flags&(command.Write|command.MayReplicate) != 0 ||
		c.Sess.Multi.Replicates && isExec(c.Command)
}

// hold parks the client until the end of the pause.
func (c *client) hold() {
	c.keepArgs()
	c.wait = &wait{client: c, held: true}
	c.state = parked
	c.SetHeld(true)
	c.server.services.Clients.Pause.Join(c.Session)
}

// release runs the command that was held, if the pause has ended and it is the
// client's turn, and reports whether the client reads again.
func (c *client) release() bool {
	p := &c.server.services.Clients.Pause
	if !p.First(c.Session) || c.server.holds(&c.ctx) {
		return false
	}
	c.wait, c.Words = nil, 0
	c.state = reading
	c.SetHeld(false)
	now := c.server.clock.Now()
	c.ctx.Reset(c.ctx.Args, c.ctx.Command, now, func(int) bool { return true })
	c.ctx.OnLoop = true
	c.turn = true
	last := c.proceed(now)
	if c.state == working {
		return false // the session is the worker's now, and the turn too
	}
	c.LastActive = last
	c.endTurn()
	return c.state == reading
}

// endTurn lets the next client have its turn after the one whose command was held.
func (c *client) endTurn() {
	if c.turn {
		c.turn = false
		c.server.services.Clients.Pause.Leave(c.Session)
	}
}

// Quiet reports that nothing is to be changed on the server's own account: while
// writes are paused, or another server is followed, keys neither expire nor are
// evicted.
func (s *Server) Quiet() bool {
	return s.services.Clients.Pause.Mode() != session.NotPaused || s.services.Following()
}

// pausedMode is how commands treat keys during a pause.
func (s *Server) pausedMode(cmd *command.Command) engine.Mode {
	if s.Quiet() && !cmd.Flags.Has(command.Write) {
		return engine.Frozen
	}
	return 0
}

// Pause implements command.Client.
func (c *client) Pause(mode session.PauseMode, d time.Duration) {
	clock := c.server.clock
	alarm := func(d time.Duration, f func()) func() bool { return clock.AfterFunc(d, f).Stop }
	c.server.services.Clients.Pause.Begin(mode, clock.Now(), d, alarm)
}
