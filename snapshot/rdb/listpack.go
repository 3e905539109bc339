package rdb

import "encoding/binary"

// A listpack is its size in bytes (4, low first), the number of its entries (2,
// or packUnknown), the entries and packEnd. An entry is a head that says what
// it is, its bytes, and its length once more, to be read backwards.
const (
	packHeader  = 6
	packUnknown = 1<<16 - 1
	packEnd     = 0xFF
)

// The heads of listpack entries that take a byte of their own.
const (
	packString32 = 0xF0
	packInt16    = 0xF1
	packInt24    = 0xF2
	packInt32    = 0xF3
	packInt64    = 0xF4
)

// packReader goes through the entries of a listpack.
type packReader struct {
	r    *reader // notes what is wrong, has room for texts
	rest []byte  // entries to come
	left int     // how many; -1: unknown
}

// listpack reads a string that is a listpack. An empty one makes no sense.
func (r *reader) listpack() *packReader {
	b := r.string()
	if len(b) <= packHeader+1 || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != packEnd {
		r.fail()
		return &packReader{r: r}
	}
	p := &packReader{r: r, rest: b[packHeader : len(b)-1], left: int(binary.LittleEndian.Uint16(b[4:]))}
	if p.left == packUnknown {
		p.left = -1
	}
	return p
}

// more reports whether there is another entry, and fails at the end if there
// were more or less than the listpack says.
func (p *packReader) more() bool {
	if p.r.bad {
		return false
	}
	if len(p.rest) > 0 {
		return true
	}
	if p.left > 0 {
		p.r.fail()
	}
	return false
}

// next reads an entry: a string, or a number.
func (p *packReader) next() (text []byte, number int64, isNumber bool) {
	head, size, known := packEntry(p.rest)
	whole := head + size
	if !known || p.left == 0 || whole > uint64(len(p.rest)) {
		p.r.fail()
		return nil, 0, false
	}
	var room [5]byte
	back := appendBack(room[:0], whole)
	if uint64(len(p.rest))-whole < uint64(len(back)) || string(p.rest[whole:whole+uint64(len(back))]) != string(back) {
		p.r.fail()
		return nil, 0, false
	}
	entry := p.rest[:whole:whole]
	p.rest = p.rest[whole+uint64(len(back)):]
	if p.left > 0 {
		p.left--
	}
	if isPackString(entry[0]) {
		return entry[head:], 0, false
	}
	return nil, packNumber(entry), true
}

// string reads an entry as a string.
func (p *packReader) string() []byte {
	text, n, isNumber := p.next()
	if isNumber {
		return p.r.text(n)
	}
	return text
}

// int reads an entry that is a number.
func (p *packReader) int() int64 {
	_, n, isNumber := p.next()
	if !isNumber {
		p.r.fail()
	}
	return n
}

// score reads an entry that is a score.
func (p *packReader) score() float64 {
	text, n, isNumber := p.next()
	if isNumber {
		return float64(n)
	}
	return p.r.parseScore(text)
}

func isPackString(head byte) bool {
	return head>>6 == 2 || head>>4 == 0xE || head == packString32
}

// packEntry returns the lengths of the head and of the bytes of the entry at the
// start of b. It is not known what some bytes are.
func packEntry(b []byte) (head, size uint64, known bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	first := b[0]
	switch {
	case first>>7 == 0:
		return 1, 0, true
	case first>>6 == 2:
		return 1, uint64(first & 0x3f), true
	case first>>5 == 6:
		return 2, 0, true
	case first>>4 == 0xE && len(b) >= 2:
		return 2, uint64(first&0xf)<<8 | uint64(b[1]), true
	case first == packString32 && len(b) >= 5:
		return 5, uint64(binary.LittleEndian.Uint32(b[1:])), true
	case first >= packInt16 && first <= packInt32:
		return 1, uint64(first-packInt16) + 2, true
	case first == packInt64:
		return 1, 8, true
	}
	return 0, 0, false
}

// packNumber reads a whole entry that is no string.
func packNumber(entry []byte) int64 {
	first := entry[0]
	switch {
	case first>>7 == 0:
		return int64(first)
	case first>>5 == 6:
		return signed(uint64(first&0x1f)<<8|uint64(entry[1]), 13)
	}
	return signed(littleEndian(entry[1:]), 8*(len(entry)-1))
}

// signed is the number whose two's complement of some bits v is.
func signed(v uint64, width int) int64 { return int64(v<<(64-width)) >> (64 - width) }

// littleEndian reads up to 8 bytes, the lowest first.
func littleEndian(b []byte) uint64 {
	var v uint64
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v
}
