package str

import (
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of MSETEX.
var (
	errNumKeys = rediserr.New("invalid numkeys value")
	errPairs   = rediserr.New("wrong number of key-value pairs")
)

func multiSpecs() []command.Spec {
	const flags = command.Write | command.DenyOOM
	const complexity = "O(N) for N keys"
	return []command.Spec{
		{
			Name: "mset", Syntax: "key value [key value ...]", Arity: -3, Flags: flags,
			Keys: command.KeyRange(1, -1, 2, command.OW|command.Update), Since: "1.0.1", Complexity: complexity,
			Tips: []string{multiShard, "response_policy:all_succeeded"}, SlowArgs: slowKeys,
			Summary: "Sets many keys to strings, at once.", Handler: mset,
		},
		{
			Name: "msetnx", Syntax: "key value [key value ...]", Arity: -3, Flags: flags,
			Keys: command.KeyRange(1, -1, 2, command.OW|command.Insert), Since: "1.0.1", Complexity: complexity,
			Tips: []string{multiShard, "response_policy:agg_min"}, SlowArgs: slowKeys,
			Summary: "Sets many keys to strings, at once, if none of the keys is there.", Handler: msetnx,
		},
		{
			Name:   "msetex",
			Syntax: "numkeys key value [key value ...]{data} [NX | XX]{condition} [" + expiryUnits + " | KEEPTTL]{expiration}",
			Arity:  -4, Flags: flags, Keys: msetexKeys(), Since: "8.4.0", Complexity: complexity, SlowArgs: slowKeys,
			Summary: "Sets many keys to strings, at once, with one expiry for all.", Handler: msetex,
		},
	}
}

// msetexKeys are the keys that MSETEX counts, each with its value behind it.
func msetexKeys() []command.KeySpec {
	keys := command.KeyNum(1, 2, command.OW|command.Update)
	keys[0].Step = 2
	return keys
}

func mset(c *command.Ctx) error {
	if len(c.Args)%2 == 0 {
		return rediserr.WrongArgs(c.Command.FullName)
	}
	setPairs(c, 1, len(c.Args), engine.NoExpiry)
	c.Out.OK()
	return nil
}

func msetnx(c *command.Ctx) error {
	if len(c.Args)%2 == 0 {
		return rediserr.WrongArgs(c.Command.FullName)
	}
	ok := allow(c, 1, len(c.Args), "NX")
	if ok {
		setPairs(c, 1, len(c.Args), engine.NoExpiry)
	}
	c.Out.Int(number(ok))
	return nil
}

// setPairs sets the keys of the arguments from first up to end, which are keys
// and values by turns.
func setPairs(c *command.Ctx, first, end int, expiry engine.Expiry) {
	for i := first; i < end; i += 2 {
		c.Tx.SetString(c.Args[i], kept(c, i+1), expiry)
	}
}

// allow reports whether none (NX) or all (XX) of the keys are there.
func allow(c *command.Ctx, first, end int, when string) bool {
	if when == "" {
		return true
	}
	for i := first; i < end; i += 2 {
		if c.Tx.Exists(c.Args[i]) != (when == "XX") {
			return false
		}
	}
	return true
}

func msetex(c *command.Ctx) error {
	const first = 2
	n, err := c.Int(1)
	if err != nil || n < 1 || n > math.MaxInt32 {
		return errNumKeys
	}
	if n > int64(len(c.Args)-first)/2 {
		return errPairs
	}
	end := first + 2*int(n)
	when, expiry, err := parseMsetex(c, end)
	if err != nil {
		return err
	}

	ok := allow(c, first, end, when)
	if ok {
		setPairs(c, first, end, expiry)
	}
	c.Out.Int(number(ok))
	return nil
}

// parseMsetex reads the options of MSETEX, which begin at argument from.
func parseMsetex(c *command.Ctx, from int) (when string, expiry engine.Expiry, err error) {
	var ttl string
	s := c.Options(from)
	for s.Next() {
		switch s.Option() {
		case "NX", "XX":
			s.Once(&when)
		case "KEEPTTL":
			s.Once(&ttl)
			expiry = engine.Keep
		case "EX", "PX", "EXAT", "PXAT":
			s.Once(&ttl)
			expiry = s.Expiry(c.Command.Name)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return when, expiry, s.Err()
}
