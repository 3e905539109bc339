package resp

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// admit passes a command through the gates, in the order of redis-server, and
// returns the error of the first one that is shut.
func (s *Server) admit(c *command.Ctx) error {
	if !c.Sess.Authenticated && !c.Command.Flags.Has(command.NoAuth) {
		if s.config().RequirePass != "" {
			return rediserr.NoAuth
		}
		c.Sess.Authenticated = true // the password was taken away meanwhile
	}
	if err := s.hasMemory(c); err != nil {
		return err
	}
	if c.Command.Flags.Has(command.Write) || c.Sess.Multi.Writes && isExec(c.Command) {
		if err := s.barrier.Err(); err != nil {
			return rediserr.Misconf(err.Error())
		}
	}
	if s.loading != nil && s.loading() && !c.Command.Flags.Has(command.Loading) {
		return rediserr.Loading
	}
	return nil
}

// isExec reports whether a command is EXEC, which does what was queued: of the
// commands that are not queued, it alone is not fast.
func isExec(cmd *command.Command) bool {
	return cmd.Flags.Has(command.Immediate) && !cmd.Flags.Has(command.Fast)
}

// hasMemory makes room when memory is full, and refuses commands that need more
// when there is none to make.
func (s *Server) hasMemory(c *command.Ctx) error {
	e := s.services.Engine
	if !e.Full() || e.MakeRoom() {
		return nil
	}
	if c.Command.Flags.Has(command.DenyOOM) {
		return rediserr.OOM
	}
	return nil
}

// slow reports whether a command is to leave the event loop: by its nature, by
// the number of its arguments, or because writers have to wait for the disk.
func (s *Server) slow(c *command.Ctx) bool {
	cmd := c.Command
	return cmd.Flags.Has(command.Slow) ||
		c.Sess.Multi.Slow && isExec(cmd) ||
		cmd.SlowArgs > 0 && len(c.Args) >= cmd.SlowArgs ||
		cmd.Flags.Has(command.Write) && s.barrier.Backlog()
}
