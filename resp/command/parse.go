package command

import (
	"errors"
	"math"
	"strconv"
	"time"

	"kvd/internal/rediserr"
)

// ParseInt reads a decimal integer as strictly as redis-server does: no plus
// sign, no leading zeros, no spaces, no "-0", nothing beyond 64 bits. The error
// is rediserr.NotInteger.
func ParseInt(b []byte) (int64, error) {
	digits, negative := b, false
	if len(digits) > 1 && digits[0] == '-' {
		digits, negative = digits[1:], true
	}
	n, ok := parseDigits(digits)
	switch {
	case !ok || negative && n == 0:
	case negative && n <= -math.MinInt64:
		return -int64(n), nil
	case !negative && n <= math.MaxInt64:
		return int64(n), nil
	}
	return 0, rediserr.NotInteger
}

// ParseUint is ParseInt for numbers from 0 to 2^64-1.
func ParseUint(b []byte) (uint64, error) {
	n, ok := parseDigits(b)
	if !ok {
		return 0, rediserr.NotInteger
	}
	return n, nil
}

// parseDigits reads digits without a leading zero.
func parseDigits(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 20 || (b[0] == '0' && len(b) > 1) {
		return 0, false
	}
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-d {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// ParseFloat reads a floating-point number as strtod does in redis-server:
// decimal or hexadecimal, "inf" and "infinity" in any case, but neither spaces
// nor "nan", and nothing that overflows or vanishes. The error is
// rediserr.NotFloat.
func ParseFloat(b []byte) (float64, error) {
	if n, err := ParseInt(b); err == nil && n > -1<<53 && n < 1<<53 {
		return float64(n), nil
	}
	hex, underscore, exponent := false, false, false
	for _, c := range b {
		switch c {
		case '_':
			underscore = true
		case 'x', 'X':
			hex = true
		case 'p', 'P':
			exponent = true
		}
	}
	if underscore {
		return 0, rediserr.NotFloat
	}
	text := string(b)
	if hex && !exponent {
		text += "p0" // Go wants the exponent that C may leave out
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) {
		return 0, rediserr.NotFloat
	}
	if f == 0 && hasNonzeroDigit(b, hex) {
		return 0, rediserr.NotFloat
	}
	return f, nil
}

// hasNonzeroDigit reports whether the digits before the exponent hold one that
// is not zero, so that a result of zero is an underflow.
func hasNonzeroDigit(b []byte, hex bool) bool {
	for _, c := range b {
		c = lower(c)
		switch {
		case c == 'p' || c == 'e' && !hex:
			return false
		case c >= '1' && c <= '9', hex && c >= 'a' && c <= 'f':
			return true
		}
	}
	return false
}

// ParseCursor reads the cursor of a SCAN as strtoul does in redis-server, which
// takes signs and leading zeros, and nothing for 0. The error is
// rediserr.InvalidCursor.
func ParseCursor(b []byte) (uint64, error) {
	digits, negative := b, false
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		digits, negative = digits[1:], digits[0] == '-'
		if len(digits) == 0 {
			return 0, rediserr.InvalidCursor
		}
	}
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	n, ok := parseDigits(digits)
	if !ok && len(digits) > 0 {
		return 0, rediserr.InvalidCursor
	}
	if negative {
		n = -n
	}
	return n, nil
}

// ParseTimeout reads the seconds that a blocking command waits, with a
// fraction, rounded up to milliseconds so that a short wait never becomes 0,
// which means for ever. The errors are rediserr.BadTimeout and, also for a
// number of milliseconds beyond 64 bits, rediserr.NegativeTimeout.
func ParseTimeout(b []byte) (time.Duration, error) {
	seconds, err := parseWide(b)
	if err != nil {
		return 0, rediserr.BadTimeout
	}
	ms := math.Ceil(seconds * 1000)
	if ms < 0 || ms >= 1<<63 {
		return 0, rediserr.NegativeTimeout
	}
	if ms > float64(math.MaxInt64/time.Millisecond) {
		return math.MaxInt64, nil
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// parseWide is ParseFloat for numbers that redis-server reads with more than
// 64 bits: what a float64 cannot hold is infinite, or the least there is,
// instead of an error.
func parseWide(b []byte) (float64, error) {
	f, err := ParseFloat(b)
	if err == nil {
		return f, nil
	}
	f, parseErr := strconv.ParseFloat(string(b), 64)
	switch {
	case errors.Is(parseErr, strconv.ErrRange):
		return f, nil
	case parseErr == nil && f == 0:
		return math.SmallestNonzeroFloat64, nil
	}
	return 0, err
}

// lower turns an ASCII capital letter into a small one.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
