package keys

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const conditions = " [NX | XX | GT | LT]{condition,@7.0.0}"

func expireSpecs() []command.Spec {
	specs := []command.Spec{
		{
			Name: "expire", Syntax: "key seconds" + conditions, Since: "1.0.0",
			Summary: "Sets the time to live of a key, in seconds.", Handler: expire,
		},
		{
			Name: "pexpire", Syntax: "key milliseconds" + conditions, Since: "2.6.0",
			Summary: "Sets the time to live of a key, in milliseconds.", Handler: pexpire,
		},
		{
			Name: "expireat", Syntax: "key unix-time-seconds" + conditions, Since: "1.2.0",
			Summary: "Sets the time at which a key expires, in seconds since 1970.", Handler: expireAt,
		},
		{
			Name: "pexpireat", Syntax: "key unix-time-milliseconds" + conditions, Since: "2.6.0",
			Summary: "Sets the time at which a key expires, in milliseconds since 1970.", Handler: pexpireAt,
		},
	}
	for i := range specs {
		s := &specs[i]
		s.Arity, s.Flags, s.Complexity = -3, command.Write|command.Documents|command.Fast, "O(1)"
		s.Keys = command.Key(1, command.RW|command.Update)
		s.History = []command.Change{{Version: "7.0.0", Text: "Takes `NX`, `XX`, `GT` and `LT`."}}
	}
	return append(specs, command.Spec{
		Name: "persist", Syntax: "key", Arity: 2, Flags: command.Write | command.Documents | command.Fast,
		Keys: command.Key(1, command.RW|command.Update), Since: "2.2.0", Complexity: "O(1)",
		Summary: "Lets a key stay until it is deleted.", Handler: persist,
	})
}

func expire(c *command.Ctx) error    { return setExpiry(c, command.Seconds) }
func pexpire(c *command.Ctx) error   { return setExpiry(c, command.Milliseconds) }
func expireAt(c *command.Ctx) error  { return setExpiry(c, command.UnixSeconds) }
func pexpireAt(c *command.Ctx) error { return setExpiry(c, command.UnixMilliseconds) }

// setExpiry implements EXPIRE and its sisters. A time that has passed deletes
// the key.
func setExpiry(c *command.Ctx, unit command.TimeUnit) error {
	cond, err := parseConditions(c)
	if err != nil {
		return err
	}
	n, err := c.Int(2)
	if err != nil {
		return err
	}
	at, ok := command.ExpiryAt(n, unit, c.Now)
	if !ok {
		return rediserr.InvalidExpire(c.Command.Name)
	}

	key := c.Args[1]
	if cond != 0 {
		now, found := c.Tx.Deadline(key)
		if !found || !cond.allow(int64(now), at) {
			c.Out.Int(0)
			return nil
		}
	}
	if at <= 0 || c.Tx.Past(engine.Expiry(at)) {
		writeBool(c, c.Tx.Delete(key))
		return nil
	}
	writeBool(c, c.Tx.Expire(key, engine.Expiry(at)))
	return nil
}

func persist(c *command.Ctx) error {
	key := c.Args[1]
	at, ok := c.Tx.Deadline(key)
	writeBool(c, ok && at != engine.NoExpiry && c.Tx.Expire(key, engine.NoExpiry))
	return nil
}

// writeBool replies 1 or 0, in both protocols.
func writeBool(c *command.Ctx, b bool) {
	if b {
		c.Out.Int(1)
		return
	}
	c.Out.Int(0)
}

// condition is a set of the options of EXPIRE.
type condition uint8

const (
	condNX condition = 1 << iota
	condXX
	condGT
	condLT
)

var (
	errNXOthers = rediserr.New("NX and XX, GT or LT options at the same time are not compatible")
	errGTLT     = rediserr.New("GT and LT options at the same time are not compatible")
)

func parseConditions(c *command.Ctx) (cond condition, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "NX":
			cond |= condNX
		case "XX":
			cond |= condXX
		case "GT":
			cond |= condGT
		case "LT":
			cond |= condLT
		default:
			s.Fail(rediserr.Newf("Unsupported option %s", c.Args[s.Pos()-1]))
		}
	}
	switch {
	case s.Err() != nil:
		return 0, s.Err()
	case cond&condNX != 0 && cond != condNX:
		return 0, errNXOthers
	case cond&condGT != 0 && cond&condLT != 0:
		return 0, errGTLT
	}
	return cond, nil
}

// allow reports whether a key that expires at old (0: never) may get the expiry
// at. No expiry counts as one in the infinite future.
func (c condition) allow(old, at int64) bool {
	never := old == int64(engine.NoExpiry)
	switch {
	case c&condNX != 0 && !never,
		c&condXX != 0 && never,
		c&condGT != 0 && (never || at <= old),
		c&condLT != 0 && !never && at >= old:
		return false
	}
	return true
}
