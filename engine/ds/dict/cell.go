package dict

import (
	"encoding/binary"
	"math/bits"

	"kvd/engine/slab"
)

// A cell is a head, the field, and the value. The head is a varint with the
// length of the field above two flags; the length of the value as a varint, if
// there is a value; and the place in the queue in four bytes, if the field
// expires. So a short member of a set costs one byte beside itself.
const (
	flagExpires = 1 << iota
	flagValue
	flagBits = iota

	placeSize = 4
)

// noPlace is the place of a field that does not expire.
const noPlace = -1

// shape is what the head of a cell says.
type shape struct {
	field, value int // lengths in bytes
	place        int // in the queue, or noPlace
}

// head returns the number that a cell begins with.
func (s shape) head() uint64 {
	n := uint64(s.field) << flagBits
	if s.value > 0 {
		n |= flagValue
	}
	if s.place != noPlace {
		n |= flagExpires
	}
	return n
}

func (s shape) headSize() int {
	n := varintSize(s.head())
	if s.value > 0 {
		n += varintSize(uint64(s.value))
	}
	if s.place != noPlace {
		n += placeSize
	}
	return n
}

func (s shape) size() int { return s.headSize() + s.field + s.value }

// fits reports whether a cell of so many bytes is the right one for s: large
// enough, and not larger than need be.
func (s shape) fits(cell int) bool {
	need := s.size()
	if need <= slab.MaxCell {
		return slab.Size(need) == cell
	}
	return need <= cell && need > cell-cell/8
}

// writeHead writes the head into a cell and returns its length.
func (s shape) writeHead(cell []byte) int {
	at := binary.PutUvarint(cell, s.head())
	if s.value > 0 {
		at += binary.PutUvarint(cell[at:], uint64(s.value))
	}
	if s.place != noPlace {
		binary.LittleEndian.PutUint32(cell[at:], uint32(s.place))
		at += placeSize
	}
	return at
}

// readHead returns what the head of a cell says, and its length.
func readHead(cell []byte) (s shape, at int) {
	head, at := readVarint(cell, 0)
	s = shape{field: int(head >> flagBits), place: noPlace}
	if head&flagValue != 0 {
		var n uint64
		n, at = readVarint(cell, at)
		s.value = int(n)
	}
	if head&flagExpires != 0 {
		s.place = int(binary.LittleEndian.Uint32(cell[at:]))
		at += placeSize
	}
	return s, at
}

// split returns the field and the value of a cell.
func split(cell []byte) (field, value []byte) {
	s, at := readHead(cell)
	mid, end := at+s.field, at+s.field+s.value
	return cell[at:mid:mid], cell[mid:end:end]
}

// readVarint reads the varint at offset at, which is there, and returns the
// offset after it.
func readVarint(b []byte, at int) (n uint64, next int) {
	if n = uint64(b[at]); n < 0x80 {
		return n, at + 1
	}
	n, size := binary.Uvarint(b[at:])
	return n, at + size
}

func varintSize(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }
