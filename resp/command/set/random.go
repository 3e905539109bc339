package set

import (
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxPicks is how many members SRANDMEMBER returns at most when the same one may
// come again: there is no other bound to what it would take.
const maxPicks = 1 << 24

var errRange = rediserr.Newf("value is out of range, value must between %d and %d", -math.MaxInt64, math.MaxInt64)

func randomSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "spop", Syntax: "key [count{@3.2.0}]", Arity: -2, Flags: command.Write | command.Fast,
			Keys: command.Key(1, command.RW|command.Access|command.Delete), Since: "1.0.0",
			Complexity: "O(1), or O(N) for a count of N", Tips: []string{tipOutput},
			History: []command.Change{{Version: "3.2.0", Text: "Takes a count."}},
			Summary: "Removes random members of a set and returns them.", Handler: spop,
		},
		{
			Name: "srandmember", Syntax: "key [count{@2.6.0}]", Arity: -2, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "1.0.0",
			Complexity: "O(1), or O(N) for a count of N or -N", Tips: []string{tipOutput},
			History: []command.Change{{Version: "2.6.0", Text: "Takes a count."}},
			Summary: "Returns random members of a set.", Handler: srandmember,
		},
	}
}

func spop(c *command.Ctx) error {
	if len(c.Args) > 2 {
		return spopCount(c)
	}
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	member, ok := s.PopOne()
	if !ok {
		c.Out.Null()
		return nil
	}
	c.Out.Bulk(member)
	return nil
}

func spopCount(c *command.Ctx) error {
	if len(c.Args) > 3 {
		return rediserr.Syntax
	}
	count, err := c.Count(2)
	if err != nil {
		return err
	}
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	n := int(min(count, int64(s.Len())))
	if err := c.Heavy(n); err != nil {
		return err
	}
	c.Out.Set(n)
	s.Pop(n, c.Out.Bulk)
	return nil
}

func srandmember(c *command.Ctx) error {
	if len(c.Args) > 2 {
		return srandmemberCount(c)
	}
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	var digits [20]byte
	member, ok := s.Random(&digits)
	if !ok {
		c.Out.Null()
		return nil
	}
	c.Out.Bulk(member)
	return nil
}

// srandmemberCount implements SRANDMEMBER with a count. A negative one allows
// the same member to come more than once.
func srandmemberCount(c *command.Ctx) error {
	if len(c.Args) > 3 {
		return rediserr.Syntax
	}
	count, err := c.Int(2)
	if err != nil {
		return err
	}
	if count == math.MinInt64 {
		return errRange
	}
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	if s.Len() == 0 {
		c.Out.Array(0)
		return nil
	}
	if count < 0 {
		return pick(c, &s, -count)
	}
	n := int(min(count, int64(s.Len())))
	if err := c.Heavy(n); err != nil {
		return err
	}
	c.Out.Array(n)
	s.Sample(n, c.Out.Bulk)
	return nil
}

// pick writes count members, each chosen anew.
func pick(c *command.Ctx, s *engine.Set, count int64) error {
	if count > maxPicks {
		return errRange
	}
	if err := c.Heavy(int(count)); err != nil {
		return err
	}
	c.Out.Array(int(count))
	var digits [20]byte
	for range count {
		member, _ := s.Random(&digits)
		c.Out.Bulk(member)
	}
	return nil
}
