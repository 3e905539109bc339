package set

import (
	"kvd/resp/command"
)

func storeSpecs() []command.Spec {
	keys := func(dst command.KeyFlags) []command.KeySpec {
		return command.Keys(command.Key(1, dst), command.KeyRange(2, -1, 1, command.RO|command.Access))
	}
	specs := []command.Spec{
		{
			Name: "sinterstore", Keys: keys(command.RW | command.Update), Complexity: complexityInter,
			Summary: "Stores the members that all of several sets have.", Handler: sinterstore,
		},
		{
			Name: "sunionstore", Keys: keys(command.OW | command.Update), Complexity: complexitySum,
			Summary: "Stores the members that any of several sets has.", Handler: sunionstore,
		},
		{
			Name: "sdiffstore", Keys: keys(command.OW | command.Update), Complexity: complexitySum,
			Summary: "Stores the members of a set that none of several others has.", Handler: sdiffstore,
		},
	}
	for i := range specs {
		s := &specs[i]
		s.Syntax, s.Arity, s.Flags = "destination key{#1} [key{#1} ...]", -3, command.Write|command.DenyOOM
		s.Since, s.SlowArgs = "1.0.0", slowMembers
	}
	return specs
}

func sinterstore(c *command.Ctx) error { return store(c, inter, "sinterstore") }
func sunionstore(c *command.Ctx) error { return store(c, union, "sunionstore") }
func sdiffstore(c *command.Ctx) error  { return store(c, diff, "sdiffstore") }

// store puts the result of an operation in place of whatever the destination
// holds, which may be one of the operands.
func store(c *command.Ctx, op operation, event string) error {
	sets, err := open(c, c.Args[2:])
	if err != nil {
		return err
	}
	result, err := op(c, sets)
	if err != nil {
		return err
	}
	c.Tx.ReplaceSet(c.Args[1], result.len(), result.all, intsetMax(c), event)
	c.Out.Int(int64(result.len()))
	return nil
}
