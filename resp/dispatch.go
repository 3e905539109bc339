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
	"kvd/resp/script"
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
	c.ctx.OnLoop = true
	c.LastCommand = cmd.FullName
	return c.proceed(now)
}

// proceed passes the command under way through the gates and runs it, unless it
// is held, is queued or goes on elsewhere. It returns the time at which the
// command ended.
func (c *client) proceed(now time.Time) time.Time {
	mark, cmd := c.Out.Mark(), c.ctx.Command
	if err := c.server.admit(&c.ctx); err != nil {
		cmd.Stats.Rejected.Add(1)
		c.reject(err)
		c.skipReply(mark)
		return now
	}
	if c.server.holds(&c.ctx) {
		c.hold()
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
// value, or is too much for a loop, goes on at a worker; one that has to wait is
// parked.
func (c *client) run() time.Time {
	mark, began := c.Out.Mark(), c.ctx.Now
	err := c.execute()
	switch {
	case err == nil: // first: what follows allocates
	case errors.Is(err, engine.ErrCold), errors.Is(err, command.ErrHeavy):
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

// finish ends a command and accounts for it.
func (c *client) finish(mark reply.Mark, err error) time.Time {
	c.conclude(mark, err)
	return c.account()
}

// conclude turns an error into the reply and looks that there is one.
func (c *client) conclude(mark reply.Mark, err error) {
	if err != nil {
		c.Out.Rewind(mark)
		c.fail(err)
	}
	if !c.Out.Complete(mark) && !c.Session.Closing {
		panic("resp: " + c.ctx.Command.FullName + " did not leave exactly one reply")
	}
	switch flags := c.ctx.Command.Flags; {
	case err == nil && flags.Has(command.AnswersByMessage):
		mark = c.Out.Mark()
	case flags.Has(command.MessagesFirst):
		mark = c.deliverBefore(mark)
	}
	c.skipReply(mark)
	c.endCaching()
}

// fail answers a command that ended in an error.
func (c *client) fail(err error) {
	c.ctx.Command.Stats.Failed.Add(1)
	if errors.Is(err, errPanic) {
		c.Session.Closing = true
		err = rediserr.Internal
	}
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
	c.count(took)
	c.measure(now, took)
	return now
}

// count counts a call of the command, which took so long.
func (c *client) count(took time.Duration) {
	s := &c.ctx.Command.Stats
	s.Calls.Add(1)
	s.Nanoseconds.Add(int64(took))
	c.show()
}

// execute runs the handler under the locks of the command's keys and commits
// what it changed. A client that has to wait is in the queues of its keys before
// the locks are gone.
func (c *client) execute() error {
	if cmd := c.ctx.Command; cmd.Flags.Has(command.NoTx) || cmd.OwnsTx(c.ctx.Args) {
		err := c.server.handle(&c.ctx)
		if err != nil {
			if block := blocks(err); block != nil {
				c.park(block)
			}
		}
		return err
	}
	tx := c.begin()
	if tx == nil {
		return command.ErrHeavy // a worker can wait
	}
	c.ctx.Tx = tx
	err := c.server.handle(&c.ctx)
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

// commit ends a Tx: the reply waits for what it changed or may have read.
func (c *client) commit(tx *engine.Tx) {
	tx.SetAuthor(c.ID)
	c.Needs(tx.Commit().Seq)
}

// takesWrites refuses a write that was admitted before a write to disk failed.
// With the locks held the answer is final: what the engine reloads after the
// failure is either still to come or done.
func (s *Server) takesWrites(c *command.Ctx) error {
	if c.Tx == nil || !c.Command.Flags.Has(command.Write) {
		return nil
	}
	if err := s.barrier.Err(); err != nil {
		return rediserr.Misconf(err.Error())
	}
	return nil
}

// handle calls the handler, with the locks held; a panic becomes an error.
func (s *Server) handle(c *command.Ctx) (err error) {
	if err := s.takesWrites(c); err != nil {
		return err
	}
	if c.Command.Flags.Has(command.SkipMonitor) {
		s.showScript(c)
	}
	setOrigin(c)
	if err := s.keepsOut(c); err != nil {
		return err
	}
	defer s.recover(c.Command, &err)
	err = c.Command.Handler(c)
	if errors.Is(err, script.ErrAborted) && c.Tx != nil {
		c.Tx.Abandon()
	}
	if c.Sess != nil && c.Sess.Tracking() != nil {
		s.track(c)
	}
	return err
}

// setOrigin says in the Tx of a command, if it has one by now, on whose behalf it
// changes keys. Only what records versions asks for it.
func setOrigin(c *command.Ctx) {
	if c.Tx != nil && c.Sess != nil && (c.Tx.Tracks() || c.Command.Categories.Has(command.CatVer)) {
		c.Tx.SetOrigin(engine.Origin{Actor: c.Sess.Account().User().Name(), Command: c.Command.FullName})
	}
}

// errPanic stands for a panic of a handler.
var errPanic = errors.New("a handler panicked")

// recover turns a panic of a handler into errPanic: its client is told and
// closed, and the others go on. What it had changed stays as it was recorded,
// so that memory and disk agree.
func (s *Server) recover(cmd *command.Command, err *error) {
	fault := recover()
	if fault == nil {
		return
	}
	s.services.Stats.Panics.Add(1)
	s.log.Error().Any("fault", fault).Str("command", cmd.FullName).
		Bytes("stack", debug.Stack()).Msg("a command panicked")
	*err = errPanic
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
	if c.Internal {
		return mode | engine.Immortal
	}
	return mode | c.server.pausedMode(cmd)
}

// begin locks what the command declares. On an event loop it returns nil if others
// hold the locks for long.
func (c *client) begin() *engine.Tx {
	cmd, args := c.ctx.Command, c.ctx.Args
	e, now := c.server.services.Engine, c.ctx.Now.UnixMilli()
	if cmd.Flags.Has(command.InCollection) {
		return c.beginLocated()
	}
	if at := cmd.OneKey(); at > 0 {
		if c.ctx.OnLoop {
			return c.try(func() *engine.Tx { return e.TryBeginKey(c.DB, now, c.mode(cmd), args[at]) })
		}
		return e.BeginKey(c.DB, now, c.mode(cmd), args[at])
	}
	return c.beginLine(args)
}

// beginLine is begin for a line with all its keys in it.
func (c *client) beginLine(line [][]byte) *engine.Tx {
	cmd, e := c.ctx.Command, c.server.services.Engine
	var lock engine.Lock
	if cmd.LocksAll(line) {
		e.AddAll(&lock)
		return c.beginLock(&lock)
	}
	c.refs, _ = cmd.KeyRefs(line, c.refs[:0]) // the handler has the error for a line without keys
	for _, ref := range c.refs {
		e.AddKey(&lock, line[ref.Pos])
	}
	return c.beginLock(&lock)
}

// beginLocated is begin for a command whose keys are ids in a collection. What
// keys those are may change until the locks are had.
func (c *client) beginLocated() *engine.Tx {
	e := c.server.services.Engine
	for {
		defined := e.Definitions()
		c.ctx.Relocate()
		tx := c.beginLine(c.ctx.Line())
		if tx == nil || e.Definitions() == defined {
			return tx
		}
		tx.Commit()
	}
}

// Within implements command.Client.
func (c *client) Within(keys [][]byte, fn func(*engine.Tx) error) error {
	e := c.server.services.Engine
	var lock engine.Lock
	for _, key := range keys {
		e.AddKey(&lock, key)
	}
	return c.within(&lock, fn)
}

// WithinAll implements command.Client.
func (c *client) WithinAll(fn func(*engine.Tx) error) error {
	var lock engine.Lock
	c.server.services.Engine.AddAll(&lock)
	return c.within(&lock, fn)
}

// within calls fn in a Tx of its own, again when it lacked a value.
func (c *client) within(lock *engine.Lock, fn func(*engine.Tx) error) error {
	e := c.server.services.Engine
	for {
		tx := c.beginLock(lock)
		if tx == nil {
			return command.ErrHeavy
		}
		err := c.runWithin(tx, fn)
		switch {
		case !errors.Is(err, engine.ErrCold):
			return err
		case c.ctx.OnLoop:
			return command.ErrHeavy
		}
		if err := e.Fetch(c.coldDB, c.coldKey); err != nil {
			return err
		}
	}
}

// runWithin calls fn and ends the Tx, also if fn panics.
func (c *client) runWithin(tx *engine.Tx, fn func(*engine.Tx) error) error {
	c.ctx.Tx = tx
	defer func() {
		c.ctx.Tx = nil
		c.coldDB, c.coldKey = tx.Cold()
		c.commit(tx)
	}()
	if err := c.server.takesWrites(&c.ctx); err != nil {
		return err
	}
	setOrigin(&c.ctx)
	return fn(tx)
}

func (c *client) beginLock(lock *engine.Lock) *engine.Tx {
	e, mode, now := c.server.services.Engine, c.mode(c.ctx.Command), c.ctx.Now.UnixMilli()
	if c.ctx.OnLoop {
		return c.try(func() *engine.Tx { return e.TryBegin(c.DB, now, mode, lock) })
	}
	return e.Begin(c.DB, now, mode, lock)
}
