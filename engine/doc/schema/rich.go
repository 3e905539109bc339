package schema

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"strconv"

	"kvd/engine/doc"
)

// richFormat returns a format of kvd's own: those say what strings and numbers
// mean that JSON has no type for.
//
//	decimal  a string with a number, compared and summed exactly
//	bytes    a string in base64; x-kvd-maxBytes limits what it stands for
//	int64, uint64, bigint  an integer, as a number or, for languages whose numbers
//	         are floats, as a string
//	set      an array whose elements differ, and whose order does not matter
func richFormat(name string) *format {
	switch name {
	case "decimal":
		return &format{name, typeString, func(_ *checker, _ *node, v doc.Value) bool { return isDecimal(v.Text()) }}
	case "bytes":
		return &format{name, typeString, validBytes}
	case "int64", "uint64", "bigint":
		fits := integerRange(name)
		return &format{name, typeString | typeNumber, func(_ *checker, _ *node, v doc.Value) bool { return fits(v) }}
	case "set":
		return &format{name, typeArray, func(c *checker, _ *node, v doc.Value) bool {
			_, j := equalElements(v)
			return c.spend(len(v)/16) && j < 0
		}}
	}
	return nil
}

// maxExponent is how far the exponent of a decimal may go: as in IEEE 754's
// decimal128.
const maxExponent = 6144

// isDecimal says whether text is a decimal number.
func isDecimal(text []byte) bool {
	if len(text) > doc.MaxDigits || !doc.IsNumber(text) {
		return false
	}
	_, exp, ok := split(text)
	return ok && exp <= maxExponent && exp >= -maxExponent
}

// validBytes says whether v is base64 (RFC 4648, 4) of not too many bytes.
func validBytes(_ *checker, n *node, v doc.Value) bool {
	text := v.Text()
	if len(text)%4 != 0 || bytes.ContainsAny(text, "\r\n") {
		return false
	}
	size := len(text) / 4 * 3
	for i := len(text); i > 0 && i > len(text)-2 && text[i-1] == '='; i-- {
		size--
	}
	if n.maxBytes >= 0 && size > n.maxBytes {
		return false
	}
	_, err := base64.StdEncoding.Strict().Decode(make([]byte, len(text)/4*3), text)
	return err == nil
}

// integerRange returns the check for a kind of integers.
func integerRange(name string) func(v doc.Value) bool {
	return func(v doc.Value) bool {
		text := v.Text()
		if v.Kind() == doc.String && (!doc.IsNumber(text) || !doc.IsInteger(text)) {
			return false
		}
		if name == "bigint" {
			return len(text) <= doc.MaxDigits && integral(text)
		}
		digits, ok := plainInteger(text)
		if !ok {
			return false
		}
		var err error
		if name == "int64" {
			_, err = strconv.ParseInt(digits, 10, 64)
		} else {
			_, err = strconv.ParseUint(digits, 10, 64)
		}
		return err == nil
	}
}

// plainInteger writes an integer without point and exponent, if it is one of at
// most 20 digits.
func plainInteger(text []byte) (string, bool) {
	if doc.IsInteger(text) {
		if string(text) == "-0" {
			return "0", true
		}
		return string(text), true
	}
	digits, exp, ok := split(text)
	if !ok || len(digits) > doc.MaxDigits || exp > 20 || exp < -doc.MaxDigits || !integral(text) {
		return "", false
	}
	n := integer(digits)
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(exp, -exp)), nil)
	if exp >= 0 {
		n.Mul(n, power)
	} else {
		n.Quo(n, power)
	}
	if text[0] == '-' {
		n.Neg(n)
	}
	return n.String(), true
}
