package sandbox

import (
	"encoding/binary"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

const (
	maxIntegerSize = 32 // of i and I, in bytes
	maxAlignment   = 8
)

// openStruct sets the library struct: values as the bytes of a C structure, in
// the notation of http://www.inf.puc-rio.br/~roberto/struct/.
func (vm *VM) openStruct() {
	vm.Library("struct", map[string]Function{
		"pack": structPack, "unpack": structUnpack, "size": structSize,
	}, nil)
}

// layout reads a format, item by item.
type layout struct {
	c      Call
	format string
	next   int
	big    bool
	align  int
}

// item is one element of a format: its letter, its size, and the padding that
// alignment asks for before it.
type item struct {
	option    byte
	size, pad int
}

func (c Call) layout() layout { return layout{c: c, format: c.Str(1), align: 1} }

// read returns the next item that is to stand at offset at.
func (l *layout) read(at int) (it item, ok bool) {
	for l.next < len(l.format) {
		option := l.format[l.next]
		l.next++
		size := l.size(option)
		if size < 0 {
			continue
		}
		it = item{option: option, size: size}
		if align := min(size, l.align); align > 1 && option != 'c' {
			it.pad = (align - at&(align-1)) & (align - 1)
		}
		return it, true
	}
	return item{}, false
}

// size returns the size of an option's value, or -1 for one that only changes how
// others are read.
func (l *layout) size(option byte) int {
	switch option {
	case 'b', 'B', 'x':
		return 1
	case 'h', 'H':
		return 2
	case 'f':
		return 4
	case 'l', 'L', 'T', 'd':
		return 8
	case 'n':
		return 8
	case 's':
		return 0
	case 'c':
		return l.digits(1)
	case 'i', 'I':
		n := l.digits(4)
		if n > maxIntegerSize {
			l.c.Fail("integral size %d is larger than limit of %d", n, maxIntegerSize)
		}
		return n
	case ' ':
	case '>':
		l.big = true
	case '<':
		l.big = false
	case '!':
		n := l.digits(maxAlignment)
		if n == 0 || n&(n-1) != 0 {
			l.c.Fail("alignment %d is not a power of 2", n)
		}
		l.align = n
	default:
		l.c.BadArg(1, "invalid format option '%c'", option)
	}
	return -1
}

// digits reads a number, or returns def if there is none.
func (l *layout) digits(def int) int {
	if l.next >= len(l.format) || !isDigit(l.format[l.next]) {
		return def
	}
	n := 0
	for l.next < len(l.format) && isDigit(l.format[l.next]) {
		n = n*10 + int(l.format[l.next]-'0')
		l.next++
		if n > math.MaxInt32 {
			l.c.Fail("integral size overflow")
		}
	}
	return n
}

func structPack(c Call) int {
	l := c.layout()
	var out []byte
	arg := 2
	for it, ok := l.read(len(out)); ok; it, ok = l.read(len(out)) {
		c.Charge(it.pad + it.size)
		out = append(out, make([]byte, it.pad)...)
		switch it.option {
		case 'x':
			out = append(out, 0)
			continue
		case 's', 'c':
			out = c.packText(out, it, arg)
		default:
			out = c.packNumber(out, it, l.big, arg)
		}
		arg++
	}
	c.PushStr(string(out))
	return 1
}

func (c Call) packText(out []byte, it item, arg int) []byte {
	c.nilPast(arg)
	s := c.Str(arg)
	if it.option == 's' {
		return append(append(out, s...), 0)
	}
	if it.size == 0 {
		return append(out, s...)
	}
	if len(s) < it.size {
		c.BadArg(arg+1, "string too short")
	}
	return append(out, s[:it.size]...)
}

// nilPast makes a missing argument nil, which errors name then.
func (c Call) nilPast(arg int) {
	if arg > c.GetTop() {
		c.SetTop(arg)
	}
}

func (c Call) packNumber(out []byte, it item, big bool, arg int) []byte {
	c.nilPast(arg)
	f := c.Num(arg)
	var word [maxIntegerSize]byte
	switch it.option {
	case 'f':
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(float32(f)))
	case 'd', 'n':
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(f))
	default:
		v := unsigned(f)
		binary.LittleEndian.PutUint64(word[:], v)
		if f < 0 {
			for i := 8; i < it.size; i++ {
				word[i] = 0xff
			}
		}
	}
	b := word[:it.size]
	if big {
		reverse(b)
	}
	return append(out, b...)
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

func structUnpack(c Call) int {
	l := c.layout()
	data := c.Str(2)
	start := c.OptInteger(3, 1)
	if start < 1 {
		c.BadArg(3, "offset must be 1 or greater")
	}
	at, n := start-1, 0
	for it, ok := l.read(at); ok; it, ok = l.read(at) {
		at += it.pad
		if at > len(data) || it.size > len(data)-at {
			c.BadArg(2, "data string too short")
		}
		if n >= maxResults {
			c.Fail("too many results")
		}
		size := it.size
		switch it.option {
		case 'x':
			at++
			continue
		case 'c':
			size = c.unpackFixed(data[at:], it.size, n)
			if it.size == 0 {
				n--
			}
		case 's':
			end := strings.IndexByte(data[at:], 0)
			if end < 0 {
				c.Fail("unfinished string in data")
			}
			c.Push(lua.LString(data[at : at+end]))
			size = end + 1
		default:
			c.PushNum(readNumber(it, data[at:at+it.size], l.big))
		}
		at += size
		n++
	}
	c.PushNum(float64(at + 1))
	return n + 1
}

// unpackFixed pushes a string of a fixed length; 0 is the length that was read
// last, which it takes off.
func (c Call) unpackFixed(data string, size, read int) int {
	if size == 0 {
		f, ok := c.Get(-1).(lua.LNumber)
		if read == 0 || !ok {
			c.Fail("format 'c0' needs a previous size")
		}
		c.Pop(1)
		size = int(ToInt(float64(f)))
		if size < 0 || size > len(data) {
			c.BadArg(2, "data string too short")
		}
	}
	c.Push(lua.LString(data[:size]))
	return size
}

func readNumber(it item, data string, big bool) float64 {
	var word [maxIntegerSize]byte
	copy(word[:], data)
	if big {
		reverse(word[:it.size])
	}
	switch it.option {
	case 'f':
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(word[:])))
	case 'd', 'n':
		return math.Float64frombits(binary.LittleEndian.Uint64(word[:]))
	}
	v := binary.LittleEndian.Uint64(word[:])
	if strings.IndexByte("bhli", it.option) >= 0 && it.size > 0 {
		shift := max(0, 64-8*it.size)
		return float64(int64(v<<shift) >> shift)
	}
	return float64(v)
}

func structSize(c Call) int {
	l := c.layout()
	total := 0
	for it, ok := l.read(total); ok; it, ok = l.read(total) {
		switch {
		case it.option == 's':
			c.BadArg(1, "option 's' has no fixed size")
		case it.option == 'c' && it.size == 0:
			c.BadArg(1, "option 'c0' has no fixed size")
		}
		total += it.pad + it.size
	}
	c.PushNum(float64(total))
	return 1
}
