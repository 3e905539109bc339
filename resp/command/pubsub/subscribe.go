package pubsub

import (
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

var (
	errPattern = rediserr.Newf("the pattern is longer than %d bytes", glob.MaxPattern)
	// errQueued is for a client that must not be kept waiting.
	errQueued = rediserr.New("SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
)

func subscribe(c *command.Ctx) error { return join(c, session.Channels) }

func psubscribe(c *command.Ctx) error {
	for _, pattern := range c.Args[1:] {
		if glob.TooLong(pattern) {
			return errPattern
		}
	}
	return join(c, session.Patterns)
}

// ssubscribe implements SSUBSCRIBE, which of the three is alone in being refused
// in a transaction.
func ssubscribe(c *command.Ctx) error {
	if c.Sess.Multi.Open {
		return errQueued
	}
	return join(c, session.Shards)
}

// join subscribes to the names of the line.
func join(c *command.Ctx, kind session.ChannelKind) error {
	for _, name := range c.Args[1:] {
		c.Services.Hub.Subscribe(c.Sess, kind, name)
		confirm(c, kind, name)
	}
	c.Out.NoReply()
	return nil
}

func unsubscribe(c *command.Ctx) error { return leave(c, session.Channels) }

func punsubscribe(c *command.Ctx) error { return leave(c, session.Patterns) }

func sunsubscribe(c *command.Ctx) error { return leave(c, session.Shards) }

// leave ends the subscriptions of the names of the line, or of all there are.
// What was published to them before goes out before the client is told, unless
// other replies are being gathered.
func leave(c *command.Ctx, kind session.ChannelKind) error {
	names := c.Args[1:]
	if len(names) == 0 {
		names = c.Sess.Subs.Names(kind)
	}
	for _, name := range names {
		c.Services.Hub.Leave(c.Sess, kind, string(name))
	}
	if !c.Sess.Multi.Open {
		c.Sess.Deliver()
	}

	for _, name := range names {
		c.Sess.Subs.Remove(kind, string(name))
		confirm(c, kind, name)
	}
	if len(names) == 0 {
		confirm(c, kind, nil)
	}
	c.Out.NoReply()
	return nil
}

// confirm says that the command is done for one name, or that there is none, and
// how many the client is subscribed to.
func confirm(c *command.Ctx, kind session.ChannelKind, name []byte) {
	subs := &c.Sess.Subs
	left := subs.Len(session.Channels) + subs.Len(session.Patterns)
	if kind == session.Shards {
		left = subs.Len(session.Shards)
	}
	c.Out.Push(3)
	c.Out.Text(c.Command.FullName)
	c.Out.BulkOrNull(name)
	c.Out.Int(int64(left))
}
