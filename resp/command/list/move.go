package list

import (
	"kvd/engine"
	"kvd/resp/command"
)

// moveKeys are the keys of a command that moves an element.
func moveKeys() []command.KeySpec {
	return command.Keys(
		command.Key(1, command.RW|command.Access|command.Delete),
		command.Key(2, command.RW|command.Insert),
	)
}

// whence is the syntax of what LMOVE and BLMOVE take after their keys.
const whence = sides + "{wherefrom} " + sides + "{whereto}"

func moveSpecs() []command.Spec {
	const flags = command.Write | command.DenyOOM
	return []command.Spec{
		{
			Name: "lmove", Syntax: "source destination{#1} " + whence, Arity: 5, Flags: flags, Keys: moveKeys(),
			Since: "6.2.0", Complexity: constant,
			Summary: "Moves an element from an end of a list to an end of another, and returns it.", Handler: lmove,
		},
		{
			Name: "rpoplpush", Syntax: "source destination{#1}", Arity: 3, Flags: flags, Keys: moveKeys(),
			Since: "1.2.0", Complexity: constant,
			Deprecated: &command.Deprecation{Since: "6.2.0", ReplacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments"},
			Summary:    "Moves an element from the tail of a list to the head of another, and returns it.", Handler: rpoplpush,
		},
	}
}

func lmove(c *command.Ctx) error {
	s := c.Options(3)
	from, to := side(&s), side(&s)
	if err := s.Err(); err != nil {
		return err
	}
	return moveOrNull(c, from, to)
}

func rpoplpush(c *command.Ctx) error { return moveOrNull(c, engine.Right, engine.Left) }

func moveOrNull(c *command.Ctx, from, to engine.Side) error {
	found, err := move(c, from, to)
	if err == nil && !found {
		c.Out.Null()
	}
	return err
}

// move takes an element from the list at the first key to the one at the second,
// writes it, and reports whether there was one. Without an element the second key
// may hold anything.
func move(c *command.Ctx, from, to engine.Side) (found bool, err error) {
	source, err := c.Tx.List(c.Args[1])
	if err != nil || !source.Exists() {
		return false, err
	}
	destination, err := c.Tx.List(c.Args[2])
	if err != nil {
		return false, err
	}
	c.Out.Bulk(source.MoveTo(&destination, from, to))
	return true, nil
}
