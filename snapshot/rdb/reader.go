package rdb

import (
	"encoding/binary"
	"math"
	"strconv"
)

// minExpanded is what the compressed strings of any payload may become
// together, in bytes; those of a large one may become ratioExpanded times its
// size.
const (
	minExpanded   = 512 << 20
	ratioExpanded = 16
)

// maxString is the longest string that a compressed one may become, in bytes, as
// the limit of redis-server is by default.
const maxString = 512 << 20

// growth bounds the elements for which room is made before they are there.
const growth = 1 << 12

// The two upper bits of a length, and what the others are of a special one.
const (
	len6       = 0
	len14      = 1
	len32      = 0x80
	len64      = 0x81
	encInt8    = 0xC0
	encInt16   = 0xC1
	encInt32   = 0xC2
	encLZF     = 0xC3
	specialLen = 3
)

// reader takes the parts of a payload off the front of src. After the first that
// makes no sense bad is set and all others are zero.
type reader struct {
	src      []byte
	in       *input // where src comes from; nil: it is the whole payload
	valkey   bool   // the file is Valkey's, where a type means another thing
	bad      bool
	short    bool   // it was because the end came too early
	foreign  error  // it was because of a module: a ModuleError
	expanded int    // bytes that compressed strings may still become
	digits   []byte // room for the texts of integers
}

func newReader(body []byte) *reader {
	return &reader{src: body, expanded: max(minExpanded, ratioExpanded*len(body))}
}

func (r *reader) fail() { r.bad, r.src = true, nil }

func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.src)) && !r.more(n) {
		r.fail()
		return nil
	}
	b := r.src[:n:n]
	r.src = r.src[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// fixed returns eight bytes as a number, the lowest first.
func (r *reader) fixed() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// length reads a length, or, if special is set, the byte that says how a string
// is spelt.
func (r *reader) length() (n uint64, special byte) {
	head := r.byte()
	switch {
	case head>>6 == len6:
		return uint64(head), 0
	case head>>6 == len14:
		return uint64(head&0x3f)<<8 | uint64(r.byte()), 0
	case head == len32:
		if b := r.take(4); b != nil {
			return uint64(binary.BigEndian.Uint32(b)), 0
		}
	case head == len64:
		if b := r.take(8); b != nil {
			return binary.BigEndian.Uint64(b), 0
		}
	case head>>6 == specialLen:
		return 0, head
	default:
		r.fail()
	}
	return 0, 0
}

// number reads a length that is a plain number.
func (r *reader) number() uint64 {
	n, special := r.length()
	if special != 0 {
		r.fail()
		return 0
	}
	return n
}

// count reads the number of things to come, each of which takes at least a
// byte; there is at least one.
func (r *reader) count() int {
	n := r.number()
	if n == 0 || !r.mayHold(n) {
		r.fail()
		return 0
	}
	return int(n)
}

// string reads a string. It is part of the payload unless it was compressed or
// spelt as a number.
func (r *reader) string() []byte {
	n, special := r.length()
	switch special {
	case 0:
		return r.take(n)
	case encInt8:
		return r.text(int64(int8(r.byte())))
	case encInt16:
		if b := r.take(2); b != nil {
			return r.text(int64(int16(binary.LittleEndian.Uint16(b))))
		}
	case encInt32:
		if b := r.take(4); b != nil {
			return r.text(int64(int32(binary.LittleEndian.Uint32(b))))
		}
	case encLZF:
		return r.compressed()
	default:
		r.fail()
	}
	return nil
}

func (r *reader) compressed() []byte {
	packed, size := r.number(), r.number()
	src := r.take(packed)
	if r.bad || size == 0 || size > packed*lzfRatio || size > maxString || size > uint64(r.expanded) {
		r.fail()
		return nil
	}
	dst := make([]byte, size)
	if !decompress(dst, src) {
		r.fail()
		return nil
	}
	r.expanded -= len(dst)
	return dst
}

// text returns an integer as a string.
func (r *reader) text(n int64) []byte {
	const room, longest = 4096, 20
	if cap(r.digits)-len(r.digits) < longest {
		r.digits = make([]byte, 0, room)
	}
	start := len(r.digits)
	r.digits = strconv.AppendInt(r.digits, n, 10)
	return r.digits[start:len(r.digits):len(r.digits)]
}

// list reads n strings.
func (r *reader) list(n int) [][]byte {
	list := make([][]byte, 0, min(n, growth))
	for range n {
		list = append(list, r.string())
		if r.bad {
			return nil
		}
	}
	return list
}

// oldScore reads a score as it was spelt before there were binary ones.
func (r *reader) oldScore() float64 {
	switch n := r.byte(); n {
	case 253:
		r.fail()
		return 0
	case 254:
		return math.Inf(1)
	case 255:
		return math.Inf(-1)
	default:
		return r.parseScore(r.take(uint64(n)))
	}
}

func (r *reader) binaryScore() float64 {
	score := math.Float64frombits(r.fixed())
	if math.IsNaN(score) {
		r.fail()
	}
	return score
}

// parseScore reads the text of a score. Only one that has a value is one.
func (r *reader) parseScore(text []byte) float64 {
	const longest = 128
	if len(text) == 0 || len(text) >= longest {
		r.fail()
		return 0
	}
	score, err := strconv.ParseFloat(string(text), 64)
	if math.IsNaN(score) || err != nil && !math.IsInf(score, 0) {
		r.fail()
	}
	return score
}
