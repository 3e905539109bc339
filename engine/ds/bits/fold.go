package bits

import "encoding/binary"

// andNot clears what is set in the source; it is a step of other operations.
const andNot Op = One + 1

// fold combines dst with src and zeros, by And, Or, Xor or andNot. Each has a
// loop of its own, without a choice inside.
func fold(dst, src []byte, op Op) {
	tail := dst[len(src):]
	switch op {
	case And:
		and(dst[:len(src)], src)
		clear(tail)
	case Or:
		or(dst[:len(src)], src)
	case Xor:
		xor(dst[:len(src)], src)
	case andNot:
		without(dst[:len(src)], src)
	}
}

func and(dst, src []byte) {
	for len(src) >= word && len(dst) >= word {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)&binary.LittleEndian.Uint64(src))
		dst, src = dst[word:], src[word:]
	}
	for i, c := range src {
		dst[i] &= c
	}
}

func or(dst, src []byte) {
	for len(src) >= word && len(dst) >= word {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)|binary.LittleEndian.Uint64(src))
		dst, src = dst[word:], src[word:]
	}
	for i, c := range src {
		dst[i] |= c
	}
}

func xor(dst, src []byte) {
	for len(src) >= word && len(dst) >= word {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)^binary.LittleEndian.Uint64(src))
		dst, src = dst[word:], src[word:]
	}
	for i, c := range src {
		dst[i] ^= c
	}
}

func without(dst, src []byte) {
	for len(src) >= word && len(dst) >= word {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)&^binary.LittleEndian.Uint64(src))
		dst, src = dst[word:], src[word:]
	}
	for i, c := range src {
		dst[i] &^= c
	}
}
