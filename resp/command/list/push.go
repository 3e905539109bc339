package list

import (
	"kvd/engine"
	"kvd/resp/command"
)

func pushSpecs() []command.Spec {
	const (
		perElement = "O(N) for N elements"
		flags      = command.Write | command.DenyOOM | command.Fast
	)
	keys := command.Key(1, command.RW|command.Insert)
	many := func(version string) []command.Change {
		return []command.Change{{Version: version, Text: "Takes more than one element."}}
	}
	return []command.Spec{
		{
			Name: "lpush", Syntax: "key element [element ...]", Arity: -3, Flags: flags, Keys: keys, Since: "1.0.0",
			Complexity: perElement, History: many("2.4.0"), SlowArgs: slowElements,
			Summary: "Adds elements at the head of the list at a key, which is made if missing.", Handler: lpush,
		},
		{
			Name: "rpush", Syntax: "key element [element ...]", Arity: -3, Flags: flags, Keys: keys, Since: "1.0.0",
			Complexity: perElement, History: many("2.4.0"), SlowArgs: slowElements,
			Summary: "Adds elements at the tail of the list at a key, which is made if missing.", Handler: rpush,
		},
		{
			Name: "lpushx", Syntax: "key element [element ...]", Arity: -3, Flags: flags, Keys: keys, Since: "2.2.0",
			Complexity: perElement, History: many("4.0.0"), SlowArgs: slowElements,
			Summary: "Adds elements at the head of the list at a key if there is one.", Handler: lpushx,
		},
		{
			Name: "rpushx", Syntax: "key element [element ...]", Arity: -3, Flags: flags, Keys: keys, Since: "2.2.0",
			Complexity: perElement, History: many("4.0.0"), SlowArgs: slowElements,
			Summary: "Adds elements at the tail of the list at a key if there is one.", Handler: rpushx,
		},
	}
}

func lpush(c *command.Ctx) error  { return push(c, engine.Left) }
func rpush(c *command.Ctx) error  { return push(c, engine.Right) }
func lpushx(c *command.Ctx) error { return pushx(c, engine.Left) }
func rpushx(c *command.Ctx) error { return pushx(c, engine.Right) }

// push implements LPUSH and RPUSH.
func push(c *command.Ctx, s engine.Side) error {
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	l.Push(s, c.Args[2:]...)
	c.Out.Int(int64(l.Len()))
	return nil
}

// pushx implements LPUSHX and RPUSHX.
func pushx(c *command.Ctx, s engine.Side) error {
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if l.Exists() {
		l.Push(s, c.Args[2:]...)
	}
	c.Out.Int(int64(l.Len()))
	return nil
}
