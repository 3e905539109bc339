package str

import (
	"math"

	"kvd/internal/longdouble"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// errNegate is for the one number whose opposite does not fit.
var errNegate = rediserr.New("decrement would overflow")

func counterSpecs() []command.Spec {
	spec := func(name, syntax string, arity int, since, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax, Arity: arity, Flags: command.Write | command.DenyOOM | command.Fast,
			Keys: command.Key(1, command.RW|command.Access|command.Update), Since: since, Complexity: "O(1)",
			Summary: summary, Handler: h,
		}
	}
	return []command.Spec{
		spec("incr", "key", 2, "1.0.0", "Adds one to the integer at a key; a missing key counts as 0.", incr),
		spec("incrby", "key increment{integer}", 3, "1.0.0", "Adds to the integer at a key; a missing key counts as 0.", incrby),
		spec("decr", "key", 2, "1.0.0", "Takes one from the integer at a key; a missing key counts as 0.", decr),
		spec("decrby", "key decrement", 3, "1.0.0", "Takes from the integer at a key; a missing key counts as 0.", decrby),
		spec("incrbyfloat", "key increment{double}", 3, "2.6.0",
			"Adds to the floating-point number at a key; a missing key counts as 0.", incrbyfloat),
	}
}

func incr(c *command.Ctx) error { return add(c, 1) }

func decr(c *command.Ctx) error { return add(c, -1) }

func incrby(c *command.Ctx) error {
	n, err := c.Int(2)
	if err != nil {
		return err
	}
	return add(c, n)
}

func decrby(c *command.Ctx) error {
	n, err := c.Int(2)
	if err != nil {
		return err
	}
	if n == math.MinInt64 {
		return errNegate
	}
	return add(c, -n)
}

// add implements INCR, DECR, INCRBY and DECRBY, which all have one event.
func add(c *command.Ctx, n int64) error {
	key := c.Args[1]
	s, err := c.Tx.String(key)
	if err != nil {
		return err
	}
	var old int64
	if s.Exists() {
		if old, err = command.ParseInt(s.Bytes()); err != nil {
			return err
		}
	}
	if n > 0 && old > math.MaxInt64-n || n < 0 && old < math.MinInt64-n {
		return rediserr.Overflow
	}
	c.Tx.EditInt(key, old+n, "incrby")
	c.Out.Int(old + n)
	return nil
}

// incrbyfloat implements INCRBYFLOAT. The value is looked at before the
// increment, as in redis-server.
func incrbyfloat(c *command.Ctx) error {
	key := c.Args[1]
	s, err := c.Tx.String(key)
	if err != nil {
		return err
	}
	old := []byte("0")
	if s.Exists() {
		old = s.Bytes()
	}
	x, err := longdouble.Parse(old)
	if err != nil {
		return err
	}
	y, err := longdouble.Parse(c.Args[2])
	if err != nil {
		return err
	}
	z, err := longdouble.Add(x, y)
	if err != nil {
		return err
	}
	sum := longdouble.Format(z)
	c.Tx.EditString(key, sum, "incrbyfloat")
	c.Out.Bulk(sum)
	return nil
}
