package hash

import (
	"kvd/engine"
	"kvd/resp/command"
)

func ttlSpecs() []command.Spec {
	spec := func(name, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: "key " + fieldList, Arity: -5, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: "7.4.0", Complexity: onePerField, SlowArgs: slowArgs,
			Summary: summary, Handler: h,
		}
	}
	ttl := spec("httl", "Returns the seconds until fields expire.", httl)
	pttl := spec("hpttl", "Returns the milliseconds until fields expire.", hpttl)
	ttl.Tips, pttl.Tips = []string{tipOutput}, []string{tipOutput}
	return []command.Spec{
		ttl, pttl,
		spec("hexpiretime", "Returns the times at which fields expire, in seconds since 1970.", hexpiretime),
		spec("hpexpiretime", "Returns the times at which fields expire, in milliseconds since 1970.", hpexpiretime),
	}
}

func httl(c *command.Ctx) error {
	return writeExpiries(c, func(at int64) int64 { return toSeconds(max(0, at-c.Tx.Now())) })
}

func hpttl(c *command.Ctx) error {
	return writeExpiries(c, func(at int64) int64 { return max(0, at-c.Tx.Now()) })
}

func hexpiretime(c *command.Ctx) error { return writeExpiries(c, toSeconds) }

func hpexpiretime(c *command.Ctx) error {
	return writeExpiries(c, func(at int64) int64 { return at })
}

// writeExpiries writes when each field expires, in unix milliseconds, as show
// turns it into a reply.
func writeExpiries(c *command.Ctx, show func(at int64) int64) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	fields, err := fieldsAt(c, 2, errNotPositive)
	if err != nil {
		return err
	}
	c.Out.Array(len(fields))
	for _, field := range fields {
		at, ok := h.Deadline(field)
		switch {
		case !ok:
			c.Out.Int(replyNoField)
		case at == engine.NoExpiry:
			c.Out.Int(replyNoTTL)
		default:
			c.Out.Int(show(int64(at)))
		}
	}
	return nil
}
