package resp

import (
	"bytes"
	"errors"
	"runtime/debug"
	"strings"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/resp/stats"
)

// do runs one command and leaves its reply in the client's output, unless the
// command goes on elsewhere: on a worker, or parked. It returns the time at
// which the command ended.
func (c *client) do(args [][]byte, now time.Time) time.Time {
	mark := c.Out.Mark()
	c.server.services.Stats.Commands.Add(1)
	cmd, err := c.server.lookup(args)
	if err != nil {
		c.ctx.Reset(args, cmd, now, nil)
		c.reject(err)
		c.skipReply(mark)
		return now
	}
	c.ctx.Reset(args, cmd, now, c.owned)
	c.LastCommand = cmd.FullName
	if err := c.server.admit(&c.ctx); err != nil {
		cmd.Stats.Rejected.Add(1)
		c.reject(err)
		c.skipReply(mark)
		return now
	}
	if c.Multi.Open && !cmd.Flags.Has(command.Immediate) {
		c.queue()
		c.skipReply(mark)
		return now
	}
	if c.server.slow(&c.ctx) {
		c.toWorker()
		return now
	}
	return c.run()
}

// unknown stands in for a command that there is none of.
var unknown = &command.Command{}

// reject answers a command that is not run.
func (c *client) reject(err error) {
	if errors.Is(err, errCrossProtocol) {
		c.server.log.Warn().Str("client", c.Snapshot().Address).Msg("possible cross-protocol attack, connection closed")
		c.Kill()
		c.Session.Closing = true
		return
	}
	if isExec(c.ctx.Command) {
		c.endMulti()
		err = rediserr.Coded("EXECABORT", "Transaction discarded because of: "+strings.TrimPrefix(err.Error(), "ERR "))
	}
	c.Multi.Broken = true
	c.server.countError(err)
	c.Out.Error(err)
}

// errCrossProtocol ends a connection on which a browser was made to speak HTTP.
var errCrossProtocol = errors.New("the client speaks HTTP")

// lookup finds the command, or the subcommand, that a line names. Beside an
// error it returns what it knows of the command.
func (s *Server) lookup(args [][]byte) (*command.Command, error) {
	cmd, err := s.services.Table.Find(args)
	if err != nil {
		if bytes.EqualFold(args[0], []byte("post")) || bytes.EqualFold(args[0], []byte("host:")) {
			err = errCrossProtocol
		}
		return unknown, err
	}
	if !cmd.AcceptsWords(len(args)) {
		cmd.Stats.Rejected.Add(1)
		return cmd, rediserr.WrongArgs(cmd.FullName)
	}
	return cmd, nil
}

// run runs the admitted command and writes its reply. A command that lacks a
// value goes on at a worker; one that has to wait is parked.
func (c *client) run() time.Time {
	mark, began := c.Out.Mark(), c.ctx.Now
	err := c.execute()
	switch {
	case err == nil: // first: what follows allocates
	case errors.Is(err, engine.ErrCold):
		c.Out.Rewind(mark)
		c.toWorker() // from here on the session is the worker's
		return began
	case blocks(err) != nil:
		c.Out.Rewind(mark)
		c.state = parked
		return began
	}
	return c.finish(mark, err)
}

// blocks returns what a command waits for, if its error says that it waits.
func blocks(err error) *command.Block {
	var block *command.Block
	errors.As(err, &block)
	return block
}

// finish turns an error into the reply and accounts for the command.
func (c *client) finish(mark reply.Mark, err error) time.Time {
	if err != nil {
		c.Out.Rewind(mark)
		c.fail(err)
	}
	if !c.Out.Complete(mark) && !c.Session.Closing {
		panic("resp: " + c.ctx.Command.FullName + " did not leave exactly one reply")
	}
	c.skipReply(mark)
	return c.account()
}

// fail answers a command that ended in an error.
func (c *client) fail(err error) {
	c.ctx.Command.Stats.Failed.Add(1)
	var shown *rediserr.Error
	if !errors.As(err, &shown) {
		c.server.log.Error().Err(err).Str("command", c.ctx.Command.FullName).Msg("command failed")
		shown = rediserr.Internal
	}
	c.server.countError(shown)
	c.Out.Error(shown)
}

