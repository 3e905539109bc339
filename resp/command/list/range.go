package list

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// errIndex is the error of LSET for an element that is not there.
var errIndex = rediserr.New("index out of range")

func rangeSpecs() []command.Spec {
	const root = "O(√N) for a list of N elements, and O(1) for those near its ends"
	return []command.Spec{
		{
			Name: "llen", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO), Since: "1.0.0", Complexity: constant,
			Summary: "Returns the length of a list.", Handler: llen,
		},
		{
			Name: "lindex", Syntax: "key index{integer}", Arity: 3, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "1.0.0", Complexity: root,
			Summary: "Returns an element of a list by its index.", Handler: lindex,
		},
		{
			Name: "lrange", Syntax: "key start{integer} stop{integer}", Arity: 4, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "1.0.0",
			Complexity: "O(√N+M) for a list of N elements and M that are returned",
			Summary:    "Returns a range of the elements of a list.", Handler: lrange,
		},
		{
			Name: "ltrim", Syntax: "key start{integer} stop{integer}", Arity: 4, Flags: command.Write,
			Keys: command.Key(1, command.RW|command.Delete), Since: "1.0.0",
			Complexity: "O(N) for N elements that are removed, or for those that stay where they are far fewer",
			Summary:    "Removes all but a range of the elements of a list.", Handler: ltrim,
		},
		{
			Name: "lset", Syntax: "key index{integer} element", Arity: 4, Flags: command.Write | command.DenyOOM,
			Keys: command.Key(1, command.RW|command.Update), Since: "1.0.0", Complexity: root,
			Summary: "Gives an element of a list another value.", Handler: lset,
		},
	}
}

func llen(c *command.Ctx) error {
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(l.Len()))
	return nil
}

// index returns the place of an element that is counted from the left, or below
// zero from the right, and whether there is one.
func index(l *engine.List, i int64) (int, bool) {
	n := int64(l.Len())
	if i < 0 {
		i += n
	}
	return int(i), i >= 0 && i < n
}

// lindex implements LINDEX. The index of an element of no list may be anything,
// as in redis-server.
func lindex(c *command.Ctx) error {
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if !l.Exists() {
		c.Out.Null()
		return nil
	}
	at, err := c.Int(2)
	if err != nil {
		return err
	}
	i, ok := index(&l, at)
	if !ok {
		c.Out.Null()
		return nil
	}
	c.Out.Bulk(l.At(i))
	return nil
}

// lset implements LSET, which looks for the list before it looks at the index, as
// redis-server does.
func lset(c *command.Ctx) error {
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if !l.Exists() {
		return rediserr.NoSuchKey
	}
	at, err := c.Int(2)
	if err != nil {
		return err
	}
	i, ok := index(&l, at)
	if !ok {
		return errIndex
	}
	l.Set(i, c.Args[3])
	c.Out.OK()
	return nil
}

// bounds are a start and a stop, both included, where a number below zero counts
// from the right.
type bounds struct{ start, stop int64 }

func parseBounds(c *command.Ctx) (b bounds, err error) {
	if b.start, err = c.Int(2); err != nil {
		return b, err
	}
	b.stop, err = c.Int(3)
	return b, err
}

// of returns the first element and the number of those within the bounds.
func (b bounds) of(l *engine.List) (first, count int) {
	n := int64(l.Len())
	if b.start < 0 {
		b.start = max(b.start+n, 0)
	}
	if b.stop < 0 {
		b.stop += n
	}
	b.stop = min(b.stop, n-1)
	if b.start > b.stop {
		return 0, 0
	}
	return int(b.start), int(b.stop - b.start + 1)
}

func lrange(c *command.Ctx) error {
	b, err := parseBounds(c)
	if err != nil {
		return err
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	first, count := b.of(&l)
	if err := c.Heavy(count); err != nil {
		return err
	}
	bulks(c, &l, first, count, engine.Left)
	return nil
}

func ltrim(c *command.Ctx) error {
	b, err := parseBounds(c)
	if err != nil {
		return err
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if l.Exists() {
		first, count := b.of(&l)
		if err := c.Heavy(l.Len() - count); err != nil {
			return err
		}
		l.Trim(first, count)
	}
	c.Out.OK()
	return nil
}
