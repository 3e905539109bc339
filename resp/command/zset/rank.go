package zset

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func rankSpecs() []command.Spec {
	const flags = command.ReadOnly | command.Fast
	keys := command.Key(1, command.RO|command.Access)
	withScore := []command.Change{{Version: "7.2.0", Text: "Takes `WITHSCORE`."}}
	return []command.Spec{
		{
			Name: "zrank", Syntax: "key member [WITHSCORE]{@7.2.0}", Arity: -3, Flags: flags, Keys: keys, Since: "2.0.0",
			Complexity: logN, Summary: "Returns how many members come before one, in ascending order.",
			History: withScore, Handler: zrank,
		},
		{
			Name: "zrevrank", Syntax: "key member [WITHSCORE]{@7.2.0}", Arity: -3, Flags: flags, Keys: keys, Since: "2.0.0",
			Complexity: logN, Summary: "Returns how many members come before one, in descending order.",
			History: withScore, Handler: zrevrank,
		},
		{
			Name: "zcount", Syntax: "key min{double} max{double}", Arity: 4, Flags: flags, Keys: keys, Since: "2.0.0",
			Complexity: logN, Summary: "Counts the members in a range of scores.", Handler: zcount,
		},
		{
			Name: "zlexcount", Syntax: "key min max", Arity: 4, Flags: flags, Keys: keys, Since: "2.8.9",
			Complexity: logN, Summary: "Counts the members between two others where all scores are equal.",
			Handler: zlexcount,
		},
	}
}

func zrank(c *command.Ctx) error { return rank(c, engine.Ascending) }

func zrevrank(c *command.Ctx) error { return rank(c, engine.Descending) }

// rank implements ZRANK and ZREVRANK.
func rank(c *command.Ctx, order engine.Order) error {
	if len(c.Args) > 4 {
		return rediserr.WrongArgs(c.Command.FullName)
	}
	s := c.Options(3)
	withScore := s.Next()
	if withScore && s.Option() != "WITHSCORE" {
		return rediserr.Syntax
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	r, score, ok := z.Rank(c.Args[2])
	if order == engine.Descending {
		r = z.Len() - 1 - r
	}
	switch {
	case !ok && withScore:
		c.Out.NullArray()
	case !ok:
		c.Out.Null()
	case withScore:
		c.Out.Array(2)
		c.Out.Int(int64(r))
		c.Out.Double(score)
	default:
		c.Out.Int(int64(r))
	}
	return nil
}

func zcount(c *command.Ctx) error { return count(c, scoreBounds) }

func zlexcount(c *command.Ctx) error { return count(c, memberBounds) }

// count implements ZCOUNT and ZLEXCOUNT.
func count(c *command.Ctx, parse func(low, high []byte) (bounds, error)) error {
	b, err := parse(c.Args[2], c.Args[3])
	if err != nil {
		return err
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	from, to := z.Between(b.low, b.high)
	c.Out.Int(int64(to - from))
	return nil
}
