package resp

import (
	"errors"
	"runtime"

	"github.com/rs/zerolog"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/resp/script"
)

// The errors of commands that scripts call, as redis-server words them.
var (
	errScriptUnknown = rediserr.New("Unknown Redis command called from script")
	errScriptArity   = rediserr.New("Wrong number of args calling Redis command from script")
	errScriptRefused = rediserr.New("This Redis command is not allowed from script")
	errScriptWrites  = rediserr.New("Write commands are not allowed from read-only scripts.")
)

// Call implements script.Host: the command runs in the Tx of the script.
func (c *client) Call(line [][]byte, out *reply.Writer, run *script.Run) error {
	cmd, err := c.server.services.Table.Find(line)
	switch {
	case err != nil:
		return errScriptUnknown
	case !cmd.AcceptsWords(len(line)):
		return errScriptArity
	}
	outer, db := c.ctx, c.DB
	c.ctx.Reset(line, cmd, outer.Now, func(int) bool { return true })
	c.ctx.Out, c.ctx.OnLoop = out, false
	err = c.admitCalled(run)
	if err == nil {
		err = c.callInside(outer.Tx)
	}
	if err != nil {
		err = c.shown(err)
	}
	c.ctx = outer
	if c.DB != db {
		outer.Tx.Select(c.DB)
	}
	return err
}

// admitCalled passes a command of a script through the gates.
func (c *client) admitCalled(run *script.Run) error {
	cmd := c.ctx.Command
	// Commands about the server take locks of their own, which the script holds.
	if cmd.Flags.Has(command.NoScript) || runsEarly(cmd) {
		return errScriptRefused
	}
	if v := c.ctx.Permit(acl.Lua); v.Denied() {
		return v.ScriptError()
	}
	if !cmd.Flags.Has(command.Write) {
		return nil
	}
	if run.NoWrites {
		return errScriptWrites
	}
	if c.server.readOnly(c.Session) {
		return rediserr.ReadOnly
	}
	if err := c.server.barrier.Err(); err != nil && !run.HasWritten() {
		return rediserr.Misconf(err.Error())
	}
	if cmd.Flags.Has(command.DenyOOM) && run.OutOfMemory && !run.AllowOOM && !run.HasWritten() {
		return rediserr.OOM
	}
	run.Wrote()
	return nil
}

// callInside runs the admitted command. A value that is on disk only is fetched
// with the locks held, since a script can't be run twice.
func (c *client) callInside(tx *engine.Tx) error {
	cmd := c.ctx.Command
	c.ctx.Tx = tx
	if cmd.Flags.Has(command.NoTx) {
		c.ctx.Tx = nil
	}
	tx.SetMode(c.mode(cmd))
	cmd.Stats.Calls.Add(1)
	err := c.handleCalled()
	for errors.Is(err, engine.ErrCold) {
		c.ctx.Out.Discard()
		if err = tx.Fetch(); err == nil {
			err = c.handleCalled()
		}
	}
	c.showCalled()
	if block := blocks(err); block != nil {
		c.ctx.Out.Discard()
		block.OnTimeout(c.ctx.Out)
		return nil
	}
	return err
}

// handleCalled calls the handler. That writes are taken was asked when the script
// began to write: it is not cut in two by a disk that fails meanwhile.
func (c *client) handleCalled() (err error) {
	if err := c.server.keepsOut(&c.ctx); err != nil {
		return err
	}
	defer c.server.recover(c.ctx.Command, &err)
	err = c.ctx.Command.Handler(&c.ctx)
	if c.Tracking() != nil {
		c.server.track(&c.ctx)
	}
	return err
}

// shown returns what a script sees of an error.
func (c *client) shown(err error) error {
	c.ctx.Command.Stats.Failed.Add(1)
	var shown *rediserr.Error
	if errors.As(err, &shown) {
		return shown
	}
	c.server.log.Error().Err(err).Str("command", c.ctx.Command.FullName).Msg("a script's command failed")
	return rediserr.Internal
}

// Permits implements script.Host.
func (c *client) Permits(line [][]byte) (bool, error) {
	cmd, err := c.server.services.Table.Find(line)
	if err != nil {
		return false, err
	}
	return !cmd.Check(c.Account().User(), line).Denied(), nil
}

// Log implements script.Host.
func (c *client) Log(level int, text string) {
	levels := [...]zerolog.Level{zerolog.DebugLevel, zerolog.DebugLevel, zerolog.InfoLevel, zerolog.WarnLevel}
	c.server.log.WithLevel(levels[level]).Str("text", text).Msg("a script logs")
}

// attempts is how often an event loop tries to lock what a command needs before it
// gives the command to a worker.
const attempts = 64

// try locks what a command needs, if that is free before long. A script may hold
// the locks for ever, and the loop must go on to hear SCRIPT KILL.
func (c *client) try(begin func() *engine.Tx) *engine.Tx {
	for range attempts {
		if tx := begin(); tx != nil {
			return tx
		}
		if c.server.services.Scripts.Running() {
			return nil
		}
		runtime.Gosched()
	}
	return nil
}

// afterScript calls fn when the running script has ended, on a goroutine of its
// own: fn takes locks that the script holds.
func (c *client) afterScript(fn func()) {
	c.server.workers.Add(1)
	go func() {
		defer c.server.workers.Done()
		c.server.services.Scripts.Wait()
		fn()
	}()
}
