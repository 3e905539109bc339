package resp

import (
	"strings"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/session"
)

var errNoMulti = rediserr.New("Command not allowed inside a transaction")

// slowQueue is the number of queued commands from which a transaction leaves the
// event loop.
const slowQueue = 500

// queue puts the command under way into the transaction.
func (c *client) queue() {
	if c.ctx.Command.Flags.Has(command.NoMulti) {
		c.reject(notQueued(c.ctx.Command))
		return
	}
	line := make([][]byte, len(c.ctx.Args))
	for i := range line {
		line[i] = c.ctx.Keep(i)
	}
	c.Multi.Lines = append(c.Multi.Lines, line)
	c.Multi.Bytes += memoryOf(line)
	c.Multi.Replicates = c.Multi.Replicates || c.ctx.Command.Flags&(command.Write|command.MayReplicate) != 0
	c.Multi.Writes = c.Multi.Writes || c.ctx.Command.Flags.Has(command.Write)
	c.Multi.Slow = c.Multi.Slow || c.server.slow(&c.ctx) || len(c.Multi.Lines) > slowQueue
	c.Out.Status("QUEUED")
}

// notQueued says that a command may not be queued. Of ours it is named.
func notQueued(cmd *command.Command) error {
	if cmd.Categories&command.OwnCategories == 0 {
		return errNoMulti
	}
	return rediserr.New(strings.ToUpper(cmd.FullName) + " is not allowed in transactions")
}

// Exec implements command.Client: the queued commands run under the locks of
// all their keys, in one Tx with one change set. A command that fails leaves its
// error among the replies, and the others go on.
//
// Commands that touch no keys and are about the server (INFO, CONFIG …) run just
// before the locks are taken, since they may need locks themselves.
func (c *client) Exec() error {
	if c.ctx.OnLoop && c.server.services.Scripts.Running() {
		return command.ErrHeavy // it would keep the loop waiting
	}
	queued := c.Multi
	if queued.Broken {
		c.endMulti()
		return rediserr.ExecAbort
	}
	cmds := make([]*command.Command, len(queued.Lines))
	for i, line := range queued.Lines {
		cmds[i], _ = c.server.services.Table.Find(line) // it was found when it was queued
	}

	outer := c.ctx
	defer func() { c.ctx = outer }()
	early := c.runEarly(cmds)
	tx, lines := c.lockQueued(cmds)
	if db, key, cold := coldKey(tx, cmds, lines); cold {
		tx.Commit()
		c.coldDB, c.coldKey = db, key
		return engine.ErrCold
	}
	if err := c.server.barrier.Err(); err != nil && queued.Writes {
		tx.Commit()
		c.endMulti()
		return rediserr.Misconf(err.Error())
	}
	if tx.Clean(&c.Watch) {
		c.runQueued(tx, cmds, early)
	} else {
		c.Out.NullArray()
	}
	c.commit(tx)
	c.endMulti()
	return nil
}

// lockQueued locks the keys of the queued commands and of the watched ones, and
// returns the lines with their keys in them. What the names of collections mean may
// change until the locks are had.
func (c *client) lockQueued(cmds []*command.Command) (*engine.Tx, [][][]byte) {
	e := c.server.services.Engine
	for {
		defined := e.Definitions()
		lines := c.locate(cmds)
		var lock engine.Lock
		c.Watch.AddKeys(e, &lock)
		for i, line := range lines {
			c.server.addLocks(&lock, cmds[i], c.Multi.Lines[i], line)
		}
		tx := e.Begin(c.DB, c.ctx.Now.UnixMilli(), 0, &lock)
		if e.Definitions() == defined {
			return tx, lines
		}
		tx.Commit()
	}
}

// locate returns the queued lines with their keys in them.
func (c *client) locate(cmds []*command.Command) [][][]byte {
	e, db := c.server.services.Engine, c.DB
	lines := make([][][]byte, len(cmds))
	for i, cmd := range cmds {
		lines[i] = cmd.Line(e, db, c.Multi.Lines[i])
		if cmd.FullName != "select" {
			continue
		}
		if n, err := command.ParseInt(lines[i][1]); err == nil && n >= 0 && n < int64(e.Databases()) {
			db = int(n)
		}
	}
	return lines
}

