package conn

import (
	"math"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// ping implements PING. To a client that only waits for messages its reply looks
// like one.
func ping(c *command.Ctx) error {
	if len(c.Args) > 2 {
		return rediserr.WrongArgs(c.Command.FullName)
	}
	var text []byte
	if len(c.Args) == 2 {
		text = c.Args[1]
	}
	switch {
	case c.Sess.Listening():
		c.Out.Array(2)
		c.Out.Text("pong")
		c.Out.Bulk(text)
	case len(c.Args) == 2:
		c.Out.Bulk(text)
	default:
		c.Out.Status("PONG")
	}
	return nil
}

// echo implements ECHO.
func echo(c *command.Ctx) error {
	c.Out.Bulk(c.Args[1])
	return nil
}

// errIndexRange is SELECT's error for a number beyond 32 bits.
var errIndexRange = rediserr.New("value is out of range, value must between -2147483648 and 2147483647")

// selectDB implements SELECT.
func selectDB(c *command.Ctx) error {
	n, err := c.Int(1)
	switch {
	case err != nil:
		return err
	case n < math.MinInt32 || n > math.MaxInt32:
		return errIndexRange
	case n < 0 || n >= int64(c.Services.Engine.Databases()):
		return rediserr.DBRange
	}
	c.Sess.DB = int(n)
	c.Out.OK()
	return nil
}

// quit implements QUIT.
func quit(c *command.Ctx) error {
	c.Sess.Closing = true
	c.Out.OK()
	return nil
}

// reset implements RESET. Its reply is in RESP2 already.
func reset(c *command.Ctx) error {
	c.Services.Engine.Unwatch(&c.Sess.Watch)
	c.Services.Hub.Quit(c.Sess)
	c.Services.Caches.Stop(c.Sess)
	c.Services.Clients.Monitors.Remove(c.Sess)
	users := c.Services.Users
	c.Sess.Reset(users.Default(), session.Login(users.Open()))
	c.Out.Status("RESET")
	return nil
}
