package resp

import (
	"kvd/internal/config"
	"kvd/resp/reply"
)

// takeMessages moves the messages that wait for the client into its output.
func (c *client) takeMessages() {
	if c.Pushed() {
		c.LimitPushes(c.outputLimit().Hard)
		c.Deliver()
	}
}

// deliverBefore is takeMessages with the messages before the reply that begins at
// mark. It returns where that begins then.
func (c *client) deliverBefore(mark reply.Mark) reply.Mark {
	if !c.Pushed() {
		return mark
	}
	late := append([]byte(nil), c.Out.Since(mark)...)
	c.Out.Rewind(mark)
	c.takeMessages()
	mark = c.Out.Mark()
	c.Out.Raw(late)
	return mark
}

// outputLimit is how much output may wait for the client.
func (c *client) outputLimit() config.BufferLimit {
	limits := &c.server.config().ClientOutputBufferLimit
	if c.Subscribed() {
		return limits.PubSub
	}
	return limits.Normal
}
