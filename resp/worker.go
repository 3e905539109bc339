package resp

import (
	"errors"

	"kvd/engine"
	"kvd/resp/command"
)

// toWorker hands the command under way to a goroutine of its own. The client
// reads no further until that is done; its loop goes on with others.
func (c *client) toWorker() {
	c.state = working
	c.halves.Store(0)
	c.keepArgs()
	c.server.workers.Add(1)
	go c.work()
}

// keepArgs makes the words of the command outlive the input buffer.
func (c *client) keepArgs() {
	args := make([][]byte, len(c.ctx.Args))
	for i := range args {
		args[i] = c.ctx.Keep(i)
	}
	c.ctx.Reset(args, c.ctx.Command, c.ctx.Now, func(int) bool { return true })
}

// work runs the command, fetching values from disk as often as it asks.
func (c *client) work() {
	s := c.server
	defer s.workers.Done()
	if c.ctx.Command.Flags.Has(command.Write) && s.barrier.Backlog() {
		s.barrier.WaitBacklog(s.ctx)
	}
	mark := c.Out.Mark()
	err := c.execute()
	for errors.Is(err, engine.ErrCold) {
		c.Out.Rewind(mark)
		if err = s.services.Engine.Fetch(c.coldDB, c.coldKey); err == nil {
			err = c.execute()
		}
	}
	if blocks(err) != nil {
		c.Out.Rewind(mark)
	} else {
		c.LastActive = c.finish(mark, err)
	}
	s.barrier.Flush()
	if c.halves.Add(1) == 2 {
		c.takeDown() // the connection ended meanwhile
		return
	}
	c.Conn.Resume()
}

// resumed looks why a client that reads no commands was resumed, and reports
// whether it reads again.
func (c *client) resumed() bool {
	if c.state == working {
		if c.halves.Load() == 0 {
			return false
		}
		c.state = reading
		if c.wait.block != nil {
			c.state = parked
		} else {
			c.ctx.Args = nil // they may be large
		}
	}
	if c.state == parked {
		return c.retry()
	}
	return true
}
