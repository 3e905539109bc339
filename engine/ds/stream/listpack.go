package stream

import "math"

// Redis keeps the entries of a block in a listpack, and begins another block
// when that grows beyond a number of bytes. So that blocks begin at the same
// entries here, which XINFO and approximate trimming show, each block keeps
// count of the bytes that its listpack would have. The encoding is described in
// https://github.com/antirez/listpack/blob/master/listpack.md.

const (
	listpackEnds = 6 + 1 // header and end mark
	maxListpack  = 1 << 30
)

// packedString returns the bytes of a string in a listpack. One that is spelt as
// an integer is kept as such.
func packedString(b []byte) int {
	if v, ok := parseInteger(b); ok {
		return packedInt(v)
	}
	n := len(b)
	switch {
	case n < 1<<6:
		n++
	case n < 1<<12:
		n += 2
	default:
		n += 5
	}
	return n + backLength(n)
}

// packedInt returns the bytes of an integer in a listpack.
func packedInt(v int64) int {
	switch {
	case v >= 0 && v < 1<<7:
		return 1 + 1
	case v >= -1<<12 && v < 1<<12:
		return 2 + 1
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 3 + 1
	case v >= -1<<23 && v < 1<<23:
		return 4 + 1
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 5 + 1
	}
	return 9 + 1
}

// backLength returns the bytes that hold the length of an element of n bytes.
func backLength(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<14-1:
		return 2
	case n < 1<<21-1:
		return 3
	case n < 1<<28-1:
		return 4
	}
	return 5
}

// parseInteger reads the one spelling that an integer of 64 bits has.
func parseInteger(b []byte) (v int64, ok bool) {
	digits := b
	if len(b) > 1 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 19 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	negative := len(digits) < len(b)
	switch {
	case negative && n <= 1<<63:
		return -int64(n), true
	case !negative && n <= math.MaxInt64:
		return int64(n), true
	}
	return 0, false
}
