package keys

import (
	"kvd/engine"
	"kvd/resp/command"
)

func ttlSpecs() []command.Spec {
	tips := []string{tipOutput}
	noKey := []command.Change{{Version: "2.8.0", Text: "Replies -2 if there is no such key."}}
	specs := []command.Spec{
		{
			Name: "ttl", Since: "1.0.0", Tips: tips, History: noKey,
			Summary: "Returns the seconds until a key expires.", Handler: ttl,
		},
		{
			Name: "pttl", Since: "2.6.0", Tips: tips, History: noKey,
			Summary: "Returns the milliseconds until a key expires.", Handler: pttl,
		},
		{
			Name: "expiretime", Since: "7.0.0",
			Summary: "Returns the time at which a key expires, in seconds since 1970.", Handler: expireTime,
		},
		{
			Name: "pexpiretime", Since: "7.0.0",
			Summary: "Returns the time at which a key expires, in milliseconds since 1970.", Handler: pexpireTime,
		},
	}
	for i := range specs {
		s := &specs[i]
		s.Syntax, s.Arity, s.Flags, s.Complexity = "key", 2, command.ReadOnly|command.Fast, "O(1)"
		s.Keys = command.Key(1, command.RO|command.Access)
	}
	return specs
}

func ttl(c *command.Ctx) error {
	return writeExpiry(c, func(at int64) int64 { return toSeconds(max(0, at-c.Tx.Now())) })
}

func pttl(c *command.Ctx) error {
	return writeExpiry(c, func(at int64) int64 { return max(0, at-c.Tx.Now()) })
}

func expireTime(c *command.Ctx) error { return writeExpiry(c, toSeconds) }

func pexpireTime(c *command.Ctx) error {
	return writeExpiry(c, func(at int64) int64 { return at })
}

// writeExpiry writes a key's deadline, in unix milliseconds, as show turns it
// into a reply: -2 stands for no key, -1 for no expiry.
func writeExpiry(c *command.Ctx, show func(at int64) int64) error {
	at, ok := c.Tx.Deadline(c.Args[1])
	switch {
	case !ok:
		c.Out.Int(-2)
	case at == engine.NoExpiry:
		c.Out.Int(-1)
	default:
		c.Out.Int(show(int64(at)))
	}
	return nil
}

// toSeconds rounds milliseconds, which are not negative, to the nearest second.
func toSeconds(ms int64) int64 { return int64((uint64(ms) + 500) / 1000) }
