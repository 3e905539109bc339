package resp

import (
	"errors"

	"kvd/engine"
	"kvd/resp/command"
)

// toWorker hands the command under way to a goroutine of its own. The client
// reads no further until that is done; its loop goes on with others.
func (c *client) toWorker() {
	c.state, c.ctx.OnLoop = working, false
	c.halves.Store(0)
	c.keepArgs()
	c.server.workers.Add(1)
	select {
	case c.server.jobs <- c:
	default:
		go c.server.worker(c)
	}
}

// maxIdle is how many workers wait for more to do. One that has worked has a stack
// of the right size, which a new goroutine would have to grow.
const maxIdle = 4

// worker runs the commands of clients that left their loops, one after another.
func (s *Server) worker(c *client) {
	for {
		c.work()
		if s.idle.Add(1) > maxIdle {
			s.idle.Add(-1)
			return
		}
		select {
		case c = <-s.jobs:
			s.idle.Add(-1)
		case <-s.ctx.Done():
			return
		}
	}
}

// keepArgs makes the words of the command outlive the input buffer.
func (c *client) keepArgs() {
	args := make([][]byte, len(c.ctx.Args))
	for i := range args {
		args[i] = c.ctx.Keep(i)
	}
	c.ctx.Reset(args, c.ctx.Command, c.ctx.Now, func(int) bool { return true })
	c.Words = memoryOf(args)
}

// memoryOf is about what the words of a command take that are kept.
func memoryOf(args [][]byte) (bytes int) {
	const header = 24 // of a slice
	for _, arg := range args {
		bytes += len(arg) + header
	}
	return bytes
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
	c.endTurn()
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
		if c.wait != nil {
			c.state = parked
		} else {
			c.ctx.Args, c.Words = nil, 0 // they may be large
		}
	}
	if c.state == parked {
		return c.wake()
	}
	return true
}
