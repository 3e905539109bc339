package rdb

import (
	"encoding/binary"
	"math/bits"
)

// appendBack appends the length of an entry as it follows the entry: seven bits
// to a byte, the highest first, and all bytes but the first marked.
func appendBack(dst []byte, n uint64) []byte {
	size := 1
	for size < 5 && n > 127 && n >= 1<<(7*size)-1 {
		size++
	}
	for i := size - 1; i >= 0; i-- {
		mark := byte(0x80)
		if i == size-1 {
			mark = 0
		}
		dst = append(dst, byte(n>>(7*i))&0x7f|mark)
	}
	return dst
}

// pack is a listpack in the making.
type pack struct {
	b     []byte
	count int
}

// reset begins a listpack.
func (p *pack) reset() { p.b, p.count = append(p.b[:0], make([]byte, packHeader)...), 0 }

// add appends an entry, as a number if it reads like one.
func (p *pack) add(item []byte) {
	if n, ok := parseInt(item); ok {
		p.addInt(n)
		return
	}
	start := len(p.b)
	switch n := len(item); {
	case n < 1<<6:
		p.b = append(p.b, 0x80|byte(n))
	case n < 1<<12:
		p.b = append(p.b, 0xE0|byte(n>>8), byte(n))
	default:
		p.b = binary.LittleEndian.AppendUint32(append(p.b, packString32), uint32(n))
	}
	p.end(start, append(p.b, item...))
}

// addInt appends a number.
func (p *pack) addInt(n int64) {
	start, b := len(p.b), p.b
	switch width := bits.Len64(uint64(n^n>>63)) + 1; {
	case n >= 0 && n <= 127:
		b = append(b, byte(n))
	case width <= 13:
		b = append(b, 0xC0|byte(n>>8)&0x1f, byte(n))
	case width <= 32:
		size := max(width+7, 16) / 8
		b = append(b, packInt16+byte(size-2))
		for i := range size {
			b = append(b, byte(n>>(8*i)))
		}
	default:
		b = binary.LittleEndian.AppendUint64(append(b, packInt64), uint64(n))
	}
	p.end(start, b)
}

// end closes the entry that b has from start on.
func (p *pack) end(start int, b []byte) {
	p.b = appendBack(b, uint64(len(b)-start))
	p.count++
}

// bytes returns the listpack, valid until the next reset.
func (p *pack) bytes() []byte {
	b := append(p.b, packEnd)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint16(b[4:], uint16(min(p.count, packUnknown)))
	p.b = b[:len(b)-1]
	return b
}

// parseInt reads a decimal that has only one spelling.
func parseInt(b []byte) (n int64, ok bool) {
	const longest = 20
	if len(b) == 0 || len(b) > longest {
		return 0, false
	}
	digits, negative := b, b[0] == '-'
	if negative {
		digits = b[1:]
	}
	if len(digits) == 0 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var v uint64
	for _, c := range digits {
		high, low := bits.Mul64(v, 10)
		sum, carry := bits.Add64(low, uint64(c-'0'), 0)
		if c < '0' || c > '9' || high|carry != 0 {
			return 0, false
		}
		v = sum
	}
	if negative {
		return -int64(v), v <= 1<<63
	}
	return int64(v), v < 1<<63
}
