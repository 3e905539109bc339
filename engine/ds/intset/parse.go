package intset

import "math"

// maxDigits is the length of the longest integer of 64 bits, with its sign.
const maxDigits = 20

// Parse returns the integer that b spells in the one way in which it is printed
// again: decimal, without plus sign, leading zeros, spaces or "-0". Only such a
// member can be kept as a number.
func Parse(b []byte) (v int64, ok bool) {
	digits, negative := b, false
	if len(b) > 1 && b[0] == '-' {
		digits, negative = b[1:], true
	}
	if len(digits) == 0 || len(b) > maxDigits || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		d := uint64(c - '0')
		if d > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-d {
			return 0, false
		}
		n = n*10 + d
	}
	switch {
	case negative && n <= -math.MinInt64:
		return -int64(n), true
	case !negative && n <= math.MaxInt64:
		return int64(n), true
	}
	return 0, false
}
