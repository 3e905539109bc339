package stream

import "kvd/engine/packed"

// Direction is the order in which a Cursor goes.
type Direction uint8

// The directions: by growing and by falling IDs.
const (
	Forward Direction = iota
	Backward
)

// Cursor goes over the entries of a range. It is valid until the stream changes.
type Cursor struct {
	s        *Stream
	from, to ID
	dir      Direction

	spot spot // of the block
	base ID
	b    block
	next int // where the next entry begins or, backwards, ends

	entry entry
	left  int // fields of the entry not read yet
	name  int // where the next name is, with flagSame
	item  int
}

// Range returns a cursor before the first entry from ID from to ID to, both of
// them included; backwards, that is the one with the greatest ID.
func (s *Stream) Range(from, to ID, dir Direction) Cursor {
	c := Cursor{s: s, from: from, to: to, dir: dir}
	if s == nil || s.length == 0 || to.Less(from) {
		return c
	}
	start := from
	if dir == Backward {
		start = to
	}
	at, ok := s.blocks.floor(&s.memory, start)
	if !ok {
		if dir == Backward {
			return c // all are above
		}
		at = spot{}
	}
	c.enter(at)
	if dir == Forward && c.b.last().Less(from) {
		c.advance()
	}
	return c
}

// enter goes to the block at a place.
func (c *Cursor) enter(at spot) {
	c.spot = at
	if !c.s.blocks.has(at) {
		c.b = nil
		return
	}
	c.base, c.b = c.s.block(at)
	c.next = c.b.entries()
	if c.dir == Backward {
		c.next = c.b.used()
	}
}

// advance goes to the next block.
func (c *Cursor) advance() {
	if c.dir == Forward {
		c.enter(c.s.blocks.after(c.spot))
		return
	}
	at, ok := c.s.blocks.before(c.spot)
	if !ok {
		c.b = nil
		return
	}
	c.enter(at)
}

// Next goes to the next entry and reports whether there is one.
func (c *Cursor) Next() bool {
	for c.b != nil {
		if !c.step() {
			c.advance()
			continue
		}
		e := &c.entry
		switch {
		case c.dir == Forward && c.to.Less(e.id), c.dir == Backward && e.id.Less(c.from):
			c.b = nil
			return false
		case e.dead || e.id.Less(c.from) || c.to.Less(e.id):
			continue
		}
		c.left, c.name, c.item = e.pairs, blockHeader, e.items
		return true
	}
	return false
}

// step reads the next entry of the block, if there is one.
func (c *Cursor) step() bool {
	if c.dir == Forward {
		if c.next >= c.b.used() {
			return false
		}
		c.entry = c.b.read(c.base, c.next)
		c.next = c.b.end(c.entry)
		return true
	}
	if c.next <= c.b.entries() {
		return false
	}
	n, end := readBackwards(c.b, c.next)
	c.next = end - n
	c.entry = c.b.read(c.base, c.next)
	return true
}

// ID returns the ID of the entry.
func (c *Cursor) ID() ID { return c.entry.id }

// Fields returns the number of fields of the entry.
func (c *Cursor) Fields() int { return c.entry.pairs }

// Field returns the next field of the entry; it may be called Fields times. The
// slices are the stream's own memory.
func (c *Cursor) Field() (name, value []byte) {
	c.left--
	if c.entry.same {
		name, c.name = packed.Read(c.b, c.name)
	} else {
		name, c.item = packed.Read(c.b, c.item)
	}
	value, c.item = packed.Read(c.b, c.item)
	return name, value
}
