package history

import (
	"maps"
	"slices"

	"kvd/engine"
	"kvd/resp/command"
)

// tag implements VER.TAG.
func tag(c *command.Ctx) error {
	used := engine.KeepTag
	s := c.Options(4)
	for s.Next() {
		if s.Option() != "REPLACE" {
			s.Fail(command.SyntaxNear([]byte(s.Option())))
		}
		used = engine.MoveTag
	}
	if err := s.Err(); err != nil {
		return err
	}
	name := c.Args[3]
	switch {
	case len(name) == 0:
		return errTag
	case len(name) > command.MaxNote:
		return errLongTag
	}
	h, number, err := open(c, c.Args[1], c.Args[2])
	if err != nil {
		return err
	}
	if err := h.Tag(number, string(name), used); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// untag implements VER.UNTAG.
func untag(c *command.Ctx) error {
	h, err := c.Tx.History(c.Args[1])
	if err != nil {
		return err
	}
	n := int64(0)
	if h.Untag(string(c.Args[2])) {
		n = 1
	}
	c.Out.Int(n)
	return nil
}

// tags implements VER.TAGS.
func tags(c *command.Ctx) error {
	h, err := c.Tx.History(c.Args[1])
	if err != nil {
		return err
	}
	all := h.Tags()
	c.Out.Map(len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c.Out.Text(name)
		c.Out.Int(int64(all[name]))
	}
	return nil
}
