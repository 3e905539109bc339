package bits

import (
	"encoding/binary"
	"math"
)

// Field is the type of an integer of some bits: Width is 1 to 64, or to 63 for
// an unsigned one.
type Field struct {
	Signed bool
	Width  uint
}

// Overflow says what becomes of a number that does not fit its field.
type Overflow uint8

// The ways.
const (
	Wrap     Overflow = iota // its lowest bits are kept
	Saturate                 // it becomes the greatest or the least that fits
	Fail                     // nothing is changed
)

// Load returns the integer at a bit offset. Bits beyond the end of b are 0.
func (f Field) Load(b []byte, offset uint64) int64 {
	raw := load64(b, offset) >> (64 - f.Width)
	if f.Signed {
		return signExtend(raw, f.Width)
	}
	return int64(raw)
}

// Store writes the lowest bits of an integer at a bit offset. The field must be
// inside b.
func (f Field) Store(b []byte, offset uint64, n int64) {
	raw := uint64(n) << (64 - f.Width) // as the field stands: its highest bit first
	mask := ^uint64(0) << (64 - f.Width)
	at, shift := offset/8, offset%8
	last := (offset + uint64(f.Width) - 1) / 8
	high, highMask := raw>>shift, mask>>shift
	for i := at; i <= last && i < at+word; i++ {
		down := 56 - 8*(i-at)
		b[i] = b[i]&^byte(highMask>>down) | byte(high>>down)
	}
	if last == at+word { // the field stands in nine bytes
		down := 56
		low, lowMask := raw<<(64-shift), mask<<(64-shift)
		b[last] = b[last]&^byte(lowMask>>down) | byte(low>>down)
	}
}

// load64 returns the 64 bits from a bit offset on, the first one highest.
func load64(b []byte, offset uint64) uint64 {
	at, shift := offset/8, offset%8
	if at >= uint64(len(b)) {
		return 0
	}
	var bytes [word + 1]byte
	copy(bytes[:], b[at:])
	return binary.BigEndian.Uint64(bytes[:])<<shift | uint64(bytes[word])>>(8-shift)
}

// signExtend makes a negative number of one whose highest bit is set.
func signExtend(raw uint64, width uint) int64 {
	shift := 64 - width
	return int64(raw<<shift) >> shift
}

// Add returns value plus increment as the field holds it, and whether that
// overflowed; with Fail the sum is of no use then. value has to be one that
// Load returned or, for a number to be stored as it is, any with an increment
// of 0.
func (f Field) Add(value, increment int64, how Overflow) (sum int64, overflowed bool) {
	limit := f.limitSigned
	if !f.Signed {
		limit = f.limitUnsigned
	}
	saturated, overflowed := limit(value, increment)
	switch {
	case !overflowed:
		return value + increment, false
	case how == Saturate:
		return saturated, true
	}
	raw := uint64(value+increment) << (64 - f.Width) >> (64 - f.Width)
	if f.Signed {
		return signExtend(raw, f.Width), true
	}
	return int64(raw), true
}

// limitSigned returns the limit that value plus increment goes beyond, if any.
//
// The differences wrap around where value itself is far outside, as in
// redis-server: -2^63 stored in eight bits saturates at 127.
func (f Field) limitSigned(value, increment int64) (limit int64, beyond bool) {
	top := int64(math.MaxInt64) >> (64 - f.Width)
	bottom := -top - 1
	up, down := top-value, bottom-value
	narrow := f.Width < 64
	switch {
	case value > top, narrow && increment > up, value >= 0 && increment > 0 && increment > up:
		return top, true
	case value < bottom, narrow && increment < down, value < 0 && increment < 0 && increment < down:
		return bottom, true
	}
	return 0, false
}

// limitUnsigned is limitSigned for an unsigned field. A negative value stands
// for one above all limits.
func (f Field) limitUnsigned(value, increment int64) (limit int64, beyond bool) {
	top := uint64(1)<<f.Width - 1
	switch {
	case uint64(value) > top, increment > 0 && uint64(increment) > top-uint64(value):
		return int64(top), true
	case increment < 0 && increment < -value:
		return 0, true
	}
	return 0, false
}
