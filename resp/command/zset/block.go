package zset

import (
	"kvd/engine"
	"kvd/resp/command"
	"kvd/resp/reply"
)

func blockingPopSpecs() []command.Spec {
	const (
		flags   = command.Write | command.Blocking
		pops    = flags | command.NoScript | command.Fast
		popKeys = command.RW | command.Access | command.Delete
	)
	history := []command.Change{{Version: "6.0.0", Text: "The timeout may have a fraction."}}
	return []command.Spec{
		{
			Name: "bzpopmin", Syntax: "key [key ...] timeout", Arity: -3, Flags: pops, Keys: command.KeyRange(1, -2, 1, popKeys),
			Since: "5.0.0", Complexity: logN, History: history, Handler: bzpopmin,
			Summary: "Removes the member with the lowest score, or waits for one, and returns it.",
		},
		{
			Name: "bzpopmax", Syntax: "key [key ...] timeout", Arity: -3, Flags: pops, Keys: command.KeyRange(1, -2, 1, popKeys),
			Since: "5.0.0", Complexity: logN, History: history, Handler: bzpopmax,
			Summary: "Removes the member with the highest score, or waits for one, and returns it.",
		},
		{
			Name: "bzmpop", Syntax: "timeout numkeys key [key ...] <MIN | MAX>{where} [COUNT count]", Arity: -5, Flags: flags,
			Keys: command.KeyNum(2, 3, popKeys), Since: "7.0.0",
			Complexity: "O(K)+O(M*log(N)) where K is the number of keys, N of members and M of those removed",
			Summary:    "Removes members from the first sorted set that has some, or waits for one, and returns them.",
			Handler:    bzmpop,
		},
	}
}

func bzpopmin(c *command.Ctx) error { return blockingPop(c, engine.Ascending) }

func bzpopmax(c *command.Ctx) error { return blockingPop(c, engine.Descending) }

// blockingPop implements BZPOPMIN and BZPOPMAX: one try, which is repeated when a
// key is ready.
func blockingPop(c *command.Ctx, order engine.Order) error {
	last := len(c.Args) - 1
	timeout, err := c.Timeout(last)
	if err != nil {
		return err
	}
	for i := 1; i < last; i++ {
		z, err := awaited(c, i)
		if err != nil {
			return err
		}
		if z.Len() == 0 {
			continue
		}
		c.Out.Array(3)
		c.Out.Bulk(c.Args[i])
		popFlat(c, &z, order)
		return nil
	}
	return c.Block(timeout, (*reply.Writer).NullArray)
}

func bzmpop(c *command.Ctx) error {
	m, err := parseMultiPop(c, 2)
	if err != nil {
		return err
	}
	timeout, err := c.Timeout(1)
	if err != nil {
		return err
	}
	done, err := m.try(c)
	if err != nil || done {
		return err
	}
	return c.Block(timeout, (*reply.Writer).NullArray)
}
