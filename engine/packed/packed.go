// Package packed spells small collections as one piece of memory: items one
// after the other, each its length as a varint and its bytes.
//
// Invariant: a blob that this package wrote is a row of whole items. What reads
// it may rely on that, since a blob never comes from outside the process.
package packed

import (
	"encoding/binary"
	"math/bits"
)

// Read returns the item at offset at, which must be where one begins, and the
// offset of the next. The item is the blob's own memory.
func Read(b []byte, at int) (item []byte, next int) {
	n := int(b[at])
	at++
	if n >= 0x80 {
		v, size := binary.Uvarint(b[at-1:])
		n, at = int(v), at-1+size
	}
	next = at + n
	return b[at:next:next], next
}

// Size returns how many bytes an item of n bytes takes.
func Size(n int) int { return n + (bits.Len(uint(n)|1)+6)/7 }

// Put writes item at offset at, over what is there, and returns the offset after
// it.
func Put(b []byte, at int, item []byte) (next int) {
	at += binary.PutUvarint(b[at:], uint64(len(item)))
	return at + copy(b[at:], item)
}

// Append appends item to dst.
func Append(dst, item []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(item))), item...)
}
