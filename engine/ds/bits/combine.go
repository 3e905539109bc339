package bits

import "encoding/binary"

// Op is what Combine does with the bits of its sources.
type Op uint8

// The operations. "Others" are all sources but the first.
const (
	And   Op = iota // set in all sources
	Or              // set in any
	Xor             // set in an odd number of them
	Not             // not set in the one source
	Diff            // set in the first and in none of the others
	Diff1           // set in any of the others and not in the first
	AndOr           // set in the first and in any of the others
	One             // set in exactly one
)

// block is how much of the result is made at a time, in bytes: it stays in the
// nearest cache while the sources pass.
const block = 4 << 10

// Combine writes the combination of the sources, of which there is at least
// one, to dst, which must be as long as the longest of them and share no memory
// with any. A source ends in as many zero bits as it is shorter.
func Combine(dst []byte, op Op, sources ...[]byte) {
	for at := 0; at < len(dst); at += block {
		combineBlock(dst[at:min(at+block, len(dst))], op, sources, at)
	}
}

func combineBlock(dst []byte, op Op, sources [][]byte, at int) {
	switch op {
	case And, Or, Xor:
		load(dst, part(sources[0], at, len(dst)))
		for _, s := range sources[1:] {
			fold(dst, part(s, at, len(dst)), op)
		}
	case Not:
		load(dst, part(sources[0], at, len(dst)))
		invert(dst)
	case Diff, Diff1, AndOr:
		clear(dst)
		for _, s := range sources[1:] {
			fold(dst, part(s, at, len(dst)), Or)
		}
		withFirst(dst, part(sources[0], at, len(dst)), op)
	case One:
		exactlyOne(dst, sources, at)
	}
}

// part returns the bytes of s from at on, n at most.
func part(s []byte, at, n int) []byte {
	if at >= len(s) {
		return nil
	}
	return s[at:min(at+n, len(s))]
}

// load makes dst equal to src and zeros.
func load(dst, src []byte) { clear(dst[copy(dst, src):]) }

// invert changes every bit.
func invert(dst []byte) {
	i := 0
	for ; i+word <= len(dst); i += word {
		binary.LittleEndian.PutUint64(dst[i:], ^binary.LittleEndian.Uint64(dst[i:]))
	}
	for ; i < len(dst); i++ {
		dst[i] = ^dst[i]
	}
}

// withFirst turns dst, the others joined by Or, into the result of an operation
// that treats the first source, here src, differently.
func withFirst(dst, src []byte, op Op) {
	if op == Diff {
		invert(dst) // what is in the first and in what none of the others has
	}
	if op == Diff1 {
		fold(dst, src, andNot)
		return
	}
	fold(dst, src, And)
}

// exactlyOne implements One: a bit that has been seen twice is taken out.
func exactlyOne(dst []byte, sources [][]byte, at int) {
	var room [block]byte
	twice := room[:len(dst)]
	load(dst, part(sources[0], at, len(dst)))
	for _, s := range sources[1:] {
		src := part(s, at, len(dst))
		noteTwice(twice, dst, src)
		fold(dst, src, Or)
	}
	fold(dst, twice, andNot)
}

// noteTwice sets in twice what is set in both seen and src.
func noteTwice(twice, seen, src []byte) {
	i := 0
	for ; i+word <= len(src); i += word {
		both := binary.LittleEndian.Uint64(seen[i:]) & binary.LittleEndian.Uint64(src[i:])
		binary.LittleEndian.PutUint64(twice[i:], binary.LittleEndian.Uint64(twice[i:])|both)
	}
	for ; i < len(src); i++ {
		twice[i] |= seen[i] & src[i]
	}
}
