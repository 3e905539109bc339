package server

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var monitorSpecs = []command.Spec{
	{
		Name: "monitor", Arity: 1, Flags: command.Admin | command.NoScript | command.Loading | command.Stale | command.NoTx,
		Since: "1.0.0", Complexity: "O(N) where N is the number of commands that are shown",
		Summary: "Shows the commands of all clients as they run.", Handler: monitor,
	},
}

// errMonitorInMulti is MONITOR's error where its lines would get between the
// replies of a transaction.
var errMonitorInMulti = rediserr.New("MONITOR isn't allowed for DENY BLOCKING client")

// monitor implements MONITOR. A client that monitors already gets no reply.
func monitor(c *command.Ctx) error {
	switch {
	case c.Sess.Multi.Open:
		return errMonitorInMulti
	case c.Sess.Monitors:
		c.Out.NoReply()
		return nil
	}
	c.Services.Clients.Monitors.Add(c.Sess)
	c.Out.OK()
	return nil
}