// account adds the command to the statistics and returns the time.
func (c *client) account() time.Time {
	now := c.server.clock.Now()
	took := now.Sub(c.ctx.Now)
	cmd := c.ctx.Command
	cmd.Stats.Calls.Add(1)
	cmd.Stats.Nanoseconds.Add(int64(took))
	if cfg := c.server.config(); took >= cfg.SlowlogLogSlowerThan && cfg.SlowlogLogSlowerThan >= 0 &&
		!cmd.Flags.Has(command.SkipSlowlog) {
		c.server.services.Slowlog.Add(stats.SlowEntry{
			At: now, Duration: took, Client: c.Snapshot().Address, Name: c.Name,
		}, c.ctx.Args, int(cfg.SlowlogMaxLen))
	}
	return now
}

// execute runs the handler under the locks of the command's keys and commits
// what it changed. A client that has to wait is in the queues of its keys before
// the locks are gone.
func (c *client) execute() error {
	if c.ctx.Command.Flags.Has(command.NoTx) {
		err := c.handle()
		if err != nil {
			if block := blocks(err); block != nil {
				c.park(block)
			}
		}
		return err
	}
	tx := c.begin()
	c.ctx.Tx = tx
	err := c.takesWrites()
	if err == nil {
		err = c.handle()
	}
	if err != nil {
		if block := blocks(err); block != nil {
			c.park(block)
		}
		c.coldDB, c.coldKey = tx.Cold()
	}
	c.ctx.Tx = nil
	c.commit(tx)
	return err
}

// takesWrites refuses a write that was admitted before a write to disk failed.
// With the locks held the answer is final: what the engine reloads after the
// failure is either still to come or done.
func (c *client) takesWrites() error {
	if !c.ctx.Command.Flags.Has(command.Write) {
		return nil
	}
	if err := c.server.barrier.Err(); err != nil {
		return rediserr.Misconf(err.Error())
	}
	return nil
}

// commit ends a Tx: the reply waits for what it changed or may have read, and
// those who waited for its keys are called.
func (c *client) commit(tx *engine.Tx) {
	commit := tx.Commit()
	c.Needs(commit.Seq)
	for _, w := range commit.Ready {
		w.Wake()
	}
}

// handle calls the handler; a panic becomes an error.
func (c *client) handle() (err error) {
	defer c.recover(&err)
	return c.ctx.Command.Handler(&c.ctx)
}

// recover turns a panic of a handler into an error: its client is told and
// closed, and the others go on. What it had changed stays as it was recorded,
// so that memory and disk agree.
func (c *client) recover(err *error) {
	fault := recover()
	if fault == nil {
		return
	}
	c.server.services.Stats.Panics.Add(1)
	c.server.log.Error().Any("fault", fault).Str("command", c.ctx.Command.FullName).
		Bytes("stack", debug.Stack()).Msg("a command panicked")
	c.Session.Closing = true
	*err = rediserr.Internal
}

// mode is how a command's Tx treats the keys it looks at.
func (c *client) mode(cmd *command.Command) engine.Mode {
	var mode engine.Mode
	if cmd.Flags.Has(command.ReadOnly) {
		mode |= engine.Reads
	}
	if c.NoTouch {
		mode |= engine.NoTouch
	}
	return mode
}

// begin locks what the command declares.
func (c *client) begin() *engine.Tx {
	cmd, args := c.ctx.Command, c.ctx.Args
	e, now := c.server.services.Engine, c.ctx.Now.UnixMilli()
	if at := cmd.OneKey(); at > 0 {
		return e.BeginKey(c.DB, now, c.mode(cmd), args[at])
	}
	var lock engine.Lock
	if cmd.Flags.Has(command.AllKeys) {
		e.AddAll(&lock)
		return e.Begin(c.DB, now, c.mode(cmd), &lock)
	}
	c.refs, _ = cmd.KeyRefs(args, c.refs[:0]) // the handler has the error for a line without keys
	for _, ref := range c.refs {
		e.AddKey(&lock, args[ref.Pos])
	}
	return e.Begin(c.DB, now, c.mode(cmd), &lock)
}
