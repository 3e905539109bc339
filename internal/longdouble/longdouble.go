// Package longdouble counts in the long double of x86, as INCRBYFLOAT and
// HINCRBYFLOAT of redis-server do: the 80-bit format of the 8087 with a mantissa
// of 64 bits, emulated so that the same steps give the same digits.
//
// Invariant: a number that Parse or Add returns is one that the format has.
package longdouble

import (
	"bytes"
	"math/big"

	"kvd/internal/rediserr"
)

const (
	mantissaBits = 64
	// maxExponent: 0.5 * 2^maxExponent is in range, twice that is infinite.
	maxExponent = 16384
	// minExponent is that of the smallest number, 0.5 * 2^minExponent, which is
	// denormal. What is not above its half becomes 0.
	minExponent = -16444
	// fraction is the number of digits after the point that are shown, of which
	// zeros at the end are left out.
	fraction = 17

	// maxNumber is the length of the longest number that is read, in bytes.
	maxNumber = 5<<10 - 1
	// maxDecimal is beyond the decimal exponent of every number in range, even
	// when maxNumber digits stand before or behind the point.
	maxDecimal = 16 << 10
)

// Add returns the sum of two numbers; the error is rediserr.NaNOrInf.
func Add(x, y *big.Float) (*big.Float, error) {
	if x.IsInf() || y.IsInf() {
		return nil, rediserr.NaNOrInf
	}
	sum := zero().Add(x, y)
	if sum.MantExp(nil) > maxExponent {
		return nil, rediserr.NaNOrInf
	}
	return sum, nil
}

func zero() *big.Float { return new(big.Float).SetPrec(mantissaBits) }

// Format writes a number without an exponent and without zeros at its end.
func Format(f *big.Float) []byte {
	text := f.Append(nil, 'f', fraction)
	text = bytes.TrimRight(text, "0")
	text = bytes.TrimSuffix(text, []byte("."))
	if string(text) == "-0" {
		return text[1:]
	}
	return text
}

// Parse reads a number as strtold of C does, which takes a plus sign, hexadecimal
// digits and infinity, but nothing before or behind the number, no "nan", and
// nothing that overflows or vanishes. The error is rediserr.NotFloat.
func Parse(b []byte) (*big.Float, error) {
	if len(b) > maxNumber {
		return nil, rediserr.NotFloat
	}
	sign, digits := cutSign(b)
	var f *big.Float
	switch {
	case bytes.EqualFold(digits, []byte("inf")), bytes.EqualFold(digits, []byte("infinity")):
		return zero().SetInf(sign < 0), nil
	case len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x':
		f = parseHexadecimal(digits[2:])
	default:
		f = parseDecimal(digits)
	}
	if f == nil {
		return nil, rediserr.NotFloat
	}
	if sign < 0 {
		f.Neg(f)
	}
	return f, nil
}

func cutSign(b []byte) (sign int, rest []byte) {
	switch {
	case len(b) > 0 && b[0] == '-':
		return -1, b[1:]
	case len(b) > 0 && b[0] == '+':
		return 1, b[1:]
	}
	return 1, b
}

// parseDecimal reads digits with a point and an exponent; nil means that they
// are no number, or none in range.
func parseDecimal(b []byte) *big.Float {
	n, ok := cutNumber(b, 10, 'e')
	if !ok {
		return nil
	}
	digits := new(big.Int)
	if _, ok := digits.SetString(n.digits, 10); !ok {
		return nil
	}
	if digits.Sign() == 0 {
		return zero()
	}
	if n.exponent > maxDecimal || n.exponent < -maxDecimal {
		return nil
	}
	// The quotient of two whole numbers is rounded once, so it is exact.
	whole, power := digits, big.NewInt(1)
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(n.exponent, -n.exponent)), nil)
	if n.exponent >= 0 {
		whole = ten.Mul(ten, digits)
	} else {
		power = ten
	}
	return inRange(zero().Quo(new(big.Float).SetInt(whole), new(big.Float).SetInt(power)))
}

// parseHexadecimal reads what follows 0x: the exponent is one of two.
func parseHexadecimal(b []byte) *big.Float {
	n, ok := cutNumber(b, 16, 'p')
	if !ok {
		return nil
	}
	digits, ok := new(big.Int).SetString(n.digits, 16)
	if !ok {
		return nil
	}
	if digits.Sign() == 0 {
		return zero()
	}
	const maxBinary = 8 * maxDecimal
	if n.exponent > maxBinary || n.exponent < -maxBinary {
		return nil
	}
	f := zero().SetInt(digits)
	return inRange(f.SetMantExp(f, int(n.exponent)))
}

// inRange returns f unless it has to become infinite or zero; then it is nil.
func inRange(f *big.Float) *big.Float {
	mantissa := new(big.Float)
	exponent := f.MantExp(mantissa)
	isPower := mantissa.MinPrec() == 1
	if exponent > maxExponent || exponent < minExponent-1 || exponent == minExponent-1 && isPower {
		return nil
	}
	return f
}

// written is a number as it is written: its digits, without the point, times
// its base to the exponent.
type written struct {
	digits   string
	exponent int64
}

// cutNumber takes a number apart. mark begins the exponent, which counts powers
// of two in base 16.
func cutNumber(b []byte, base int, mark byte) (n written, ok bool) {
	mantissa, rest := b, []byte(nil)
	for i, c := range b {
		if c|0x20 == mark {
			mantissa, rest = b[:i], b[i+1:]
			if n.exponent, ok = cutExponent(rest); !ok {
				return n, false
			}
			break
		}
	}
	whole, part, _ := bytes.Cut(mantissa, []byte{'.'})
	digits := append(append(make([]byte, 0, len(mantissa)), whole...), part...)
	for _, c := range digits {
		if !isDigit(c, base) {
			return n, false
		}
	}
	shift := int64(len(part))
	if base == 16 {
		shift *= 4
	}
	n.exponent -= shift
	n.digits = string(digits)
	return n, len(digits) > 0
}

// cutExponent reads an exponent; one that is far out of range stays so.
func cutExponent(b []byte) (int64, bool) {
	const far = 1 << 40
	sign, digits := cutSign(b)
	var n int64
	for _, c := range digits {
		if !isDigit(c, 10) {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), far)
	}
	return int64(sign) * n, len(digits) > 0
}

func isDigit(c byte, base int) bool {
	return c >= '0' && c <= '9' || base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f'
}
