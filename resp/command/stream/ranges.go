package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// xlen implements XLEN.
func xlen(c *command.Ctx) error {
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(s.Len()))
	return nil
}

// xrange implements XRANGE.
func xrange(c *command.Ctx) error {
	return rangeOf(c, c.Args[2], c.Args[3], engine.StreamForward)
}

// xrevrange implements XREVRANGE.
func xrevrange(c *command.Ctx) error {
	return rangeOf(c, c.Args[3], c.Args[2], engine.StreamBackward)
}

func rangeOf(c *command.Ctx, start, end []byte, dir engine.StreamDirection) error {
	from, err := parseStart(start)
	if err != nil {
		return err
	}
	to, err := parseEnd(end)
	if err != nil {
		return err
	}
	count, none := int64(0), false
	opt := c.Options(4)
	for opt.Next() {
		switch opt.Option() {
		case "COUNT":
			count = max(0, opt.Int())
			none = count == 0
		default:
			opt.Fail(rediserr.Syntax)
		}
	}
	if err := opt.Err(); err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	switch {
	case !s.Exists():
		c.Out.Array(0)
		return nil
	case none:
		c.Out.NullArray()
		return nil
	}
	n := s.Count(from, to, count)
	if err := c.Heavy(int(n)); err != nil {
		return err
	}
	c.Out.Array(int(n))
	cur := s.Range(from, to, dir)
	writeEntries(c.Out, &cur, n)
	return nil
}

// writeEntries writes the next n entries of a cursor.
func writeEntries(out *reply.Writer, cur *engine.StreamCursor, n int64) {
	for range n {
		cur.Next()
		writeEntry(out, cur)
	}
}

// writeEntry writes an entry: its ID and its fields.
func writeEntry(out *reply.Writer, cur *engine.StreamCursor) {
	out.Array(2)
	writeID(out, cur.ID())
	writeFields(out, cur)
}

func writeFields(out *reply.Writer, cur *engine.StreamCursor) {
	out.Array(2 * cur.Fields())
	for range cur.Fields() {
		name, value := cur.Field()
		out.Bulk(name)
		out.Bulk(value)
	}
}
