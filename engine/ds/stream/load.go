package stream

import "bytes"

// Load adds an entry that was stored, in any order, in place of one with the
// same ID. added is how many entries had been added with it.
func (s *Stream) Load(id ID, added uint64, fields [][]byte, limits Limits) {
	if s.last.Less(id) {
		s.last, s.added = id, added
	}
	s.Delete(id)
	s.add(id, fields, limits)
}

// SetState applies what was stored beside the entries: at a time when no entry
// was above last, added had been added in all. Entries above it, which are there
// already or come later, are newer.
func (s *Stream) SetState(last ID, added uint64, maxDeleted ID) {
	s.maxDeleted = maxDeleted
	if top := s.Top(); !last.Less(top) || s.last != top {
		s.last, s.added = last, added
	}
}

// loaded is an entry outside of any block.
type loaded struct {
	id     ID
	fields [][]byte
}

// insert adds an entry before others, which is rare: the block where it belongs
// is written anew, without what was deleted of it.
func (s *Stream) insert(id ID, fields [][]byte, limits Limits) {
	at, ok := s.blocks.floor(&s.memory, id)
	if !ok {
		at = spot{}
	}
	base, b := s.block(at)
	entries := b.unpack(base)
	i := 0
	for i < len(entries) && entries[i].id.Less(id) {
		i++
	}
	entries = append(entries[:i:i], append([]loaded{{id, fields}}, entries[i:]...)...)
	s.removeBlock(at)
	var current ID
	for i, e := range entries {
		if i == 0 {
			s.newBlock(e.id, e.fields)
			current = e.id
			continue
		}
		data, _ := s.blocks.get(&s.memory, current)
		if s.cell(data).full(e.fields, limits) {
			s.newBlock(e.id, e.fields)
			current = e.id
			continue
		}
		s.extend(current, data, e.id, e.fields)
	}
	s.length++
}

// unpack returns copies of the entries of a block.
func (b block) unpack(base ID) (list []loaded) {
	c := Cursor{base: base, b: b, next: b.entries()}
	for c.step() {
		if c.entry.dead {
			continue
		}
		e := loaded{id: c.entry.id}
		c.left, c.name, c.item = c.entry.pairs, blockHeader, c.entry.items
		for range c.Fields() {
			name, value := c.Field()
			e.fields = append(e.fields, bytes.Clone(name), bytes.Clone(value))
		}
		list = append(list, e)
	}
	return list
}
