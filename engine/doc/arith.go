package doc

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// Operator is an operation on two numbers.
type Operator byte

// The operations of Calculate.
const (
	Plus      Operator = '+'
	Minus     Operator = '-'
	Times     Operator = '*'
	Divide    Operator = '/'
	Remainder Operator = '%'
	Power     Operator = '^'
)

// MaxDigits is how many digits an integer may have to be calculated with, and
// the integer that is calculated.
const MaxDigits = 4096

// Calculate adds the text of a number to dst: what op makes of a and b, which
// are texts of numbers. Two integers are calculated exactly, whatever their
// size; a quotient, a power with a negative exponent, and all with a number
// that is no integer as float64, written in the shortest text that reads back
// equal, with a fraction so that it stays no integer. It fails with ErrOverflow
// if the result is not finite or has more than MaxDigits digits.
func Calculate(dst, a []byte, op Operator, b []byte) ([]byte, error) {
	if op != Divide && IsInteger(a) && IsInteger(b) {
		if len(a) > MaxDigits || len(b) > MaxDigits {
			return dst, ErrOverflow
		}
		if out, done := calculateInt(dst, a, op, b); done {
			return out, nil
		}
		if out, done := calculateBig(dst, a, op, b); done {
			return out, nil
		}
	}
	f := calculateFloat(Float(a), op, Float(b))
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return dst, ErrOverflow
	}
	return AppendFloat(dst, f), nil
}

// calculateInt calculates in int64, unless that overflows.
func calculateInt(dst, a []byte, op Operator, b []byte) (out []byte, done bool) {
	x, ok := Int(a)
	if !ok {
		return dst, false
	}
	y, ok := Int(b)
	if !ok {
		return dst, false
	}
	var n int64
	switch op {
	case Plus:
		n = x + y
		ok = (n > x) == (y > 0)
	case Minus:
		n = x - y
		ok = (n < x) == (y > 0)
	case Times:
		n, ok = multiply(x, y)
	case Remainder:
		if ok = y != 0 && y != -1; ok {
			n = x % y
		}
	default:
		ok = false
	}
	if !ok {
		return dst, false
	}
	return strconv.AppendInt(dst, n, 10), true
}

func multiply(x, y int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	return x * y, true
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// calculateBig calculates exactly. It leaves alone what has no exact result or
// one with too many digits.
func calculateBig(dst, a []byte, op Operator, b []byte) (out []byte, done bool) {
	var x, y big.Int
	x.SetString(string(a), 10)
	y.SetString(string(b), 10)
	switch op {
	case Plus:
		x.Add(&x, &y)
	case Minus:
		x.Sub(&x, &y)
	case Times:
		x.Mul(&x, &y)
	case Remainder:
		if y.Sign() == 0 {
			return dst, false
		}
		x.Rem(&x, &y)
	case Power:
		if !powerFits(&x, &y) {
			return dst, false
		}
		x.Exp(&x, &y, nil)
	}
	out = x.Append(dst, 10)
	return out, len(out)-len(dst) <= MaxDigits+1
}

// powerFits says whether x to the y is an integer of about MaxDigits digits at
// most.
func powerFits(x, y *big.Int) bool {
	const bitsPerDigit = 4
	if y.Sign() < 0 {
		return false
	}
	if x.BitLen() <= 1 { // 0, 1 and -1 stay what they are
		if y.BitLen() > 1 {
			y.SetInt64(2 + int64(y.Bit(0)))
		}
		return true
	}
	return y.IsInt64() && y.Int64() <= int64(MaxDigits*bitsPerDigit/x.BitLen())
}

func calculateFloat(x float64, op Operator, y float64) float64 {
	switch op {
	case Plus:
		return x + y
	case Minus:
		return x - y
	case Times:
		return x * y
	case Divide:
		return x / y
	case Remainder:
		return math.Mod(x, y)
	}
	return math.Pow(x, y)
}

// AppendFloat adds the shortest text that reads back as f, which is finite. It
// always has a fraction or an exponent: 4 is written 4.0.
func AppendFloat(dst []byte, f float64) []byte {
	if e := math.Abs(f); e != 0 && (e < 1e-5 || e >= 1e16) {
		return appendExponent(dst, f)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if IsInteger(dst[from:]) {
		dst = append(dst, '.', '0')
	}
	return dst
}

// appendExponent adds f as digits and exponent, without a plus sign and without
// zeros before the exponent: 1e16, 1.5e-7.
func appendExponent(dst []byte, f float64) []byte {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	for i, c := range text {
		if c != 'e' {
			continue
		}
		dst = append(dst, text[:i+1]...)
		exp, _ := strconv.Atoi(string(text[i+1:]))
		return strconv.AppendInt(dst, int64(exp), 10)
	}
	return append(dst, text...)
}
