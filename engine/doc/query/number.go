package query

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"
)

// An encoded number is its sign and exponent, its digits in pairs, and an end.
// The digits are those of 0.d1d2d3… × 10^exponent without zeros at either end,
// so that each number has one encoding, exact whatever its size.
// A negative one is all bytes of the positive one inverted.
const (
	zeroNumber = 0x80
	// Exponents near zero are one byte, others eight more.
	exponentZero = 0xC0
	exponentLow  = 0x81
	exponentHigh = 0xF8
	leastShort   = exponentLow + 1 - exponentZero
	mostShort    = exponentHigh - 1 - exponentZero

	pairBase  = 2 // of the pair 00
	numberEnd = 0x00
	numberCut = 0x01 // the SHA-256 of the whole encoding follows
)

// maxExponent is the exponent beyond which all exponents are one, as in
// package doc.
const maxExponent = math.MaxInt64 / 4

// appendNumber adds the encoding of a decimal number.
func appendNumber(dst, text []byte, e extent) []byte {
	negative := text[0] == '-'
	digits, exp := significant(afterSign(text))
	if len(digits) == 0 {
		return append(dst, zeroNumber)
	}
	from := len(dst)
	dst = appendExponent(dst, exp)
	dst = appendPairs(dst, digits, e)
	if negative {
		for i := from; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// significant returns the digits of a number without sign from the first that
// is not 0 to the last, with the point if it is among them, and the exponent of
// 0.d1d2d3….
func significant(text []byte) (digits []byte, exp int64) {
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		exp = parseExponent(text[i+1:])
		text = text[:i]
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
	for last > first && (text[last-1] == '0' || text[last-1] == '.') {
		last--
	}
	exp += int64(point - first)
	if first > point {
		exp++ // the point itself stands between
	}
	return text[first:last], exp
}

func parseExponent(text []byte) int64 {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil && n < maxExponent && n > -maxExponent {
		return n
	}
	if text[0] == '-' {
		return -maxExponent
	}
	return maxExponent
}

func appendExponent(dst []byte, exp int64) []byte {
	switch {
	case exp < leastShort:
		return binary.BigEndian.AppendUint64(append(dst, exponentLow), uint64(exp)^1<<63)
	case exp > mostShort:
		return binary.BigEndian.AppendUint64(append(dst, exponentHigh), uint64(exp)^1<<63)
	}
	return append(dst, byte(exponentZero+exp))
}

// appendPairs adds digits, two in a byte, and the end.
func appendPairs(dst, digits []byte, e extent) []byte {
	from := len(dst)
	half, first := false, byte(0)
	for _, c := range digits {
		switch {
		case c == '.':
			continue
		case half:
			dst = append(dst, pairBase+first*10+c-'0')
		default:
			first = c - '0'
		}
		half = !half
	}
	if half {
		dst = append(dst, pairBase+first*10)
	}
	if e == whole || len(dst)-from <= keptPairs {
		return append(dst, numberEnd)
	}
	sum := sha256.Sum256(dst[from:])
	return append(append(dst[:from+keptPairs], numberCut), sum[:]...)
}

// skipNumber returns the length of the encoded number that b begins with.
func skipNumber(b string) int {
	if b[0] == zeroNumber {
		return 1
	}
	invert := byte(0)
	if b[0] < zeroNumber {
		invert = 0xFF
	}
	i := 1
	if head := b[0] ^ invert; head == exponentLow || head == exponentHigh {
		i += 8
	}
	for ; ; i++ {
		switch b[i] ^ invert {
		case numberEnd:
			return i + 1
		case numberCut:
			return i + 1 + sha256.Size
		}
	}
}
