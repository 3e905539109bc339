package zset

import (
	"kvd/engine"
	"kvd/resp/command"
)

func removeSpecs() []command.Spec {
	keys := command.Key(1, command.RW|command.Delete)
	return []command.Spec{
		{
			Name: "zremrangebyrank", Syntax: "key start{integer} stop{integer}", Arity: 4, Flags: command.Write, Keys: keys,
			Since: "2.0.0", Complexity: logNPlusM, Summary: "Removes members by their ranks.", Handler: zremrangebyrank,
		},
		{
			Name: "zremrangebyscore", Syntax: "key min{double} max{double}", Arity: 4, Flags: command.Write, Keys: keys,
			Since: "1.2.0", Complexity: logNPlusM, Summary: "Removes the members in a range of scores.", Handler: zremrangebyscore,
		},
		{
			Name: "zremrangebylex", Syntax: "key min max", Arity: 4, Flags: command.Write, Keys: keys,
			Since: "2.8.9", Complexity: logNPlusM,
			Summary: "Removes the members between two others where all scores are equal.", Handler: zremrangebylex,
		},
	}
}

func zremrangebyrank(c *command.Ctx) error { return remove(c, query{}) }

func zremrangebyscore(c *command.Ctx) error { return remove(c, query{by: byScore}) }

func zremrangebylex(c *command.Ctx) error { return remove(c, query{by: byMember}) }

// remove implements ZREMRANGEBYRANK and its sisters. The event has the name of
// the command.
func remove(c *command.Ctx, q query) error {
	if err := q.parse(c, 2, fixedKind|fixedOrder|noScores); err != nil {
		return err
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	from, to := q.find(&z)
	if err := c.Heavy(removal(&z, from, to)); err != nil {
		return err
	}
	c.Out.Int(int64(z.RemoveRange(from, to, c.Command.Name)))
	return nil
}

// removal is how many members the removal of some costs a look at: none if all
// go, and at most all.
func removal(z *engine.ZSet, from, to int) int {
	if n := z.Len(); to-from < n {
		return min(2*(to-from), n)
	}
	return 0
}
