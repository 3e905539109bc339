package resp

import (
	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/session"
)

// admit passes a command through the gates, in the order of redis-server, and
// returns the error of the first one that is shut.
func (s *Server) admit(c *command.Ctx) error {
	if !c.Sess.Authenticated && !c.Command.Flags.Has(command.NoAuth) && !s.services.Users.Open() {
		return rediserr.NoAuth
	}
	if err := permitted(c); err != nil {
		return err
	}
	if err := s.hasMemory(c); err != nil {
		return err
	}
	if c.Command.Flags.Has(command.Write) || c.Sess.Multi.Writes && isExec(c.Command) {
		if err := s.barrier.Err(); err != nil {
			return rediserr.Misconf(err.Error())
		}
	}
	if s.readOnly(c.Sess) && (c.Command.Flags.Has(command.Write) || c.Sess.Multi.Writes && isExec(c.Command)) {
		return rediserr.ReadOnly
	}
	if c.Sess.Listening() && !c.Command.Flags.Has(command.Listener) {
		return errListening(c.Command.FullName)
	}
	if !worksBusy(c.Command) {
		if err := s.services.Scripts.Busy(s.config().BusyReplyThreshold); err != nil {
			return err
		}
	}
	if s.loading != nil && s.loading() && !c.Sess.Internal && !c.Command.Flags.Has(command.Loading) {
		return rediserr.Loading
	}
	return nil
}

// readOnly reports whether a client may not write, since the server follows
// another one.
func (s *Server) readOnly(sess *session.Session) bool {
	return s.services.Following() && !sess.Internal
}

// permitted looks whether the client's user may run the command, on all of its
// keys and channels.
func permitted(c *command.Ctx) error {
	if c.Sess.Account().User().Unrestricted() {
		return nil
	}
	from := acl.TopLevel
	if c.Sess.Multi.Open {
		from = acl.Multi
	}
	if v := c.Permit(from); v.Denied() {
		return v.Error(c.Command.FullName)
	}
	return nil
}

// keepsOut refuses a command that would write a key below the prefix of a
// collection without regard to what that demands of documents. The locks are held.
func (s *Server) keepsOut(c *command.Ctx) error {
	e, flags := s.services.Engine, c.Command.Flags
	if !e.HasCollections() || c.Tx == nil || !flags.Has(command.Write) || flags.Has(command.Documents) {
		return nil
	}
	first, last := c.Tx.DB(), c.Tx.DB()
	if flags.Has(command.CrossDB) {
		first, last = 0, e.Databases()-1
	}
	refs, _ := c.Command.KeyRefs(c.Args, nil) // the handler has the error for a line without keys
	for _, ref := range refs {
		if !ref.Flags.Writes() {
			continue
		}
		for db := first; db <= last; db++ {
			if err := e.InCollection(db, c.Args[ref.Pos]); err != nil {
				return err
			}
		}
	}
	return nil
}

// errListening is the error for a command that a client may not send while it is
// subscribed, since it could not tell the reply from a message.
func errListening(name string) error {
	return rediserr.Newf("Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", name)
}

// worksBusy reports whether a command is answered while a script has been running
// for too long: one that is made for that, and one like PING that needs no keys and
// no time.
func worksBusy(cmd *command.Command) bool {
	return cmd.Flags.Has(command.AllowBusy) || cmd.Flags.Has(command.NoTx|command.Fast)
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
	if !e.Full() || s.Quiet() || s.makeRoom() {
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
		cmd.Reaches != nil && cmd.Reaches(c.Args) ||
		c.Sess.Multi.Slow && isExec(cmd) ||
		cmd.SlowArgs > 0 && len(c.Args) >= cmd.SlowArgs ||
		cmd.Flags.Has(command.Write) && s.barrier.Backlog()
}
