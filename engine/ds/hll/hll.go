// Package hll is HyperLogLog, the estimate of how many different elements there
// are, in the two formats of Redis:
//
//	 0  "HYLL"
//	 4  encoding      0: dense, 1: sparse
//	 5  three bytes of zero
//	 8  cardinality   uint64, little-endian; its highest bit says that it is out of date
//	16  registers
//
// Dense registers have six bits each, from the lowest bit of the first byte on.
// Sparse ones are runs:
//
//	00nnnnnn           n+1 registers of 0
//	01nnnnnn nnnnnnnn  n+1 registers of 0
//	1vvvvvnn           n+1 registers of v+1
//
// An element's hash chooses one of 16,384 registers, which keeps the greatest
// rank of its elements: how many bits of the rest of the hash come before, and
// with, the first that is set.
//
// Invariant: whatever the bytes are, a function returns ErrCorrupt or a result,
// and never reads beyond them.
//
// Formats: the comments and RESTORE payloads of Redis; estimate: Otmar Ertl, New
// cardinality estimation algorithms for HyperLogLog sketches, arXiv:1702.01284,
// algorithm 6.
package hll

import (
	"encoding/binary"
	"errors"
)

const (
	// Registers is how many there are.
	Registers = 1 << indexBits
	// DenseSize is the length of a dense HyperLogLog in bytes.
	DenseSize = headerSize + Registers*registerBits/8
	// HeaderSize is the length of what comes before the registers, in bytes.
	HeaderSize = headerSize

	indexBits    = 14
	registerBits = 6
	maxRank      = 64 - indexBits + 1
	headerSize   = 16

	encodingAt    = 4
	cardinalityAt = 8
	outdatedAt    = 15
	outdated      = 0x80

	dense  = 0
	sparse = 1
)

// ErrCorrupt is for a value whose header is right and whose registers are not.
var ErrCorrupt = errors.New("corrupt HyperLogLog")

// AppendNew appends an empty HyperLogLog to dst. It is sparse.
func AppendNew(dst []byte) []byte {
	dst = append(dst, 'H', 'Y', 'L', 'L', sparse, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	return appendZeros(dst, Registers)
}

// Valid reports whether b has the header of a HyperLogLog, and a dense one the
// right length.
func Valid(b []byte) bool {
	if len(b) < headerSize || string(b[:encodingAt]) != "HYLL" {
		return false
	}
	return b[encodingAt] == sparse || IsDense(b) && len(b) == DenseSize
}

// IsDense reports whether b, which has to be Valid for all that follows, is
// dense.
func IsDense(b []byte) bool { return b[encodingAt] == dense }

// Cached returns the cardinality that is noted in b, if it is up to date.
func Cached(b []byte) (n uint64, ok bool) {
	return binary.LittleEndian.Uint64(b[cardinalityAt:]), b[outdatedAt]&outdated == 0
}

// Cache notes the cardinality in b.
func Cache(b []byte, n uint64) { binary.LittleEndian.PutUint64(b[cardinalityAt:], n) }

// Outdate says in b that the noted cardinality is not that of the registers.
func Outdate(b []byte) { b[outdatedAt] |= outdated }

// Add counts an element. It changes b in place and returns it, longer or shorter,
// and in other memory where its capacity does not do; it becomes dense when it
// would be longer than most bytes as a sparse one. changed is false if the
// element, or one that cannot be told from it, was there. With an error b may be
// changed in part.
func Add(b, element []byte, most int64) (after []byte, changed bool, err error) {
	index, rank := place(element)
	return raise(b, index, rank, most)
}

// raise gives a register a rank, unless it has that or a higher one.
func raise(b []byte, index int, rank byte, most int64) (after []byte, changed bool, err error) {
	if !IsDense(b) {
		return raiseSparse(b, index, rank, most)
	}
	r := b[headerSize:]
	if denseRank(r, index) >= rank {
		return b, false, nil
	}
	setDense(r, index, rank)
	Outdate(b)
	return b, true, nil
}

// Covers reports whether Add of the element would leave a dense b as it is.
func Covers(b, element []byte) bool {
	index, rank := place(element)
	return denseRank(b[headerSize:], index) >= rank
}

// Densify returns b as a dense one: b itself if it is, else new memory.
func Densify(b []byte) ([]byte, error) {
	if IsDense(b) {
		return b, nil
	}
	d := make([]byte, DenseSize)
	copy(d, b[:headerSize])
	d[encodingAt] = dense
	r := d[headerSize:]
	err := eachRun(b[headerSize:], func(first, n int, rank byte) {
		if rank > 0 {
			for i := first; i < first+n; i++ {
				setDense(r, i, rank)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}
