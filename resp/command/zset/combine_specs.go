package zset

import (
	"slices"

	"kvd/resp/command"
)

const (
	weights    = " [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>{aggregate}]"
	unionCost  = "O(N)+O(M*log(M)) where N is the number of members of all inputs and M of the result"
	interCost  = "O(N*K)+O(M*log(M)) where N is the number of members of the smallest input, K of inputs and M of members of the result"
	diffCost   = "O(N*K)+O(M*log(M)) where N is the number of members of the first input, K of inputs and M of members of the result"
	resultKeys = "numkeys key [key ...]"
)

func combineSpecs() []command.Spec {
	spec := func(name, options, since, complexity, summary string, handler command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: resultKeys + options, Arity: -3, Flags: command.ReadOnly,
			Keys: command.KeyNum(1, 2, command.RO|command.Access), Since: since, Complexity: complexity,
			Summary: summary, SlowArgs: slowWords, Handler: handler,
		}
	}
	return []command.Spec{
		spec("zunion", weights+" [WITHSCORES]", "6.2.0", unionCost,
			"Returns the members that any of several sorted sets has.", combine(union)),
		spec("zinter", weights+" [WITHSCORES]", "6.2.0", interCost,
			"Returns the members that all of several sorted sets have.", combine(inter)),
		spec("zdiff", " [WITHSCORES]", "6.2.0", diffCost,
			"Returns the members of a sorted set that no others have.", combine(diff)),
		spec("zintercard", " [LIMIT limit]", "7.0.0",
			"O(N*K) where N is the number of members of the smallest input and K of inputs",
			"Counts the members that all of several sorted sets have.", zintercard),
	}
}

func combineStoreSpecs() []command.Spec {
	spec := func(name, options, since, complexity, summary string, handler command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: "destination numkeys key [key ...]{key,#1}" + options, Arity: -4,
			Flags: command.Write | command.DenyOOM, Since: since, Complexity: complexity,
			Keys:    slices.Concat(command.Key(1, command.OW|command.Update), command.KeyNum(2, 3, command.RO|command.Access)),
			Summary: summary, SlowArgs: slowWords, Handler: handler,
		}
	}
	return []command.Spec{
		spec("zunionstore", weights, "2.0.0", unionCost,
			"Stores the members that any of several sorted sets has in a key.", combineStore(union)),
		spec("zinterstore", weights, "2.0.0", interCost,
			"Stores the members that all of several sorted sets have in a key.", combineStore(inter)),
		spec("zdiffstore", "", "6.2.0", diffCost,
			"Stores the members of a sorted set that no others have in a key.", combineStore(diff)),
	}
}

// combine makes the handlers of ZUNION, ZINTER and ZDIFF.
func combine(op operation) command.Handler {
	return func(c *command.Ctx) error {
		q, err := parseCombination(c, op, 1, false)
		if err != nil {
			return err
		}
		if err := q.heavy(c); err != nil {
			return err
		}
		writeMembers(c, q.run(), q.withScores)
		return nil
	}
}

// combineStore makes the handlers of ZUNIONSTORE, ZINTERSTORE and ZDIFFSTORE. The
// event has the name of the command.
func combineStore(op operation) command.Handler {
	return func(c *command.Ctx) error {
		q, err := parseCombination(c, op, 2, true)
		if err != nil {
			return err
		}
		if err := q.heavy(c); err != nil {
			return err
		}
		found := q.run()
		c.Tx.ReplaceZSet(c.Args[1], found, limits(c), c.Command.Name)
		c.Out.Int(int64(len(found)))
		return nil
	}
}

func zintercard(c *command.Ctx) error {
	q, err := parseCombination(c, interCard, 1, false)
	if err != nil {
		return err
	}
	if err := q.heavy(c); err != nil {
		return err
	}
	count := int64(0)
	q.intersect(func([]byte, float64) bool {
		count++
		return count != q.limit
	})
	c.Out.Int(count)
	return nil
}
