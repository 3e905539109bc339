// Package set implements the set commands.
//
// Invariant: a handler has found everything that can be wrong with its line,
// and with the types of its keys, before it changes the first key.
package set

import (
	"slices"

	"kvd/engine"
	"kvd/resp/command"
)

// Family is the set commands.
var Family = command.Family{
	Group: "set", Categories: command.CatSet,
	Commands: slices.Concat(memberSpecs(), readSpecs(), randomSpecs(), algebraSpecs(), storeSpecs()),
}

// slowMembers is the number of words from which a command leaves the event loop.
const slowMembers = 1000

// Tips that several commands give.
const (
	tipOutput      = "nondeterministic_output"
	tipOutputOrder = "nondeterministic_output_order"
)

// several is the history of commands that once took one member.
var several = []command.Change{{Version: "2.4.0", Text: "Takes several members."}}

func memberSpecs() []command.Spec {
	const read = command.ReadOnly | command.Fast
	return []command.Spec{
		{
			Name: "sadd", Syntax: "key member [member ...]", Arity: -3, Flags: command.Write | command.DenyOOM | command.Fast,
			Keys: command.Key(1, command.RW|command.Insert), Since: "1.0.0", Complexity: "O(N) for N members",
			History: several, SlowArgs: slowMembers, Summary: "Adds members to a set.", Handler: sadd,
		},
		{
			Name: "srem", Syntax: "key member [member ...]", Arity: -3, Flags: command.Write | command.Fast,
			Keys: command.Key(1, command.RW|command.Delete), Since: "1.0.0", Complexity: "O(N) for N members",
			History: several, SlowArgs: slowMembers, Summary: "Removes members from a set.", Handler: srem,
		},
		{
			Name: "smove", Syntax: "source destination{#1} member", Arity: 4, Flags: command.Write | command.Fast,
			Keys: command.Keys(
				command.Key(1, command.RW|command.Access|command.Delete), command.Key(2, command.RW|command.Insert),
			), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Moves a member from one set to another.", Handler: smove,
		},
		{
			Name: "sismember", Syntax: "key member", Arity: 3, Flags: read,
			Keys: command.Key(1, command.RO), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Tells whether a set has a member.", Handler: sismember,
		},
		{
			Name: "smismember", Syntax: "key member [member ...]", Arity: -3, Flags: read,
			Keys: command.Key(1, command.RO|command.Access), Since: "6.2.0", Complexity: "O(N) for N members", SlowArgs: slowMembers,
			Summary: "Tells which of several members a set has.", Handler: smismember,
		},
		{
			Name: "scard", Syntax: "key", Arity: 2, Flags: read,
			Keys: command.Key(1, command.RO), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Counts the members of a set.", Handler: scard,
		},
	}
}

// intsetMax returns the setting that the engine goes by.
func intsetMax(c *command.Ctx) engine.IntsetMax {
	return engine.IntsetMax(c.Config().SetMaxIntsetEntries)
}

func sadd(c *command.Ctx) error {
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(s.Add(c.Args[2:], intsetMax(c))))
	return nil
}

func srem(c *command.Ctx) error {
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(s.Remove(c.Args[2:])))
	return nil
}

// smove implements SMOVE. Without a source the destination may be anything.
func smove(c *command.Ctx) error {
	src, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	if !src.Exists() {
		c.Out.Int(0)
		return nil
	}
	dst, err := c.Tx.Set(c.Args[2])
	if err != nil {
		return err
	}
	member := c.Args[3:4]
	switch {
	case !src.Has(member[0]):
		c.Out.Int(0)
		return nil
	case string(c.Args[1]) != string(c.Args[2]):
		src.Remove(member)
		dst.Add(member, intsetMax(c))
	}
	c.Out.Int(1)
	return nil
}

func sismember(c *command.Ctx) error {
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(found(&s, c.Args[2]))
	return nil
}

func smismember(c *command.Ctx) error {
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		c.Out.Int(found(&s, member))
	}
	return nil
}

// found is 1 for a member of the set and 0 for others.
func found(s *engine.Set, member []byte) int64 {
	if s.Has(member) {
		return 1
	}
	return 0
}

func scard(c *command.Ctx) error {
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(s.Len()))
	return nil
}
