package reply

import (
	"math"
	"strconv"
)

// exactInts bounds the whole numbers that are written as integers: below it a
// double holds every one of them exactly.
const exactInts = 1 << 52

// AppendFloat appends f as redis-server 7.2 spells a double: whole numbers
// below 2^52 as integers, all others with the fewest digits that read back as
// f, in plain notation unless that would need many zeros; "inf", "-inf",
// "nan", "-0".
//
// The bounds between the notations are those of the fpconv library, which
// Redis prints doubles with since 7.2.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...)
	case math.Abs(f) < exactInts && f == math.Trunc(f):
		return strconv.AppendInt(dst, int64(f), 10)
	}

	var text [32]byte
	scientific := strconv.AppendFloat(text[:0], f, 'e', -1, 64)
	digits, exponent := split(scientific)
	last := exponent - digits + 1 // the power of ten of the last digit
	plain := last > -7 || abs(exponent) < 4
	if last >= 0 {
		plain = abs(exponent) < digits+7
	}
	if plain {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return append(dst, trimExponent(scientific)...)
}

// split counts the digits of a number such as "-1.25e-07" and reads its
// exponent.
func split(scientific []byte) (digits, exponent int) {
	for i, c := range scientific {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == 'e':
			exponent, _ = strconv.Atoi(string(scientific[i+1:]))
			return digits, exponent
		}
	}
	return digits, 0
}

// trimExponent turns the two-digit exponent of strconv ("1e-07") into "1e-7".
func trimExponent(b []byte) []byte {
	if n := len(b); b[n-2] == '0' && (b[n-3] == '-' || b[n-3] == '+') {
		b[n-2] = b[n-1]
		return b[:n-1]
	}
	return b
}

func abs(n int) int { return max(n, -n) }
