package rdb

import "encoding/binary"

// A ziplist, which servers before 7.0 write, is its size in bytes, the offset of
// its last entry (4 each, low first), the number of its entries (2, or
// packUnknown), the entries and packEnd. An entry is the length of the one
// before, in one byte or after a zipFar in four, a head and its bytes.
const (
	zipHeader = 10
	zipFar    = 254
)

// ziplist reads a string that is a ziplist as strings; there is at least one.
func (r *reader) ziplist() [][]byte {
	b := r.string()
	if len(b) <= zipHeader+1 || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != packEnd {
		r.fail()
		return nil
	}
	z := zipReader{r: r, rest: b[zipHeader : len(b)-1]}
	list := make([][]byte, 0, min(len(b)/2, growth))
	for len(z.rest) > 0 && !r.bad {
		list = append(list, z.next())
	}
	if n := int(binary.LittleEndian.Uint16(b[8:])); n != packUnknown && n != len(list) {
		r.fail()
	}
	return list
}

// zipReader goes through the entries of a ziplist.
type zipReader struct {
	r    *reader
	rest []byte
	prev int // length of the entry before
}

func (z *zipReader) fail() []byte {
	z.r.fail()
	z.rest = nil
	return nil
}

// take returns the next n bytes, or fails.
func (z *zipReader) take(n int) []byte {
	if n < 0 || n > len(z.rest) {
		return z.fail()
	}
	b := z.rest[:n:n]
	z.rest = z.rest[n:]
	return b
}

func (z *zipReader) next() []byte {
	start := len(z.rest)
	prev := 0
	switch b := z.take(1); {
	case b == nil:
		return nil
	case b[0] < zipFar:
		prev = int(b[0])
	case b[0] == zipFar:
		if far := z.take(4); far != nil {
			prev = int(binary.LittleEndian.Uint32(far))
		}
	default:
		return z.fail()
	}
	if prev != z.prev {
		return z.fail()
	}
	item := z.item()
	z.prev = start - len(z.rest)
	return item
}

// item reads head and bytes of an entry.
func (z *zipReader) item() []byte {
	b := z.take(1)
	if b == nil {
		return nil
	}
	head := b[0]
	switch head >> 6 {
	case 0:
		return z.take(int(head))
	case 1:
		if low := z.take(1); low != nil {
			return z.take(int(head&0x3f)<<8 | int(low[0]))
		}
		return nil
	case 2:
		if size := z.take(4); size != nil {
			return z.take(int(binary.BigEndian.Uint32(size)))
		}
		return nil
	}
	return z.number(head)
}

// number reads the bytes of an entry that is one.
func (z *zipReader) number(head byte) []byte {
	const immediate = 0xF0 // and the number and one more
	size := 0
	switch head {
	case 0xFE:
		size = 1
	case 0xC0:
		size = 2
	case 0xF0:
		size = 3
	case 0xD0:
		size = 4
	case 0xE0:
		size = 8
	default:
		if head <= immediate || head > immediate+13 {
			return z.fail()
		}
		return z.r.text(int64(head-immediate) - 1)
	}
	b := z.take(size)
	if b == nil {
		return nil
	}
	return z.r.text(signed(littleEndian(b), 8*size))
}

// zipmap reads a string that is a zipmap, the oldest spelling of a small hash:
// the number of its fields (1, or zipFar), then name and value in turn, each its
// length (1, or after zipFar 4), before a value the number of bytes that are
// free behind it, and packEnd.
func (r *reader) zipmap() []Field {
	b := r.string()
	if len(b) < 2 || b[len(b)-1] != packEnd {
		r.fail()
		return nil
	}
	z := zipReader{r: r, rest: b[1 : len(b)-1]}
	var fields []Field
	for len(z.rest) > 0 && !r.bad {
		name, size := z.take(z.mapLen()), z.mapLen()
		free := z.take(1)
		value := z.take(size)
		if free == nil || z.take(int(free[0])) == nil {
			break
		}
		fields = append(fields, Field{Name: name, Value: value})
	}
	if n := int(b[0]); n < zipFar && n != len(fields) || len(fields) == 0 {
		r.fail()
	}
	return fields
}

func (z *zipReader) mapLen() int {
	b := z.take(1)
	switch {
	case b == nil:
		return -1
	case b[0] < zipFar:
		return int(b[0])
	case b[0] == zipFar:
		if far := z.take(4); far != nil {
			return int(binary.LittleEndian.Uint32(far))
		}
	}
	return -1
}

// An intset is the width of its numbers and how many they are (4 each, low
// first), and the numbers in order.
const intsetHeader = 8

// intset reads a string that is an intset.
func (r *reader) intset() [][]byte {
	b := r.string()
	if len(b) < intsetHeader {
		r.fail()
		return nil
	}
	width, n := int(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[4:]))
	if width != 2 && width != 4 && width != 8 || n == 0 || n*uint64(width) != uint64(len(b)-intsetHeader) {
		r.fail()
		return nil
	}
	list := make([][]byte, 0, n)
	last := int64(0)
	for b := b[intsetHeader:]; len(b) > 0; b = b[width:] {
		number := signed(littleEndian(b[:width]), 8*width)
		if len(list) > 0 && number <= last {
			r.fail()
			return nil
		}
		list, last = append(list, r.text(number)), number
	}
	return list
}

// intsetOf returns an intset of numbers, which are in order.
func intsetOf(numbers []int64) (dst []byte) {
	width := 2
	for _, n := range []int64{numbers[0], numbers[len(numbers)-1]} {
		for width < 8 && signed(uint64(n), 8*width) != n {
			width *= 2
		}
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(width))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(numbers)))
	for _, n := range numbers {
		for i := range width {
			dst = append(dst, byte(n>>(8*i)))
		}
	}
	return dst
}
