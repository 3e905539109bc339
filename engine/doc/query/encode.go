package query

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"kvd/engine/doc"
)

// The first byte of an encoded value is its type, in the order in which values
// of different types stand. No encoding is the beginning of another, so several
// can follow each other, and a text after them.
const (
	tagMissing byte = iota + 1
	tagNull
	tagFalse
	tagTrue
	tagNumber
	tagString
	tagTime
	tagDecimal
	tagArray
	tagObject
	tagEnd // above all
)

// An encoded string is its bytes with endMark behind each zero byte to tell it
// from the end, which is a zero byte and one of these.
const (
	stringEnd   = 0x01 // of the whole string
	stringCut   = 0x02 // of a long one: the SHA-256 of all of it follows
	stringAfter = 0x03 // above all that begin so
	zeroInside  = 0xFF
)

// extent says how much of long values is encoded.
type extent uint8

const (
	// cut keeps entries of an index small: long strings and numbers are their
	// beginning and a hash, so they are equal only to themselves, but those that
	// begin alike have no order.
	cut extent = iota
	whole
)

// keptBytes and keptPairs are how much of a long string and of a long number
// stands before the hash: bytes, and pairs of digits.
const (
	keptBytes = 256
	keptPairs = 128
)

// appendValue adds the encoding of a value; no value is the missing one.
func appendValue(dst []byte, v doc.Value, t Type, e extent) []byte {
	switch v.Kind() {
	case doc.Absent:
		return append(dst, tagMissing)
	case doc.Null:
		return append(dst, tagNull)
	case doc.False:
		return append(dst, tagFalse)
	case doc.True:
		return append(dst, tagTrue)
	case doc.Number:
		return appendNumber(append(dst, tagNumber), v.Text(), e)
	case doc.String:
		return appendText(dst, v.Text(), t, e)
	case doc.Array:
		return appendContainer(append(dst, tagArray), v)
	}
	return appendContainer(append(dst, tagObject), v)
}

// appendText adds a string as what the type makes of it.
func appendText(dst, text []byte, t Type, e extent) []byte {
	if t == Times {
		if at, ok := parseTime(text); ok {
			dst = binary.BigEndian.AppendUint64(append(dst, tagTime), uint64(at.Unix())^1<<63)
			return binary.BigEndian.AppendUint32(dst, uint32(at.Nanosecond()))
		}
	}
	if t == Decimals && isDecimal(text) {
		return appendNumber(append(dst, tagDecimal), text, e)
	}
	return appendString(append(dst, tagString), text, e)
}

const timeSize = 8 + 4

// appendContainer adds the hash of an array or object.
func appendContainer(dst []byte, v doc.Value) []byte {
	sum := doc.Hash(v)
	return append(dst, sum[:]...)
}

func appendString(dst, text []byte, e extent) []byte {
	if e == whole || len(text) <= keptBytes {
		return append(appendEscaped(dst, text), 0, stringEnd)
	}
	sum := sha256.Sum256(text)
	return append(append(appendEscaped(dst, text[:keptBytes]), 0, stringCut), sum[:]...)
}

func appendEscaped(dst, text []byte) []byte {
	if bytes.IndexByte(text, 0) < 0 {
		return append(dst, text...)
	}
	for _, c := range text {
		dst = append(dst, c)
		if c == 0 {
			dst = append(dst, zeroInside)
		}
	}
	return dst
}

// skip returns the length of the encoded value that b begins with.
func skip(b string) int {
	switch b[0] {
	case tagNumber, tagDecimal:
		return 1 + skipNumber(b[1:])
	case tagString:
		return skipString(b)
	case tagTime:
		return 1 + timeSize
	case tagArray, tagObject:
		return 1 + sha256.Size
	}
	return 1
}

func skipString(b string) int {
	for i := 1; ; i++ {
		if b[i] != 0 {
			continue
		}
		switch i++; b[i] {
		case stringEnd:
			return i + 1
		case stringCut:
			return i + 1 + sha256.Size
		}
	}
}
