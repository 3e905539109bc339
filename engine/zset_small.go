package engine

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"kvd/engine/ds/zset"
	"kvd/engine/packed"
)

// smallZSet is a sorted set in its entry's cell, or no bytes at all if there is
// none:
//
//	0  count  uint16
//	2         for each member, in order: its score, and itself, packed
//
// A score that is a whole number has one byte below 160, two below 16,544 and
// three below 1,523,872, the highest first; others begin with a byte that says
// how to read those behind it: 247 for 8 bytes of a float64, 247+n for n bytes of
// a whole number as a zigzag code. What is not said otherwise is little-endian.
type smallZSet []byte

const (
	zsetHeader = 2

	// The least first bytes of scores of two and of three bytes, and the least
	// scores that have as many.
	twoBytes   = 160
	threeBytes = 224
	floatScore = 247

	twoFrom   = twoBytes
	threeFrom = twoFrom + (threeBytes-twoBytes)<<8
	moreFrom  = threeFrom + (floatScore-threeBytes)<<16
	// wholeScores bounds the scores that are spelt as whole numbers.
	wholeScores = 1 << 53
)

func (b smallZSet) len() int {
	if len(b) == 0 {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b))
}

func (b smallZSet) setLen(n int) { binary.LittleEndian.PutUint16(b, uint16(n)) }

// read returns the member at an offset, and the offset of the next one.
func (b smallZSet) read(at int) (score float64, member []byte, next int) {
	score, at = b.readScore(at)
	member, next = packed.Read(b, at)
	return score, member, next
}

func (b smallZSet) readScore(at int) (score float64, next int) {
	form := int(b[at])
	at++
	switch {
	case form < twoBytes:
		return float64(form), at
	case form < threeBytes:
		return float64(twoFrom + (form-twoBytes)<<8 + int(b[at])), at + 1
	case form < floatScore:
		return float64(threeFrom + (form-threeBytes)<<16 + int(b[at])<<8 + int(b[at+1])), at + 2
	case form == floatScore:
		return math.Float64frombits(binary.LittleEndian.Uint64(b[at:])), at + 8
	}
	next = at + form - floatScore
	var code uint64
	for i := next - 1; i >= at; i-- {
		code = code<<8 | uint64(b[i])
	}
	return float64(int64(code>>1) ^ -int64(code&1)), next
}

// whole returns a score as a whole number, if it is one. The negative zero is none.
func whole(score float64) (n int64, ok bool) {
	if !(math.Abs(score) < wholeScores) || score != math.Trunc(score) {
		return 0, false
	}
	n = int64(score)
	return n, n != 0 || !math.Signbit(score)
}

func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

// scoreSize returns how many bytes a score takes.
func scoreSize(score float64) int {
	n, ok := whole(score)
	switch {
	case !ok:
		return 9
	case n < 0 || n >= moreFrom:
		return 1 + (bits.Len64(zigzag(n))+7)/8
	case n >= threeFrom:
		return 3
	case n >= twoFrom:
		return 2
	}
	return 1
}

// zsetItemSize returns how many bytes a member takes with its score.
func zsetItemSize(score float64, member []byte) int {
	return scoreSize(score) + packed.Size(len(member))
}

// put writes a member at an offset, over what is there.
func (b smallZSet) put(at int, score float64, member []byte) {
	packed.Put(b, b.putScore(at, score), member)
}

func (b smallZSet) putScore(at int, score float64) (next int) {
	n, ok := whole(score)
	size := scoreSize(score)
	switch {
	case !ok:
		b[at] = floatScore
		binary.LittleEndian.PutUint64(b[at+1:], math.Float64bits(score))
	case n < 0 || n >= moreFrom:
		b[at] = byte(floatScore + size - 1)
		code := zigzag(n)
		for i := 1; i < size; i++ {
			b[at+i] = byte(code)
			code >>= 8
		}
	case n >= threeFrom:
		n -= threeFrom
		b[at], b[at+1], b[at+2] = byte(threeBytes+n>>16), byte(n>>8), byte(n)
	case n >= twoFrom:
		n -= twoFrom
		b[at], b[at+1] = byte(twoBytes+n>>8), byte(n)
	default:
		b[at] = byte(n)
	}
	return at + size
}

// zsetSpot is where a member is in a small sorted set.
type zsetSpot struct {
	at, next int // its offset, and that of the next one
	rank     int
	score    float64
}

func (b smallZSet) find(member []byte) (s zsetSpot, ok bool) {
	for s.next = zsetHeader; s.next < len(b); s.rank++ {
		var item []byte
		s.at = s.next
		if s.score, item, s.next = b.read(s.at); string(item) == string(member) {
			return s, true
		}
	}
	return s, false
}

// place returns the offset at which a member belongs.
func (b smallZSet) place(score float64, member []byte) int {
	at := min(zsetHeader, len(b))
	for at < len(b) {
		sc, item, next := b.read(at)
		if sc > score || sc == score && bytes.Compare(item, member) > 0 {
			break
		}
		at = next
	}
	return at
}

// offset returns where the member with a rank begins; with rank len, the end.
func (b smallZSet) offset(rank int) int {
	at := min(zsetHeader, len(b))
	for ; rank > 0; rank-- {
		_, _, at = b.read(at)
	}
	return at
}

// rank returns how many members are before a cut.
func (b smallZSet) rank(c zset.Cut) (rank int) {
	for at := zsetHeader; at < len(b); rank++ {
		score, member, next := b.read(at)
		if !c.Passes(score, member) {
			break
		}
		at = next
	}
	return rank
}

// ascend calls fn for the members with ranks from on, below to, until it returns
// false.
func (b smallZSet) ascend(from, to int, fn func(member []byte, score float64) bool) {
	at := b.offset(from)
	for ; from < to; from++ {
		score, member, next := b.read(at)
		if !fn(member, score) {
			return
		}
		at = next
	}
}

// descend is ascend from the greatest rank down.
func (b smallZSet) descend(from, to int, fn func(member []byte, score float64) bool) {
	var offsets [packedMax / 2]uint16
	at := b.offset(from)
	for i := range to - from {
		offsets[i] = uint16(at)
		_, _, at = b.read(at)
	}
	for i := to - from - 1; i >= 0; i-- {
		score, member, _ := b.read(int(offsets[i]))
		if !fn(member, score) {
			return
		}
	}
}
