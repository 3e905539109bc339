package list

import (
	"kvd/engine"
	"kvd/resp/command"
	"kvd/resp/reply"
)

func blockSpecs() []command.Spec {
	const (
		pops  = command.Write | command.Blocking | command.NoScript
		moves = pops | command.DenyOOM
		keys  = command.RW | command.Access | command.Delete
	)
	floats := []command.Change{{Version: "6.0.0", Text: "The `timeout` may have a fraction."}}
	return []command.Spec{
		{
			Name: "blpop", Syntax: "key [key ...] timeout{double}", Arity: -3, Flags: pops,
			Keys: command.KeyRange(1, -2, 1, keys), Since: "2.0.0", Complexity: "O(N) for N keys", History: floats,
			Summary: "Removes the first element of the first of several lists that has one, or waits for it.", Handler: blpop,
		},
		{
			Name: "brpop", Syntax: "key [key ...] timeout{double}", Arity: -3, Flags: pops,
			Keys: command.KeyRange(1, -2, 1, keys), Since: "2.0.0", Complexity: "O(N) for N keys", History: floats,
			Summary: "Removes the last element of the first of several lists that has one, or waits for it.", Handler: brpop,
		},
		{
			Name: "blmpop", Syntax: "timeout{double} numkeys key [key ...] " + sides + "{where} [COUNT count]", Arity: -5,
			Flags: command.Write | command.Blocking, Keys: command.KeyNum(2, 3, keys), Since: "7.0.0", Complexity: perKey,
			Summary: "Removes elements from the first of several lists that has some, or waits for one.", Handler: blmpop,
		},
		{
			Name: "blmove", Syntax: "source destination{#1} " + whence + " timeout{double}", Arity: 6, Flags: moves,
			Keys: moveKeys(), Since: "6.2.0", Complexity: constant,
			Summary: "Moves an element from an end of a list to an end of another, or waits for one.", Handler: blmove,
		},
		{
			Name: "brpoplpush", Syntax: "source destination{#1} timeout{double}", Arity: 4, Flags: moves,
			Keys: moveKeys(), Since: "2.2.0", Complexity: constant, History: floats,
			Deprecated: &command.Deprecation{Since: "6.2.0", ReplacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments"},
			Summary:    "Moves an element from the tail of a list to the head of another, or waits for one.", Handler: brpoplpush,
		},
	}
}

func blpop(c *command.Ctx) error { return blockingPop(c, engine.Left) }
func brpop(c *command.Ctx) error { return blockingPop(c, engine.Right) }

// blockingPop implements BLPOP and BRPOP.
func blockingPop(c *command.Ctx, s engine.Side) error {
	last := len(c.Args) - 1
	timeout, err := c.Timeout(last)
	if err != nil {
		return err
	}
	for i := 1; i < last; i++ {
		if !c.Awaits(i) {
			continue
		}
		l, err := c.Tx.List(c.Args[i])
		if err != nil {
			return err
		}
		if l.Exists() {
			c.Out.Array(2)
			c.Out.Bulk(c.Args[i])
			c.Out.Bulk(l.At(end(&l, s)))
			l.Pop(s, 1)
			return nil
		}
	}
	return c.Block(timeout, (*reply.Writer).NullArray)
}

func blmpop(c *command.Ctx) error {
	m, err := parseMpop(c, 2)
	if err != nil {
		return err
	}
	timeout, err := c.Timeout(1)
	if err != nil {
		return err
	}
	found, err := m.pop(c)
	if err != nil || found {
		return err
	}
	return c.Block(timeout, (*reply.Writer).NullArray)
}

func blmove(c *command.Ctx) error {
	s := c.Options(3)
	from, to := side(&s), side(&s)
	if err := s.Err(); err != nil {
		return err
	}
	return blockingMove(c, from, to)
}

func brpoplpush(c *command.Ctx) error { return blockingMove(c, engine.Right, engine.Left) }

// blockingMove implements BLMOVE and BRPOPLPUSH.
func blockingMove(c *command.Ctx, from, to engine.Side) error {
	timeout, err := c.Timeout(len(c.Args) - 1)
	if err != nil {
		return err
	}
	found, err := move(c, from, to)
	if err != nil || found {
		return err
	}
	return c.Block(timeout, nothingMoved(c))
}

// nothingMoved is the reply for no element: a null array when the time is up, but
// a plain null in a transaction, where nobody waits, as in redis-server.
func nothingMoved(c *command.Ctx) func(*reply.Writer) {
	if c.Sess != nil && c.Sess.Multi.Open {
		return (*reply.Writer).Null
	}
	return (*reply.Writer).NullArray
}
