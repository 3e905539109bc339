package engine

import (
	"encoding/binary"
	"strconv"

	"kvd/engine/ds/intset"
	"kvd/engine/packed"
)

// smallSet is a set in its entry's cell: an intset, or
//
//	0  0      what no intset begins with
//	1  count  uint16
//	3         members, packed, in no order
//
// or no bytes at all if there is no set.
type smallSet []byte

const (
	looseForm   = 0
	looseHeader = 3
	// intsetSize is the size up to which integers are kept in the entry's cell,
	// in bytes. It is more than packedMax since they are found by halving.
	intsetSize = 8 << 10
)

// loose reports whether the members are strings.
func (b smallSet) loose() bool { return len(b) > 0 && b[0] == looseForm }

// ints returns the members as integers; b must not be loose.
func (b smallSet) ints() intset.Set { return intset.Set(b) }

func (b smallSet) len() int {
	if b.loose() {
		return int(binary.LittleEndian.Uint16(b[1:]))
	}
	return b.ints().Len()
}

func (b smallSet) setCount(n int) { binary.LittleEndian.PutUint16(b[1:], uint16(n)) }

func (b smallSet) has(member []byte) bool {
	if b.loose() {
		_, _, ok := b.find(member)
		return ok
	}
	v, ok := intset.Parse(member)
	if ok {
		_, ok = b.ints().Find(v)
	}
	return ok
}

// find returns where a member of a loose set begins and ends.
func (b smallSet) find(member []byte) (at, next int, ok bool) {
	for at = looseHeader; at < len(b); at = next {
		var item []byte
		if item, next = packed.Read(b, at); string(item) == string(member) {
			return at, next, true
		}
	}
	return at, at, false
}

// each calls fn for every member until it returns false. digits is memory for a
// member that is a number.
func (b smallSet) each(digits []byte, fn func(member []byte) bool) {
	if b.loose() {
		for at := looseHeader; at < len(b); {
			var item []byte
			if item, at = packed.Read(b, at); !fn(item) {
				return
			}
		}
		return
	}
	ints := b.ints()
	for i := range ints.Len() {
		if !fn(strconv.AppendInt(digits[:0], ints.At(i), 10)) {
			return
		}
	}
}

// at returns the i-th member and, of a loose set, where it is.
func (b smallSet) at(i int, digits []byte) (member []byte, at, next int) {
	if !b.loose() {
		ints := b.ints()
		return strconv.AppendInt(digits[:0], ints.At(i), 10), ints.Offset(i), ints.Offset(i + 1)
	}
	for next = looseHeader; i >= 0; i-- {
		at = next
		member, next = packed.Read(b, at)
	}
	return member, at, next
}

// looseSize returns how many bytes the members take as strings.
func (b smallSet) looseSize() int {
	if b.loose() {
		return len(b)
	}
	var digits [maxDigits]byte
	ints, size := b.ints(), looseHeader
	for i := range ints.Len() {
		size += packed.Size(len(strconv.AppendInt(digits[:0], ints.At(i), 10)))
	}
	return size
}

// asLoose returns the members as strings, in memory that dst has room for.
func (b smallSet) asLoose(dst []byte) smallSet {
	var digits [maxDigits]byte
	out := smallSet(append(dst[:0], looseForm, 0, 0))
	ints := b.ints()
	for i := range ints.Len() {
		out = packed.Append(out, strconv.AppendInt(digits[:0], ints.At(i), 10))
	}
	out.setCount(ints.Len())
	return out
}

// maxDigits is the length of the longest number of 64 bits, in bytes.
const maxDigits = 20
