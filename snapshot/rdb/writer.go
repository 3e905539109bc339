package rdb

import (
	"encoding/binary"
	"math"
	"strconv"
	"sync"
)

// Strings of up to maxNumberLen bytes are tried as numbers, and longer ones than
// minCompress are compressed.
const (
	maxNumberLen  = 11
	minCompress   = 20
	maxCompress   = 1 << 30
	listNodeBytes = 8192 // of a list's listpack
)

// writer appends the parts of a payload to dst.
type writer struct {
	dst  []byte
	lzf  *compressor // made when it is first needed
	pack pack
}

// compressors are those that no writer uses: one is too large to be made for each
// payload.
var compressors = sync.Pool{New: func() any { return &compressor{} }}

// free gives back what the writer has borrowed.
func (w *writer) free() {
	if w.lzf != nil {
		compressors.Put(w.lzf)
		w.lzf = nil
	}
}

func (w *writer) byte(b byte) { w.dst = append(w.dst, b) }

func (w *writer) raw(b []byte) { w.dst = append(w.dst, b...) }

// fixed appends a number in eight bytes, the lowest first.
func (w *writer) fixed(n uint64) { w.dst = binary.LittleEndian.AppendUint64(w.dst, n) }

// length appends a length in as few bytes as it takes.
func (w *writer) length(n uint64) {
	switch {
	case n < 1<<6:
		w.byte(byte(n))
	case n < 1<<14:
		w.dst = append(w.dst, len14<<6|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		w.dst = binary.BigEndian.AppendUint32(append(w.dst, len32), uint32(n))
	default:
		w.dst = binary.BigEndian.AppendUint64(append(w.dst, len64), n)
	}
}

// string appends a string: as a number if it is one of up to 32 bits, compressed
// if that makes it shorter, or as it is.
func (w *writer) string(s []byte) {
	if len(s) <= maxNumberLen {
		if n, ok := parseInt(s); ok && w.number(n) {
			return
		}
	}
	if len(s) > minCompress && len(s) < maxCompress && w.compressed(s) {
		return
	}
	w.length(uint64(len(s)))
	w.raw(s)
}

// number appends a string that is a number, if it has up to 32 bits.
func (w *writer) number(n int64) bool {
	switch {
	case n == int64(int8(n)):
		w.dst = append(w.dst, encInt8, byte(n))
	case n == int64(int16(n)):
		w.dst = binary.LittleEndian.AppendUint16(append(w.dst, encInt16), uint16(n))
	case n == int64(int32(n)):
		w.dst = binary.LittleEndian.AppendUint32(append(w.dst, encInt32), uint32(n))
	default:
		return false
	}
	return true
}

func (w *writer) compressed(s []byte) bool {
	if w.lzf == nil {
		w.lzf = compressors.Get().(*compressor)
	}
	// Its length comes first and is not known yet: the longest is left free.
	start := len(w.dst)
	const room = 1 + 2*5
	var head writer
	dst, ok := w.lzf.compress(append(w.dst, make([]byte, room)...), s)
	if !ok {
		w.dst = dst[:start]
		return false
	}
	head.dst = append(make([]byte, 0, room), encLZF)
	head.length(uint64(len(dst) - start - room))
	head.length(uint64(len(s)))
	copy(dst[start:], head.dst)
	n := copy(dst[start+len(head.dst):], dst[start+room:])
	w.dst = dst[:start+len(head.dst)+n]
	return true
}

// packed appends the listpack at hand.
func (w *writer) packed() { w.string(w.pack.bytes()) }

// appendScore appends the text of a score as redis-server spells it in a
// listpack: an integer of up to 62 bits as such.
func appendScore(dst []byte, score float64) []byte {
	const largest = 1 << 62
	switch {
	case math.IsInf(score, 1):
		return append(dst, "inf"...)
	case math.IsInf(score, -1):
		return append(dst, "-inf"...)
	case score == 0 && math.Signbit(score):
		return append(dst, "-0"...)
	case score >= -largest && score <= largest && score == math.Trunc(score):
		return strconv.AppendInt(dst, int64(score), 10)
	}
	return strconv.AppendFloat(dst, score, 'g', 17, 64)
}