// endMulti forgets the transaction and the keys it watched.
func (c *client) endMulti() {
	c.Multi = session.Multi{}
	c.server.services.Engine.Unwatch(&c.Watch)
}

// addLocks adds the shards that a command needs; line is args with its keys in them.
func (s *Server) addLocks(lock *engine.Lock, cmd *command.Command, args, line [][]byte) {
	e := s.services.Engine
	switch {
	case cmd.Flags.Has(command.NoTx):
	case cmd.LocksAll(args) || !cmd.HasKeys() || cmd.OwnsTx(args):
		e.AddAll(lock)
	default:
		refs, _ := cmd.KeyRefs(line, nil) // the handler has the error for a line without keys
		for _, ref := range refs {
			e.AddKey(lock, line[ref.Pos])
		}
	}
}

// runsEarly reports whether a queued command runs before the locks are taken.
func runsEarly(cmd *command.Command) bool {
	return cmd.Flags.Has(command.NoTx) && cmd.Flags&(command.Fast|command.PubSub) == 0
}

// runEarly runs the queued commands that are about the server and returns their
// replies, by their place in the queue.
func (c *client) runEarly(cmds []*command.Command) map[int][]byte {
	var replies map[int][]byte
	for i, cmd := range cmds {
		if !runsEarly(cmd) {
			continue
		}
		if replies == nil {
			replies = make(map[int][]byte)
		}
		mark := c.Out.Mark()
		c.runOne(nil, cmd, c.Multi.Lines[i])
		replies[i] = append([]byte(nil), c.Out.Since(mark)...)
		c.Out.Rewind(mark)
	}
	return replies
}

// runQueued runs the commands of the transaction.
func (c *client) runQueued(tx *engine.Tx, cmds []*command.Command, early map[int][]byte) {
	c.Out.Array(len(cmds))
	for i, cmd := range cmds {
		if reply, done := early[i]; done {
			c.Out.Raw(reply)
			continue
		}
		c.runOne(tx, cmd, c.Multi.Lines[i])
		tx.Select(c.DB)
	}
}

// runOne runs one queued command and writes exactly one reply. One that would
// wait answers as if its time were up.
func (c *client) runOne(tx *engine.Tx, cmd *command.Command, args [][]byte) {
	c.ctx.Reset(args, cmd, c.ctx.Now, func(int) bool { return true })
	c.ctx.OnLoop = false
	if cmd.Flags.Has(command.NoTx) {
		tx = nil
	}
	c.ctx.Tx = tx
	if tx != nil {
		tx.SetMode(c.mode(cmd))
	}
	mark := c.Out.Mark()
	err := stillPermitted(&c.ctx)
	if err == nil {
		err = c.server.handle(&c.ctx)
	}
	if block := blocks(err); block != nil {
		c.Out.Rewind(mark)
		block.OnTimeout(c.ctx.Out)
		err = nil
	}
	if err != nil {
		c.Out.Rewind(mark)
		c.fail(err)
	}
	c.account()
}

// stillPermitted looks whether a queued command may run yet: the rules of its
// user may have changed since it was queued.
func stillPermitted(c *command.Ctx) error {
	if v := c.Permit(acl.Multi); v.Denied() {
		return v.QueuedError()
	}
	return nil
}

// coldKey returns a key of the transaction whose value is on disk only. Values
// are fetched before the first command runs, since none may be run twice.
func coldKey(tx *engine.Tx, cmds []*command.Command, lines [][][]byte) (db int, key []byte, cold bool) {
	for i, cmd := range cmds {
		if cmd.Flags.Has(command.NoTx) {
			continue
		}
		refs, _ := cmd.KeyRefs(lines[i], nil)
		for _, ref := range refs {
			if db, cold := tx.OnDisk(lines[i][ref.Pos]); cold {
				return db, lines[i][ref.Pos], true
			}
		}
	}
	return 0, nil, false
}
