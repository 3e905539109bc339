package doc

import (
	"bytes"
	"math"
	"strconv"
)

// ScanNumber returns the length of the number that b begins with, as RFC 8259
// writes it. If there is none it returns how far it came, negated.
func ScanNumber(b []byte) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i = digits(b, i); i == 0 || !isDigit(b[i-1]) {
		return -i
	}
	if i < len(b) && b[i] == '.' {
		from := i + 1
		if i = digits(b, from); i == from {
			return -i
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from := i
		if i = digits(b, from); i == from {
			return -i
		}
	}
	return i
}

// digits returns the first place from i on that is no digit.
func digits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

// IsNumber says whether text is a JSON number and nothing else.
func IsNumber(text []byte) bool {
	return len(text) > 0 && ScanNumber(text) == len(text)
}

// IsInteger says whether the text of a number has neither fraction nor exponent.
func IsInteger(text []byte) bool {
	return !bytes.ContainsAny(text, ".eE")
}

// Float returns the float64 that is next to the text of a number, infinite if
// it is out of range.
func Float(text []byte) float64 {
	f, _ := strconv.ParseFloat(string(text), 64) // the error is the range: f is infinite
	return f
}

// Int returns the integer that the text of a number is, and false for one with
// fraction or exponent or outside of int64.
func Int(text []byte) (int64, bool) {
	if !IsInteger(text) {
		return 0, false
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	return n, err == nil
}

// decimal is the exact value of a number: 0.d1d2d3… × 10^exp, where d1 is not
// 0. The digits are those of text, a point between them left out.
type decimal struct {
	negative bool
	text     []byte // from the first digit that counts to the last; empty is zero
	exp      int64
}

// maxExponent is the exponent beyond which all exponents are one. No document
// can hold the digits that would tell two numbers apart by so much.
const maxExponent = math.MaxInt64 / 4

// parseDecimal takes the text of a number apart.
func parseDecimal(text []byte) (d decimal) {
	if text[0] == '-' {
		d.negative, text = true, text[1:]
	}
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		d.exp = exponent(text[e+1:])
		text = text[:e]
	}
	point := bytes.IndexByte(text, '.')
	if point < 0 {
		point = len(text)
	}
	first := 0
	for first < len(text) && (text[first] == '0' || text[first] == '.') {
		first++
	}
	last := len(text)
	for last > first && (text[last-1] == '0' && last-1 > point || text[last-1] == '.') {
		last--
	}
	if last <= point { // without a fraction the zeros of the integer go too
		for last > first && text[last-1] == '0' {
			last--
		}
	}
	if first == last {
		return decimal{}
	}
	d.exp += int64(point - first)
	if first > point {
		d.exp++ // the point itself stands between
	}
	d.text = text[first:last]
	return d
}

// exponent reads what follows the e of a number.
func exponent(text []byte) int64 {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil && n < maxExponent && n > -maxExponent {
		return n
	}
	if text[0] == '-' {
		return -maxExponent
	}
	return maxExponent
}

// CompareNumbers compares the exact values of two numbers, given as text: -1 if
// a is less, 0 if they are equal, 1 if a is greater. 5, 5.0 and 50e-1 are equal.
func CompareNumbers(a, b []byte) int {
	if len(a) <= 18 && len(b) <= 18 {
		if x, ok := smallInt(a); ok {
			if y, ok := smallInt(b); ok {
				return compareInts(x, y)
			}
		}
	}
	x, y := parseDecimal(a), parseDecimal(b)
	if sx, sy := x.sign(), y.sign(); sx != sy || sx == 0 {
		return compareInts(int64(sx), int64(sy))
	}
	c := compareInts(x.exp, y.exp)
	if c == 0 {
		c = compareDigits(x.text, y.text)
	}
	if x.negative {
		return -c
	}
	return c
}

func (d decimal) sign() int {
	switch {
	case len(d.text) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareDigits compares two sequences of digits as fractions, without the
// points in them.
func compareDigits(a, b []byte) int {
	for i, j := 0, 0; ; i, j = i+1, j+1 {
		if i < len(a) && a[i] == '.' {
			i++
		}
		if j < len(b) && b[j] == '.' {
			j++
		}
		switch {
		case i >= len(a) && j >= len(b):
			return 0
		case i >= len(a):
			return -1
		case j >= len(b):
			return 1
		case a[i] != b[j]:
			return compareInts(int64(a[i]), int64(b[j]))
		}
	}
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// smallInt reads an integer of at most 17 digits.
func smallInt(text []byte) (n int64, ok bool) {
	digits := text
	if text[0] == '-' {
		digits = text[1:]
	}
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if text[0] == '-' {
		n = -n
	}
	return n, true
}
