// Package stream is the log behind a stream key: entries in the order of their
// IDs, in blocks outside the Go heap, and the consumer groups that read it.
//
// Invariants: no entry has an ID above Last. Every entry, deleted or not, is in
// the block with the greatest ID that is not above its own, and in a block IDs
// grow. Len counts the entries that were not deleted. An entry that is pending in a group is so for exactly one of its
// consumers, whose own list has its ID too.
package stream

import (
	"encoding/binary"

	"kvd/engine/slab"
)

// Stream is a log with its consumer groups.
type Stream struct {
	memory memory
	blocks tree // a block's ID → its cell
	length int

	last       ID
	maxDeleted ID
	added      uint64

	groups []*Group // by name
}

// Limits say when a block is full: when its entries, deleted ones included, are
// Entries, or when it would take Bytes in a listpack. Zero is no limit.
type Limits struct{ Entries, Bytes int64 }

// structBytes is about what an empty stream takes, in bytes.
const structBytes = 200

// New returns an empty stream with its elements in h.
func New(h *slab.Heap) *Stream {
	return &Stream{memory: memory{heap: h, bytes: structBytes}, blocks: tree{width: IDSize + 8}}
}

// Len returns the number of entries.
func (s *Stream) Len() int { return s.length }

// Bytes returns the memory that the stream takes, in bytes.
func (s *Stream) Bytes() int { return s.memory.bytes }

// Last returns the greatest ID that the stream has given out, or was told.
func (s *Stream) Last() ID { return s.last }

// SetLast sets what Last returns. It must not be below the ID of an entry.
func (s *Stream) SetLast(id ID) { s.last = id }

// Added returns how many entries were ever added, or what the stream was told.
func (s *Stream) Added() uint64 { return s.added }

// SetAdded sets what Added returns.
func (s *Stream) SetAdded(n uint64) { s.added = n }

// MaxDeleted returns the greatest ID that was deleted other than by trimming.
func (s *Stream) MaxDeleted() ID { return s.maxDeleted }

// SetMaxDeleted sets what MaxDeleted returns.
func (s *Stream) SetMaxDeleted(id ID) { s.maxDeleted = id }

// First returns the ID of the first entry; 0-0 if there is none.
func (s *Stream) First() ID {
	c := s.Range(ID{}, Max, Forward)
	c.Next()
	return c.ID()
}

// Top returns the ID of the last entry; 0-0 if there is none.
func (s *Stream) Top() ID {
	c := s.Range(ID{}, Max, Backward)
	c.Next()
	return c.ID()
}

// Has reports whether there is an entry with this ID.
func (s *Stream) Has(id ID) bool {
	c := s.Range(id, id, Forward)
	return c.Next()
}

// Append adds an entry. fields are names and values in turn, and id must be
// above Last.
func (s *Stream) Append(id ID, fields [][]byte, limits Limits) {
	s.add(id, fields, limits)
	s.added++
	s.last = id
}

// add adds an entry where it belongs: at the end, unless the last block has IDs
// above it. Those of live entries come when rows are loaded out of order, and
// those of deleted ones when Last has been set back below them.
func (s *Stream) add(id ID, fields [][]byte, limits Limits) {
	if s.blocks.n > 0 {
		if _, b := s.block(s.blocks.last()); !b.last().Less(id) {
			s.insert(id, fields, limits)
			return
		}
	}
	s.append(id, fields, limits)
}

// append adds an entry after all others.
func (s *Stream) append(id ID, fields [][]byte, limits Limits) {
	s.length++
	if s.blocks.n == 0 {
		s.newBlock(id, fields)
		return
	}
	at := s.blocks.last()
	base, data := s.blocks.record(&s.memory, at)
	if s.cell(data).full(fields, limits) {
		s.fit(data)
		s.newBlock(id, fields)
		return
	}
	s.extend(base, data, id, fields)
}

// block returns the block at a place, with its ID.
func (s *Stream) block(at spot) (ID, block) {
	id, data := s.blocks.record(&s.memory, at)
	return id, s.cell(data)
}

// cell returns the block of a record.
func (s *Stream) cell(data []byte) block {
	return s.memory.at(slab.Ref(binary.LittleEndian.Uint64(data)))
}

// newBlock adds an entry in a block of its own.
func (s *Stream) newBlock(id ID, fields [][]byte) {
	ref, cell := s.memory.alloc(blockRoom(fields))
	b := block(cell)
	b.begin(fields)
	b.add(id, id, fields)
	data, _ := s.blocks.put(&s.memory, id)
	binary.LittleEndian.PutUint64(data, uint64(ref))
}

// extend adds an entry at the end of the block of a record.
func (s *Stream) extend(base ID, data []byte, id ID, fields [][]byte) {
	b := s.cell(data)
	if need := b.used() + entryRoom(fields); need > len(b) {
		b = s.move(data, need+b.used()/2)
	}
	b.add(base, id, fields)
}

// move gives the block of a record a cell of n bytes.
func (s *Stream) move(data []byte, n int) block {
	old := slab.Ref(binary.LittleEndian.Uint64(data))
	was := block(s.memory.at(old))
	ref, cell := s.memory.alloc(n)
	copy(cell, was[:was.used()])
	binary.LittleEndian.PutUint64(data, uint64(ref))
	s.memory.free(old)
	return cell
}

// fit gives back what a block that is complete has too much.
func (s *Stream) fit(data []byte) {
	if b := s.cell(data); len(b)-b.used() > b.used()/8 {
		s.move(data, b.used())
	}
}

// Clone returns the same stream in other memory.
func (s *Stream) Clone(h *slab.Heap) *Stream {
	c := *s
	c.memory = memory{heap: h, bytes: structBytes}
	c.blocks = s.blocks.clone(&s.memory, &c.memory)
	for i := range c.blocks.leaves {
		l := &c.blocks.leaves[i]
		cell := c.memory.at(l.ref)
		for at := IDSize; at < int(l.n)*c.blocks.width; at += c.blocks.width {
			ref := slab.Ref(binary.LittleEndian.Uint64(cell[at:]))
			ref = c.memory.copyOf(&s.memory, ref, block(s.memory.at(ref)).used())
			binary.LittleEndian.PutUint64(cell[at:], uint64(ref))
		}
	}
	c.groups = make([]*Group, len(s.groups))
	for i, g := range s.groups {
		c.groups[i] = g.clone(&c.memory)
	}
	return &c
}

// Free gives the memory of all entries and groups back. The stream is not to be
// used after it.
func (s *Stream) Free() {
	for at := (spot{}); s.blocks.has(at); at = s.blocks.after(at) {
		_, data := s.blocks.record(&s.memory, at)
		s.memory.free(slab.Ref(binary.LittleEndian.Uint64(data)))
	}
	s.blocks.clear(&s.memory)
	for _, g := range s.groups {
		g.free()
	}
	s.groups, s.length = nil, 0
}

// removeBlock frees the block at a place and returns the place of the next one.
func (s *Stream) removeBlock(at spot) spot {
	_, data := s.blocks.record(&s.memory, at)
	s.memory.free(slab.Ref(binary.LittleEndian.Uint64(data)))
	s.blocks.removeAt(&s.memory, at)
	if at.leaf < len(s.blocks.leaves) && at.pos == int(s.blocks.leaves[at.leaf].n) {
		at = spot{at.leaf + 1, 0}
	}
	return at
}
