package pubsub

import (
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

func publish(c *command.Ctx) error {
	c.Out.Int(int64(c.Services.Hub.Publish(c.Args[1], c.Args[2])))
	return nil
}

func spublish(c *command.Ctx) error {
	c.Out.Int(int64(c.Services.Hub.PublishShard(c.Args[1], c.Args[2])))
	return nil
}

func channels(c *command.Ctx) error { return listChannels(c, session.Channels) }

func shardChannels(c *command.Ctx) error { return listChannels(c, session.Shards) }

// listChannels lists the channels of a kind, those that fit a pattern if there
// is one.
func listChannels(c *command.Ctx, kind session.ChannelKind) error {
	if len(c.Args) > 3 {
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	}
	var pattern []byte
	if len(c.Args) == 3 {
		pattern = c.Args[2]
	}
	if glob.TooLong(pattern) {
		return errPattern
	}
	names := c.Services.Hub.Names(kind, pattern)
	c.Out.Array(len(names))
	for _, name := range names {
		c.Out.Text(name)
	}
	return nil
}

func numPat(c *command.Ctx) error {
	c.Out.Int(c.Services.Hub.Count(session.Patterns))
	return nil
}

func numSub(c *command.Ctx) error { return countListeners(c, session.Channels) }

func shardNumSub(c *command.Ctx) error { return countListeners(c, session.Shards) }

// countListeners counts the subscribers of each channel of the line. In RESP3,
// too, the reply is a list.
func countListeners(c *command.Ctx, kind session.ChannelKind) error {
	c.Out.Array(2 * (len(c.Args) - 2))
	for _, channel := range c.Args[2:] {
		c.Out.Bulk(channel)
		c.Out.Int(int64(c.Services.Hub.Listeners(kind, channel)))
	}
	return nil
}
