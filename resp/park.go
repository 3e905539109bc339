package resp

import (
	"errors"
	"sync/atomic"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/resp/command"
)

// wait is what a parked client waits for.
type wait struct {
	block   *command.Block // nil: it is not parked
	waiter  engine.Waiter
	timer   clock.Timer
	expired atomic.Bool
}

// retry tries the command of a parked client again, unless its time is up, and
// reports whether the client reads again.
func (c *client) retry() bool {
	mark := c.Out.Mark()
	block := c.wait.block
	unblock := c.TakeUnblock()
	switch {
	case unblock != nil && unblock.Err != nil:
		c.unpark()
		c.finish(mark, unblock.Err)
		return true
	case unblock != nil || c.wait.expired.Load():
		c.unpark()
		block.OnTimeout(c.ctx.Out)
		c.finish(mark, nil)
		return true
	}
	c.ctx.Now = c.server.clock.Now()
	err := c.execute()
	if blocks(err) != nil {
		c.Out.Rewind(mark)
		return false
	}
	c.unpark()
	if errors.Is(err, engine.ErrCold) {
		c.Out.Rewind(mark)
		c.toWorker()
		return false
	}
	c.finish(mark, err)
	return true
}

// park registers the client for what its command waits for. A client that is
// parked already keeps its place.
func (c *client) park(block *command.Block) {
	w := &c.wait
	if w.block != nil {
		return
	}
	w.block = block
	w.expired.Store(false)
	if c.state != working {
		c.keepArgs()
	}
	if c.ctx.Tx != nil {
		w.waiter.Wake = c.Conn.Resume
		c.ctx.Tx.Park(&w.waiter, c.keys())
	}
	if block.OnDisk {
		c.server.disk.add(c.Session)
		c.Conn.Resume() // the disk may have advanced since the handler looked
	}
	if block.Timeout > 0 {
		w.timer = c.server.clock.AfterFunc(block.Timeout, func() {
			w.expired.Store(true)
			c.Conn.Resume()
		})
	}
	c.SetBlocked(true)
}

// keys returns the keys of the command under way.
func (c *client) keys() [][]byte {
	refs, _ := c.ctx.Command.KeyRefs(c.ctx.Args, nil)
	keys := make([][]byte, len(refs))
	for i, ref := range refs {
		keys[i] = c.ctx.Args[ref.Pos]
	}
	return keys
}

// unpark takes the client out of everything it waits in.
func (c *client) unpark() {
	w := &c.wait
	c.server.services.Engine.Unpark(&w.waiter)
	c.server.disk.remove(c.Session)
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.block = nil
	c.state = reading
	c.SetBlocked(false)
	c.LastActive = c.server.clock.Now()
}
