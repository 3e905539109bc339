package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errNoIDs    = rediserr.New("Parameter IDS must be followed by the number of IDs and the IDs themselves")
	errBadCount = rediserr.New("Number of IDs must be a positive integer")
	errOtherIDs = rediserr.New("The `numids` parameter must match the number of arguments")
)

// xdel implements XDEL.
func xdel(c *command.Ctx) error {
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Int(0)
		return nil
	}
	ids, err := parseIDs(c.Args[2:])
	if err != nil {
		return err
	}
	c.Out.Int(s.Delete(ids))
	return nil
}

// xdelex implements XDELEX.
func xdelex(c *command.Ctx) error {
	refs, ids, err := parseRemoval(c, 2)
	if err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(ids))
	s.DeleteEx(ids, refs, func(r engine.Removal) { c.Out.Int(int64(r)) })
	return nil
}

// xackdel implements XACKDEL.
func xackdel(c *command.Ctx) error {
	refs, ids, err := parseRemoval(c, 3)
	if err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(ids))
	s.AckDelete(s.Group(c.Args[2]), ids, refs, func(r engine.Removal) { c.Out.Int(int64(r)) })
	return nil
}

// parseRemoval reads the words from argument i on: IDS with the IDs, and what
// becomes of references to them, in any order.
func parseRemoval(c *command.Ctx, i int) (refs engine.References, ids []engine.StreamID, err error) {
	chosen := false
	for ; i < len(c.Args); i++ {
		if word, ok := parseReferences(c.Args[i]); ok && !chosen {
			refs, chosen = word, true
			continue
		}
		if !is(c.Args[i], "IDS") || ids != nil {
			return 0, nil, rediserr.Syntax
		}
		if i+2 >= len(c.Args) {
			return 0, nil, errNoIDs
		}
		n, err := c.Int(i + 1)
		if err != nil || n <= 0 {
			return 0, nil, errBadCount
		}
		if n > int64(len(c.Args)-i-2) {
			return 0, nil, errOtherIDs
		}
		if ids, err = parseIDs(c.Args[i+2 : i+2+int(n)]); err != nil {
			return 0, nil, err
		}
		i += 1 + int(n)
	}
	if ids == nil {
		return 0, nil, rediserr.Syntax
	}
	return refs, ids, nil
}

// xack implements XACK.
func xack(c *command.Ctx) error {
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	g := s.Group(c.Args[2])
	if g == nil {
		c.Out.Int(0)
		return nil
	}
	ids, err := parseIDs(c.Args[3:])
	if err != nil {
		return err
	}
	c.Out.Int(s.Ack(g, ids))
	return nil
}
