package zset

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// errPopCount is what ZPOPMIN says of a count that is none.
var errPopCount = rediserr.New("value is out of range, must be positive")

func popSpecs() []command.Spec {
	const flags = command.Write | command.Fast
	keys := command.Key(1, command.RW|command.Access|command.Delete)
	const complexity = "O(log(N)*M) where N is the number of members and M of those removed"
	return []command.Spec{
		{
			Name: "zpopmin", Syntax: "key [count]", Arity: -2, Flags: flags, Keys: keys, Since: "5.0.0",
			Complexity: complexity, Summary: "Removes the members with the lowest scores and returns them.", Handler: zpopmin,
		},
		{
			Name: "zpopmax", Syntax: "key [count]", Arity: -2, Flags: flags, Keys: keys, Since: "5.0.0",
			Complexity: complexity, Summary: "Removes the members with the highest scores and returns them.", Handler: zpopmax,
		},
		{
			Name: "zmpop", Syntax: "numkeys key [key ...] <MIN | MAX>{where} [COUNT count]", Arity: -4, Flags: command.Write,
			Keys: command.KeyNum(1, 2, command.RW|command.Access|command.Delete), Since: "7.0.0",
			Complexity: "O(K)+O(M*log(N)) where K is the number of keys, N of members and M of those removed",
			Summary:    "Removes members from the first sorted set that has some and returns them.", Handler: zmpop,
		},
	}
}

func zpopmin(c *command.Ctx) error { return pop(c, engine.Ascending) }

func zpopmax(c *command.Ctx) error { return pop(c, engine.Descending) }

// pop implements ZPOPMIN and ZPOPMAX.
func pop(c *command.Ctx, order engine.Order) error {
	count, counted := int64(1), len(c.Args) > 2
	if len(c.Args) > 3 {
		return rediserr.Syntax
	}
	if counted {
		var err error
		if count, err = command.ParseInt(c.Args[2]); err != nil || count < 0 {
			return errPopCount
		}
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	n := int(min(count, int64(z.Len())))
	if err := c.Heavy(removal(&z, 0, n)); err != nil {
		return err
	}
	if !counted && n > 0 {
		c.Out.Array(2)
		popFlat(c, &z, order)
		return nil
	}
	c.Out.Pairs(n)
	if n > 0 {
		z.Pop(order, n, func(member []byte, score float64) { writeMember(c, member, score, true) })
	}
	return nil
}

// popFlat removes one member and replies with it and its score, as two items of
// a list that is open.
func popFlat(c *command.Ctx, z *engine.ZSet, order engine.Order) {
	z.Pop(order, 1, func(member []byte, score float64) {
		c.Out.Bulk(member)
		c.Out.Double(score)
	})
}

func zmpop(c *command.Ctx) error {
	m, err := parseMultiPop(c, 1)
	if err != nil {
		return err
	}
	done, err := m.try(c)
	if err == nil && !done {
		c.Out.NullArray()
	}
	return err
}

// Errors of ZMPOP.
var (
	errNumKeys = rediserr.New("numkeys should be greater than 0")
	errCount   = rediserr.New("count should be greater than 0")
)

// multiPop is a line of ZMPOP or BZMPOP.
type multiPop struct {
	first, keys int // where the keys are, and how many
	order       engine.Order
	count       int64
}

// parseMultiPop reads a line from the number of its keys on.
func parseMultiPop(c *command.Ctx, at int) (m multiPop, err error) {
	m.first, m.count = at+1, 1
	n, err := command.ParseInt(c.Args[at])
	if err != nil || n < 1 {
		return m, errNumKeys
	}
	if n >= int64(len(c.Args)-m.first) {
		return m, rediserr.Syntax
	}
	m.keys = int(n)
	s := c.Options(m.first + m.keys)
	s.Next()
	switch s.Option() {
	case "MIN":
	case "MAX":
		m.order = engine.Descending
	default:
		return m, rediserr.Syntax
	}
	counted := false
	for s.Next() {
		if s.Option() != "COUNT" || counted || s.Left() == 0 {
			return m, rediserr.Syntax
		}
		counted = true
		if m.count, err = command.ParseInt(s.Arg()); err != nil || m.count < 1 {
			return m, errCount
		}
	}
	return m, nil
}

// try pops from the first key that has members, and reports whether there is
// one.
func (m *multiPop) try(c *command.Ctx) (done bool, err error) {
	for i := m.first; i < m.first+m.keys; i++ {
		z, err := awaited(c, i)
		if err != nil {
			return false, err
		}
		n := int(min(m.count, int64(z.Len())))
		if n == 0 {
			continue
		}
		if c.Ready == nil { // it can still go to a worker
			if err := c.Heavy(removal(&z, 0, n)); err != nil {
				return false, err
			}
		}
		c.Out.Array(2)
		c.Out.Bulk(c.Args[i])
		c.Out.Array(n)
		z.Pop(m.order, n, func(member []byte, score float64) {
			c.Out.Array(2)
			c.Out.Bulk(member)
			c.Out.Double(score)
		})
		return true, nil
	}
	return false, nil
}

// awaited returns the sorted set at argument i, an empty one if a client that
// waits is not to look there.
func awaited(c *command.Ctx, i int) (engine.ZSet, error) {
	if !c.Awaits(i) {
		return engine.ZSet{}, nil
	}
	return c.Tx.ZSet(c.Args[i])
}
