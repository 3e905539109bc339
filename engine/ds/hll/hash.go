package hll

import (
	"encoding/binary"
	"math/bits"
)

// seed is that of Redis; with another one values could not be exchanged.
const seed = 0xadc83b19

// place returns the register of an element and its rank.
func place(element []byte) (index int, rank byte) {
	h := murmur64(element, seed)
	rest := h>>indexBits | 1<<(64-indexBits) // a last bit that is always set
	return int(h & (Registers - 1)), byte(bits.TrailingZeros64(rest) + 1)
}

// murmur64 is MurmurHash64A of Austin Appleby, which is in the public domain,
// with words read in little-endian order.
func murmur64(b []byte, seed uint64) uint64 {
	const m, r = 0xc6a4a7935bd1e995, 47
	h := seed ^ uint64(len(b))*m
	for len(b) >= 8 {
		k := binary.LittleEndian.Uint64(b) * m
		k ^= k >> r
		h = (h ^ k*m) * m
		b = b[8:]
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = (h ^ binary.LittleEndian.Uint64(tail[:])) * m
	}
	h ^= h >> r
	h *= m
	return h ^ h>>r
}
