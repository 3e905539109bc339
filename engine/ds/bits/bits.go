// Package bits reads and changes strings of bytes as arrays of bits, eight
// bytes at a time.
//
// Bit 0 is the highest bit of the first byte. Functions change only what they
// are told to, keep nothing and, but for what their comments say, allocate
// nothing.
package bits

import (
	"encoding/binary"
	"math/bits"
)

// word is the number of bytes that are worked on at a time.
const word = 8

// Get returns the bit at offset, 0 or 1. Bits beyond the end are 0.
func Get(b []byte, offset uint64) byte {
	i := offset / 8
	if i >= uint64(len(b)) {
		return 0
	}
	return b[i] >> (7 - offset%8) & 1
}

// Set gives the bit at offset, which must be inside b, a value of 0 or 1.
func Set(b []byte, offset uint64, bit byte) {
	shift := 7 - offset%8
	b[offset/8] = b[offset/8]&^(1<<shift) | bit<<shift
}

// Count returns how many bits of b are set.
func Count(b []byte) int {
	var n0, n1, n2, n3 int // four chains, so that additions need not wait
	for len(b) >= 4*word {
		n0 += bits.OnesCount64(binary.LittleEndian.Uint64(b))
		n1 += bits.OnesCount64(binary.LittleEndian.Uint64(b[word:]))
		n2 += bits.OnesCount64(binary.LittleEndian.Uint64(b[2*word:]))
		n3 += bits.OnesCount64(binary.LittleEndian.Uint64(b[3*word:]))
		b = b[4*word:]
	}
	n := n0 + n1 + n2 + n3
	for len(b) >= word {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(b))
		b = b[word:]
	}
	for _, c := range b {
		n += bits.OnesCount8(c)
	}
	return n
}

// CountBits returns how many of the bits from offset from up to, but without,
// offset to are set. The range must be inside b.
func CountBits(b []byte, from, to uint64) int {
	if from >= to {
		return 0
	}
	first, last := from/8, (to-1)/8
	n := Count(b[first : last+1])
	n -= bits.OnesCount8(b[first] &^ (0xff >> (from % 8)))
	return n - bits.OnesCount8(b[last]&^(0xff<<(7-(to-1)%8)))
}

// Find returns the offset of the first bit of this value, 0 or 1, among those
// from offset from up to, but without, offset to, which must be inside b. ok is
// false if there is none.
func Find(b []byte, bit byte, from, to uint64) (offset uint64, ok bool) {
	if from >= to {
		return 0, false
	}
	var skip byte // what a byte without such a bit looks like
	if bit == 0 {
		skip = 0xff
	}
	first, last := from/8, (to-1)/8
	c := (b[first] ^ skip) & (0xff >> (from % 8))
	at := first
	if c == 0 {
		at = first + 1 + uint64(skipBytes(b[first+1:last+1], skip))
		if at > last {
			return 0, false
		}
		c = b[at] ^ skip
	}
	offset = at*8 + uint64(bits.LeadingZeros8(c))
	return offset, offset < to
}

// skipBytes returns how many bytes at the beginning of b equal c.
func skipBytes(b []byte, c byte) int {
	same := uint64(c) * 0x0101010101010101
	i := 0
	for ; i+word <= len(b); i += word {
		if x := binary.LittleEndian.Uint64(b[i:]) ^ same; x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < len(b) && b[i] == c {
		i++
	}
	return i
}
