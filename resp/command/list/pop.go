package list

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of LMPOP and BLMPOP.
var (
	errNumKeys = rediserr.New("numkeys should be greater than 0")
	errCount   = rediserr.New("count should be greater than 0")
)

const perKey = "O(N+M) for N keys and M elements that are returned"

func popSpecs() []command.Spec {
	const perElement = "O(N) for N elements that are returned"
	keys := command.Key(1, command.RW|command.Access|command.Delete)
	history := []command.Change{{Version: "6.2.0", Text: "Takes a `count`."}}
	return []command.Spec{
		{
			Name: "lpop", Syntax: "key [count{@6.2.0}]", Arity: -2, Flags: command.Write | command.Fast, Keys: keys,
			Since: "1.0.0", Complexity: perElement, History: history,
			Summary: "Removes elements from the head of a list and returns them.", Handler: lpop,
		},
		{
			Name: "rpop", Syntax: "key [count{@6.2.0}]", Arity: -2, Flags: command.Write | command.Fast, Keys: keys,
			Since: "1.0.0", Complexity: perElement, History: history,
			Summary: "Removes elements from the tail of a list and returns them.", Handler: rpop,
		},
		{
			Name: "lmpop", Syntax: "numkeys key [key ...] " + sides + "{where} [COUNT count]", Arity: -4,
			Flags: command.Write, Keys: command.KeyNum(1, 2, command.RW|command.Access|command.Delete),
			Since: "7.0.0", Complexity: perKey,
			Summary: "Removes elements from the first of several lists that has some, and returns them.", Handler: lmpop,
		},
	}
}

func lpop(c *command.Ctx) error { return pop(c, engine.Left) }
func rpop(c *command.Ctx) error { return pop(c, engine.Right) }

// pop implements LPOP and RPOP.
func pop(c *command.Ctx, s engine.Side) error {
	if len(c.Args) > 3 {
		return rediserr.WrongArgs(c.Command.FullName)
	}
	if len(c.Args) == 3 {
		return popCount(c, s)
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if !l.Exists() {
		c.Out.Null()
		return nil
	}
	c.Out.Bulk(l.At(end(&l, s)))
	l.Pop(s, 1)
	return nil
}

// popCount is pop with a count.
func popCount(c *command.Ctx, s engine.Side) error {
	count, err := c.Count(2)
	if err != nil {
		return err
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if !l.Exists() {
		c.Out.NullArray()
		return nil
	}
	return popMany(c, &l, s, count)
}

// popMany removes up to count elements at a side and writes them.
func popMany(c *command.Ctx, l *engine.List, s engine.Side, count int64) error {
	n := int(min(count, int64(l.Len())))
	if err := c.Heavy(n); err != nil {
		return err
	}
	bulks(c, l, end(l, s), n, s)
	if n > 0 {
		l.Pop(s, n)
	}
	return nil
}

func lmpop(c *command.Ctx) error {
	m, err := parseMpop(c, 1)
	if err != nil {
		return err
	}
	found, err := m.pop(c)
	if err == nil && !found {
		c.Out.NullArray()
	}
	return err
}

// mpop is what LMPOP and BLMPOP are asked for.
type mpop struct {
	first, last int // the keys among the arguments; last is behind them
	side        engine.Side
	count       int64
}

// parseMpop reads a line from the number of keys on, which is argument at.
func parseMpop(c *command.Ctx, at int) (mpop, error) {
	keys, err := c.Int(at)
	if err != nil || keys <= 0 {
		return mpop{}, errNumKeys
	}
	m := mpop{first: at + 1, count: 1}
	if keys >= int64(len(c.Args)-m.first) {
		return m, rediserr.Syntax
	}
	m.last = m.first + int(keys)
	s := c.Options(m.last)
	m.side = side(&s)
	counted := false
	for s.Next() {
		if s.Option() != "COUNT" || counted {
			s.Fail(rediserr.Syntax)
			break
		}
		counted = true
		arg := s.Arg()
		if s.Err() != nil {
			break
		}
		if m.count, err = command.ParseInt(arg); err != nil || m.count <= 0 {
			s.Fail(errCount)
		}
	}
	return m, s.Err()
}

// pop removes elements from the first list that has some, writes them with its
// key, and reports whether there was one.
func (m mpop) pop(c *command.Ctx) (found bool, err error) {
	for i := m.first; i < m.last; i++ {
		if !c.Awaits(i) {
			continue
		}
		l, err := c.Tx.List(c.Args[i])
		if err != nil {
			return false, err
		}
		if l.Exists() {
			c.Out.Array(2)
			c.Out.Bulk(c.Args[i])
			return true, popMany(c, &l, m.side, m.count)
		}
	}
	return false, nil
}
