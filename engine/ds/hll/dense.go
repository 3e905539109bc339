package hll

import "encoding/binary"

// denseRank returns a register.
func denseRank(r []byte, index int) byte {
	at, shift := index*registerBits/8, index*registerBits%8
	rank := r[at] >> shift
	if shift > 8-registerBits {
		rank |= r[at+1] << (8 - shift)
	}
	return rank & (1<<registerBits - 1)
}

// setDense changes a register.
func setDense(r []byte, index int, rank byte) {
	at, shift := index*registerBits/8, index*registerBits%8
	const mask = 1<<registerBits - 1
	r[at] = r[at]&^(mask<<shift) | rank<<shift
	if shift > 8-registerBits {
		r[at+1] = r[at+1]&^(mask>>(8-shift)) | rank>>(8-shift)
	}
}

// group is how many registers stand in groupBytes bytes.
const (
	group      = 8
	groupBytes = group * registerBits / 8
)

// eachGroup calls fn with eight registers after the other, the first in the
// lowest six bits.
func eachGroup(r []byte, fn func(first int, ranks uint64)) {
	for i := 0; i < Registers/group; i++ {
		b := r[i*groupBytes : (i+1)*groupBytes : (i+1)*groupBytes]
		fn(i*group, uint64(binary.LittleEndian.Uint32(b))|uint64(binary.LittleEndian.Uint16(b[4:]))<<32)
	}
}
