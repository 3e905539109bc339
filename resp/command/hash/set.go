package hash

import (
	"math/big"

	"kvd/internal/longdouble"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errNotInteger = rediserr.New("hash value is not an integer")
	errNotFloat   = rediserr.New("hash value is not a float")
	errInfinite   = rediserr.New("value is NaN or Infinity")
)

func setSpecs() []command.Spec {
	write := func(name, syntax string, arity int, keys command.KeyFlags, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax, Arity: arity, Flags: command.Write | command.DenyOOM | command.Fast,
			Keys: command.Key(1, command.RW|keys), Since: "2.0.0", Complexity: "O(1)", Summary: summary, Handler: h,
		}
	}
	set := write("hset", "key field value [field value ...]", -4, command.Update, "Sets fields of a hash.", hset)
	set.Complexity, set.SlowArgs = onePerField, slowArgs
	set.History = []command.Change{{Version: "4.0.0", Text: "Takes several fields with their values."}}
	mset := write("hmset", "key field value [field value ...]", -4, command.Update, "Sets fields of a hash.", hmset)
	mset.Complexity, mset.SlowArgs = onePerField, slowArgs
	mset.Deprecated = &command.Deprecation{Since: "4.0.0", ReplacedBy: "`HSET` with multiple field-value pairs"}
	del := write("hdel", "key field [field ...]", -3, command.Delete, "Removes fields of a hash.", hdel)
	del.Flags, del.Complexity, del.SlowArgs = command.Write|command.Fast, onePerField, slowArgs
	del.History = []command.Change{{Version: "2.4.0", Text: "Takes several fields."}}
	float := write("hincrbyfloat", "key field increment{double}", 4, command.Access|command.Update,
		"Adds to the floating-point number in a field; a missing field counts as 0.", hincrbyfloat)
	float.Since = "2.6.0"
	return []command.Spec{
		set, mset, del, float,
		write("hsetnx", "key field value", 4, command.Insert, "Sets a field of a hash if there is no such field.", hsetnx),
		write("hincrby", "key field increment{integer}", 4, command.Access|command.Update,
			"Adds to the integer in a field; a missing field counts as 0.", hincrby),
	}
}

func hset(c *command.Ctx) error {
	added, err := setPairs(c)
	if err != nil {
		return err
	}
	c.Out.Int(int64(added))
	return nil
}

func hmset(c *command.Ctx) error {
	if _, err := setPairs(c); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// setPairs implements HSET and HMSET, which differ in the reply.
func setPairs(c *command.Ctx) (added int, err error) {
	if len(c.Args)%2 != 0 {
		return 0, rediserr.WrongArgs(c.Command.Name)
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return 0, err
	}
	return h.Set(c.Args[2:], limits(c)), nil
}

func hsetnx(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	_, exists := h.Get(c.Args[2])
	if !exists {
		h.Set(c.Args[2:], limits(c))
	}
	c.Out.Int(number(!exists))
	return nil
}

func hdel(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(h.Take(c.Args[2:], nil)))
	return nil
}

func hincrby(c *command.Ctx) error {
	n, err := c.Int(3)
	if err != nil {
		return err
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	var old int64
	if value, ok := h.Get(c.Args[2]); ok {
		if old, err = command.ParseInt(value); err != nil {
			return errNotInteger
		}
	}
	sum := old + n
	if (sum > old) != (n > 0) && n != 0 {
		return rediserr.Overflow
	}
	h.PutInt(c.Args[2], sum, limits(c))
	c.Out.Int(sum)
	return nil
}

// hincrbyfloat implements HINCRBYFLOAT. The increment is looked at before the
// key, other than INCRBYFLOAT does, and may not be infinite.
func hincrbyfloat(c *command.Ctx) error {
	n, err := longdouble.Parse(c.Args[3])
	if err != nil {
		return err
	}
	if n.IsInf() {
		return errInfinite
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	old := new(big.Float)
	if value, ok := h.Get(c.Args[2]); ok {
		if old, err = longdouble.Parse(value); err != nil {
			return errNotFloat
		}
	}
	sum, err := longdouble.Add(old, n)
	if err != nil {
		return err
	}
	text := longdouble.Format(sum)
	h.Put(c.Args[2], text, limits(c), "hincrbyfloat")
	c.Out.Bulk(text)
	return nil
}
