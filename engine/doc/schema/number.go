package schema

import (
	"bytes"
	"math/big"
	"strconv"

	"kvd/engine/doc"
)

// split takes the text of a number apart: its digits without sign and point, and
// the power of ten that they count. It is false for an exponent beyond all sense.
func split(text []byte) (digits []byte, exp int64, ok bool) {
	text = bytes.TrimPrefix(text, []byte("-"))
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		n, err := strconv.ParseInt(string(text[e+1:]), 10, 40)
		if err != nil {
			return nil, 0, false
		}
		exp, text = n, text[:e]
	}
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		exp -= int64(len(text) - point - 1)
		text = append(append(make([]byte, 0, len(text)), text[:point]...), text[point+1:]...)
	}
	return text, exp, true
}

// integral says whether a number has no fraction: 5, 5.0 and 50e-1 have none.
func integral(text []byte) bool {
	if doc.IsInteger(text) {
		return true
	}
	digits, exp, ok := split(text)
	if !ok {
		return !bytes.Contains(text, []byte("e-")) && !bytes.Contains(text, []byte("E-")) || isZero(text)
	}
	trimmed := bytes.TrimRight(digits, "0")
	return len(trimmed) == 0 || exp+int64(len(digits)-len(trimmed)) >= 0
}

func isZero(text []byte) bool {
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		text = text[:e]
	}
	return !bytes.ContainsAny(text, "123456789")
}

// multipleOf says whether a number is a whole multiple of another one, which is
// above zero, exactly. Numbers of more than doc.MaxDigits digits are not.
func multipleOf(text, of []byte) bool {
	a, expA, okA := split(text)
	b, expB, okB := split(of)
	switch {
	case isZero(text):
		return true
	case !okA || !okB || len(a) > doc.MaxDigits:
		return false
	}
	x, y := integer(a), integer(b)
	if d := expA - expB; d >= 0 { // x·10^d divisible by y
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(d), y)
		return power.Mul(power, x).Mod(power, y).Sign() == 0
	}
	d := expB - expA // x divisible by y·10^d
	if d > int64(len(a)) {
		return false
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(d), nil)
	return x.Mod(x, power.Mul(power, y)).Sign() == 0
}

func integer(digits []byte) *big.Int {
	n, _ := new(big.Int).SetString(string(digits), 10) // nothing but digits
	return n
}

// checkNumber applies what a schema says of numbers.
func (c *checker) checkNumber(n *node, v doc.Value) bool {
	r, text := n.number, v.Text()
	ok := true
	bound := func(keyword string, limit []byte, holds func(int) bool) {
		if limit != nil && !holds(doc.CompareNumbers(text, limit)) {
			ok = c.fault(n, keyword, "got ", shown(text), ", want ", limitWord(keyword), string(limit)) && ok
		}
	}
	bound("minimum", r.minimum, func(d int) bool { return d >= 0 })
	bound("maximum", r.maximum, func(d int) bool { return d <= 0 })
	bound("exclusiveMinimum", r.above, func(d int) bool { return d > 0 })
	bound("exclusiveMaximum", r.below, func(d int) bool { return d < 0 })
	if r.multiple != nil && !multipleOf(text, r.multiple) {
		ok = c.fault(n, "multipleOf", shown(text), " is not a multiple of ", string(r.multiple))
	}
	return ok
}

// limitWord is what a message says before a bound.
func limitWord(keyword string) string {
	switch keyword {
	case "minimum":
		return "at least "
	case "maximum":
		return "at most "
	case "exclusiveMinimum":
		return "more than "
	}
	return "less than "
}
