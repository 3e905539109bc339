package doc

import (
	"cmp"
	"crypto/sha256"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendCanonical adds the canonical JSON text of v to dst: RFC 8785, but
// integers keep all their digits where that rounds them to float64. Values that
// are Equal have one canonical text, except numbers with a fraction or an
// exponent that differ from another notation by less than a float64 shows.
func AppendCanonical(dst []byte, v Value) []byte {
	switch v.Kind() {
	case Number:
		return appendCanonicalNumber(dst, v.Text())
	case Array:
		return appendCanonicalArray(dst, v)
	case Object:
		return appendCanonicalObject(dst, v)
	}
	return appendScalar(dst, v)
}

// Hash returns the SHA-256 sum of the canonical text of v.
func Hash(v Value) [sha256.Size]byte {
	return sha256.Sum256(AppendCanonical(nil, v))
}

func appendCanonicalArray(dst []byte, v Value) []byte {
	dst = append(dst, '[')
	comma := false
	for it := v.Items(); it.Next(); comma = true {
		if comma {
			dst = append(dst, ',')
		}
		dst = AppendCanonical(dst, it.Value())
	}
	return append(dst, ']')
}

func appendCanonicalObject(dst []byte, v Value) []byte {
	dst = append(dst, '{')
	for i, m := range sortedMembers(v, compareUTF16) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, m.name), ':')
		dst = AppendCanonical(dst, m.value)
	}
	return append(dst, '}')
}

// compareUTF16 compares two names as sequences of UTF-16 code units.
func compareUTF16(a, b []byte) int {
	for len(a) > 0 && len(b) > 0 {
		x, n := utf8.DecodeRune(a)
		y, m := utf8.DecodeRune(b)
		if x != y {
			if (x > 0xffff) != (y > 0xffff) {
				x, y = leadingUnit(x), leadingUnit(y)
			}
			return cmp.Compare(x, y)
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingUnit(r rune) rune {
	if r > 0xffff {
		r, _ = utf16.EncodeRune(r)
	}
	return r
}

// appendCanonicalNumber writes a number as ECMAScript writes the float64 next to
// it, or with all its digits: an integer, and what is no float64.
func appendCanonicalNumber(dst, text []byte) []byte {
	if IsInteger(text) {
		if string(text) == "-0" {
			return append(dst, '0')
		}
		return append(dst, text...)
	}
	f := Float(text)
	d := parseDecimal(text)
	switch e := math.Abs(f); {
	case d.sign() == 0:
		return append(dst, '0')
	case math.IsInf(f, 0) || f == 0:
		return d.append(dst)
	case e >= 1e21 || e < 1e-6:
		var buf [32]byte
		exp := appendExponent(buf[:0], f)
		return append(dst, plusSigned(exp)...)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// plusSigned puts a plus before the exponent of a number that has no sign there.
func plusSigned(text []byte) []byte {
	for i, c := range text {
		if c == 'e' && text[i+1] != '-' {
			text = append(text, 0)
			copy(text[i+2:], text[i+1:])
			text[i+1] = '+'
			break
		}
	}
	return text
}

// append writes the digits as a fraction that begins after the point, and the
// exponent.
func (d decimal) append(dst []byte) []byte {
	if d.negative {
		dst = append(dst, '-')
	}
	dst = append(dst, '0', '.')
	for _, c := range d.text {
		if c != '.' {
			dst = append(dst, c)
		}
	}
	return strconv.AppendInt(append(dst, 'e'), d.exp, 10)
}
