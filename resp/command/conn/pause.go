package conn

import (
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// Errors of CLIENT PAUSE.
var (
	errPauseMode     = rediserr.New("CLIENT PAUSE mode must be WRITE or ALL")
	errPauseNumber   = rediserr.New("timeout is not an integer or out of range")
	errPauseNegative = rediserr.New("timeout is negative")
)

// clientPause implements CLIENT PAUSE. The dispatcher holds the commands back.
func clientPause(c *command.Ctx) error {
	if len(c.Args) > 4 {
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	}
	mode := session.AllPaused
	if s := c.Options(3); s.Next() {
		switch s.Option() {
		case "WRITE":
			mode = session.WritesPaused
		case "ALL":
		default:
			return errPauseMode
		}
	}
	ms, err := command.ParseInt(c.Args[2])
	switch {
	case err != nil:
		return errPauseNumber
	case ms < 0:
		return errPauseNegative
	}
	const most = int64(1<<63-1) / int64(time.Millisecond)
	c.Client.Pause(mode, time.Duration(min(ms, most))*time.Millisecond)
	c.Out.OK()
	return nil
}

// clientUnpause implements CLIENT UNPAUSE.
func clientUnpause(c *command.Ctx) error {
	c.Services.Clients.Pause.End()
	c.Out.OK()
	return nil
}
