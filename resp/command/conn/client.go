package conn

import (
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// errBadName is the error for a name that would break the lines of CLIENT LIST.
var errBadName = rediserr.New("Client names cannot contain spaces, newlines or special characters.")

// printable reports whether all bytes are printable ASCII without spaces.
func printable(b []byte) bool {
	for _, c := range b {
		if c < '!' || c > '~' {
			return false
		}
	}
	return true
}

func clientID(c *command.Ctx) error {
	c.Out.Int(c.Sess.ID)
	return nil
}

func clientGetName(c *command.Ctx) error {
	if c.Sess.Name == "" {
		c.Out.Null()
		return nil
	}
	c.Out.Text(c.Sess.Name)
	return nil
}

// clientSetName implements CLIENT SETNAME; an empty name takes the name away.
func clientSetName(c *command.Ctx) error {
	if !printable(c.Args[2]) {
		return errBadName
	}
	c.Sess.Name = string(c.Args[2])
	c.Out.OK()
	return nil
}

// clientSetInfo implements CLIENT SETINFO.
func clientSetInfo(c *command.Ctx) error {
	var field *string
	switch option := c.Args[2]; strings.ToLower(string(option)) {
	case "lib-name":
		field = &c.Sess.LibName
	case "lib-ver":
		field = &c.Sess.LibVersion
	default:
		return rediserr.Newf("Unrecognized option '%s'", option)
	}
	if !printable(c.Args[3]) {
		return rediserr.Newf("%s cannot contain spaces, newlines or special characters.", c.Args[2])
	}
	*field = string(c.Args[3])
	c.Out.OK()
	return nil
}

func clientNoEvict(c *command.Ctx) error { return onOff(c, &c.Sess.NoEvict) }

func clientNoTouch(c *command.Ctx) error { return onOff(c, &c.Sess.NoTouch) }

// onOff sets a setting of the session to what the argument says.
func onOff(c *command.Ctx, setting *bool) error {
	s := c.Options(2)
	s.Next()
	switch s.Option() {
	case "ON":
		*setting = true
	case "OFF":
		*setting = false
	default:
		return rediserr.Syntax
	}
	c.Out.OK()
	return nil
}

// clientReply implements CLIENT REPLY. The dispatcher takes back the replies,
// this one included, that the mode says are not sent.
func clientReply(c *command.Ctx) error {
	s := c.Options(2)
	s.Next()
	switch s.Option() {
	case "ON":
		c.Sess.Replies = session.On
	case "OFF":
		c.Sess.Replies = session.Off
	case "SKIP":
		if c.Sess.Replies != session.Off {
			c.Sess.Replies = session.SkipNext
		}
	default:
		return rediserr.Syntax
	}
	c.Out.OK()
	return nil
}

// errUnblockReason is the error for any other last word of CLIENT UNBLOCK.
var errUnblockReason = rediserr.New("CLIENT UNBLOCK reason should be TIMEOUT or ERROR")

// clientUnblock implements CLIENT UNBLOCK.
func clientUnblock(c *command.Ctx) error {
	if len(c.Args) > 4 {
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	}
	var how session.Unblock
	if s := c.Options(3); s.Next() {
		switch s.Option() {
		case "TIMEOUT":
		case "ERROR":
			how.Err = rediserr.Unblocked
		default:
			return errUnblockReason
		}
	}
	id, err := c.Int(2)
	if err != nil {
		return err
	}
	other := c.Services.Clients.Get(id)
	if other == nil || !other.RequestUnblock(how) {
		c.Out.Int(0)
		return nil
	}
	c.Out.Int(1)
	return nil
}
