package list

import (
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func editSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "linsert", Syntax: "key <BEFORE | AFTER>{where} pivot element", Arity: 5,
			Flags: command.Write | command.DenyOOM, Keys: command.Key(1, command.RW|command.Insert), Since: "2.2.0",
			Complexity: "O(N) for N elements from the head to the pivot",
			Summary:    "Adds an element to a list before or after another one.", Handler: linsert,
		},
		{
			Name: "lrem", Syntax: "key count element", Arity: 4, Flags: command.Write,
			Keys: command.Key(1, command.RW|command.Delete), Since: "1.0.0",
			Complexity: "O(N+M) for a list of N elements and M that are removed",
			Summary:    "Removes elements with a value from a list.", Handler: lrem,
		},
	}
}

func linsert(c *command.Ctx) error {
	behind, err := parseWhere(c)
	if err != nil {
		return err
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if !l.Exists() {
		c.Out.Int(0)
		return nil
	}
	if err := c.Heavy(l.Len()); err != nil {
		return err
	}
	i, ok := l.Index(c.Args[3])
	if !ok {
		c.Out.Int(-1)
		return nil
	}
	l.Insert(i+behind, c.Args[4])
	c.Out.Int(int64(l.Len()))
	return nil
}

// parseWhere returns how far behind the pivot the new element goes.
func parseWhere(c *command.Ctx) (int, error) {
	s := c.Options(2)
	s.Next()
	switch s.Option() {
	case "BEFORE":
		return 0, nil
	case "AFTER":
		return 1, nil
	}
	return 0, rediserr.Syntax
}

// lrem implements LREM. A count of 0, and the least number of all, which has no
// counterpart above zero, mean all.
func lrem(c *command.Ctx) error {
	count, err := c.Int(2)
	if err != nil {
		return err
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if err := c.Heavy(l.Len()); err != nil {
		return err
	}
	from := engine.Left
	if count < 0 {
		from, count = engine.Right, -count
	}
	if count <= 0 {
		count = math.MaxInt
	}
	c.Out.Int(int64(l.Remove(c.Args[3], int(count), from)))
	return nil
}
