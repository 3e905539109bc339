package str

import (
	"errors"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func getSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "get", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Returns the string at a key.", Handler: get,
		},
		{
			Name: "mget", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly | command.Fast,
			Keys: command.KeyRange(1, -1, 1, command.RO|command.Access), Since: "1.0.0",
			Complexity: "O(N) for N keys", Tips: []string{multiShard}, SlowArgs: slowKeys,
			Summary: "Returns the strings at many keys.", Handler: mget,
		},
		{
			Name: "getdel", Syntax: "key", Arity: 2, Flags: command.Write | command.Fast,
			Keys: command.Key(1, command.RW|command.Access|command.Delete), Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns the string at a key and deletes the key.", Handler: getdel,
		},
		{
			Name: "getex", Syntax: "key [" + expiryUnits + " | PERSIST]{expiration}", Arity: -2,
			Flags: command.Write | command.Fast, Keys: getexKeys(), Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns the string at a key and may change when it expires.", Handler: getex,
		},
	}
}

func getexKeys() []command.KeySpec {
	keys := command.Key(1, command.RW|command.Access|command.Update)
	keys[0].Notes = "What changes is the expiry, not the value"
	return keys
}

func get(c *command.Ctx) error {
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	bulkOrNull(c, s)
	return nil
}

// mget implements MGET, which takes a key of another type for a missing one.
func mget(c *command.Ctx) error {
	c.Out.Array(len(c.Args) - 1)
	for _, key := range c.Args[1:] {
		s, err := c.Tx.String(key)
		if err != nil && !errors.Is(err, rediserr.WrongType) {
			return err
		}
		bulkOrNull(c, s)
	}
	return nil
}

func getdel(c *command.Ctx) error {
	s, err := c.Tx.ReadString(c.Args[1])
	if err != nil {
		return err
	}
	bulkOrNull(c, s)
	if s.Exists() {
		c.Tx.Delete(c.Args[1])
	}
	return nil
}

// getex implements GETEX. What is wrong with the number of an expiry matters
// only when there is a key, as in redis-server.
func getex(c *command.Ctx) error {
	key := c.Args[1]
	expiry, badOption := parseGetex(c)
	if errors.Is(badOption, rediserr.Syntax) {
		return badOption
	}
	s, err := c.Tx.ReadString(key)
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Null()
		return nil
	}
	if badOption != nil {
		return badOption
	}

	c.Bulk(s)
	if at, _ := c.Tx.Deadline(key); expiry > 0 || expiry == engine.NoExpiry && at != engine.NoExpiry {
		c.Tx.Expire(key, expiry)
	}
	return nil
}

// parseGetex reads the one option of GETEX; none of them is Keep.
func parseGetex(c *command.Ctx) (engine.Expiry, error) {
	expiry, chosen := engine.Keep, ""
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "PERSIST":
			s.Once(&chosen)
			expiry = engine.NoExpiry
		case "EX", "PX", "EXAT", "PXAT":
			s.Once(&chosen)
			expiry = s.Expiry(c.Command.Name)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return expiry, s.Err()
}
