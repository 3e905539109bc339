// Package intset spells a set of integers as one piece of memory: a byte that
// says how wide the integers are, and the integers in ascending order, all of
// the same width, little-endian.
//
// Invariant: no integer is there twice, and the width is 2, 4 or 8 bytes. What
// reads a set may rely on that, since its bytes never come from outside the
// process. The width never shrinks.
package intset

import (
	"encoding/binary"
	"math"
)

// headerSize is the byte that holds the width.
const headerSize = 1

// Set is the bytes of a set. One of length 0 is empty and has no width yet.
type Set []byte

// Size returns how many bytes n integers of this width take.
func Size(n, width int) int { return headerSize + n*width }

// WidthOf returns the least width that holds v: 2, 4 or 8 bytes.
func WidthOf(v int64) int {
	switch {
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 2
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 4
	}
	return 8
}

// Width returns how many bytes each integer takes; 0 for a set without bytes.
func (s Set) Width() int {
	if len(s) == 0 {
		return 0
	}
	return int(s[0])
}

// Len returns how many integers there are.
func (s Set) Len() int {
	if len(s) == 0 {
		return 0
	}
	return (len(s) - headerSize) / int(s[0])
}

// Offset returns where the i-th integer begins in the set's bytes.
func (s Set) Offset(i int) int { return headerSize + i*int(s[0]) }

// At returns the i-th integer, in ascending order, from 0 to Len-1.
func (s Set) At(i int) int64 {
	switch s[0] {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(s[headerSize+2*i:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(s[headerSize+4*i:])))
	}
	return int64(binary.LittleEndian.Uint64(s[headerSize+8*i:]))
}

// Find returns the place of v, or the one where it would be put.
func (s Set) Find(v int64) (i int, ok bool) {
	low, high := 0, s.Len()
	if high == 0 || v > s.At(high-1) { // mostly, integers come in ascending order
		return high, false
	}
	for low < high {
		mid := int(uint(low+high) / 2)
		if s.At(mid) < v {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, s.At(low) == v
}

// Put writes v as the i-th integer, over what is there. v must fit the width.
func (s Set) Put(i int, v int64) {
	switch s[0] {
	case 2:
		binary.LittleEndian.PutUint16(s[headerSize+2*i:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(s[headerSize+4*i:], uint32(v))
	default:
		binary.LittleEndian.PutUint64(s[headerSize+8*i:], uint64(v))
	}
}

// Start makes s, which has room for its header, an empty set of this width.
func (s Set) Start(width int) { s[0] = byte(width) }

// Widen gives each of the n integers at the beginning of s a greater width. s
// must have room for all of them.
func (s Set) Widen(n, width int) {
	narrow := Set(s[:Size(n, int(s[0]))])
	for i := n - 1; i >= 0; i-- {
		v := narrow.At(i)
		if width == 4 {
			binary.LittleEndian.PutUint32(s[headerSize+4*i:], uint32(v))
		} else {
			binary.LittleEndian.PutUint64(s[headerSize+8*i:], uint64(v))
		}
	}
	s[0] = byte(width)
}
