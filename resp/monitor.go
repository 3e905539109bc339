package resp

import (
	"kvd/resp/command"
	"kvd/resp/session"
)

// hidden are the commands that MONITOR does not show: those of operators, and
// scripts, which show themselves before what they run.
const hidden = command.SkipMonitor | command.Admin

// show shows the command under way, which has run or waits from now on, to the
// clients that monitor.
func (c *client) show() {
	m := &c.server.services.Clients.Monitors
	if !m.Any() || c.ctx.Command.Flags&hidden != 0 {
		return
	}
	m.Show(c.server.clock.Now(), c.DB, c.Origin(), c.ctx.Args)
}

// showScript shows a command that runs a script, before what the script runs.
func (s *Server) showScript(c *command.Ctx) {
	if m := &s.services.Clients.Monitors; m.Any() {
		m.Show(s.clock.Now(), c.Sess.DB, c.Sess.Origin(), c.Args)
	}
}

// showCalled shows the command under way, which a script has called.
func (c *client) showCalled() {
	m := &c.server.services.Clients.Monitors
	if m.Any() && c.ctx.Command.Flags&hidden == 0 {
		m.Show(c.server.clock.Now(), c.DB, session.InScript, c.ctx.Args)
	}
}
