package conn

import (
	"math"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// ping implements PING.
func ping(c *command.Ctx) error {
	switch len(c.Args) {
	case 1:
		c.Out.Status("PONG")
	case 2:
		c.Out.Bulk(c.Args[1])
	default:
		return rediserr.WrongArgs(c.Command.FullName)
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
	c.Sess.Reset(c.Config().RequirePass == "")
	c.Out.Status("RESET")
	return nil
}
