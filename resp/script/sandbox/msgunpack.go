package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// maxUnpackDepth bounds the recursion into packed data.
const maxUnpackDepth = 1000

// unpackMany pushes up to limit values from an offset on, all of them for 0. With
// a limit the offset of the rest comes first, or -1 at the end.
func (c Call) unpackMany(limit, offset int) int {
	data := c.Str(1)
	switch {
	case offset < 0 || limit < 0:
		c.Fail("Invalid request to unpack with offset of %d and limit of %d.", offset, len(data))
	case offset > len(data):
		c.Fail("Start offset %d greater than input length %d.", offset, len(data))
	}
	u := unpacker{c: c, data: data, at: offset}
	first := c.GetTop()
	n := 0
	for u.at < len(data) && (limit == 0 || n < limit) {
		if n >= maxResults {
			c.Fail("too many results to unpack")
		}
		c.Push(u.value(0))
		n++
	}
	if limit == 0 {
		return n
	}
	rest := u.at
	if rest >= len(data) {
		rest = -1
	}
	c.Insert(lua.LNumber(rest), first+1)
	return n + 1
}

type unpacker struct {
	c    Call
	data string
	at   int
}

// take returns the next n bytes.
func (u *unpacker) take(n int) string {
	if n < 0 || n > len(u.data)-u.at {
		u.c.Fail("Missing bytes in input.")
	}
	u.at += n
	return u.data[u.at-n : u.at]
}

// number reads an unsigned number of n bytes.
func (u *unpacker) number(n int) uint64 {
	v := uint64(0)
	for _, b := range []byte(u.take(n)) {
		v = v<<8 | uint64(b)
	}
	return v
}

// signed reads a signed number of n bytes.
func (u *unpacker) signed(n int) lua.LValue {
	shift := 64 - 8*n
	return lua.LNumber(int64(u.number(n)<<shift) >> shift)
}

func (u *unpacker) text(n uint64) lua.LValue {
	if n > math.MaxInt32 {
		u.take(-1)
	}
	return lua.LString(u.take(int(n)))
}

func (u *unpacker) value(depth int) lua.LValue {
	if depth > maxUnpackDepth {
		u.c.Fail("Bad data format in input.")
	}
	code := u.take(1)[0]
	switch {
	case code < 0x80:
		return lua.LNumber(code)
	case code < 0x90:
		return u.table(uint64(code&15), depth)
	case code < 0xa0:
		return u.array(uint64(code&15), depth)
	case code < 0xc0:
		return u.text(uint64(code & 31))
	case code >= 0xe0:
		return lua.LNumber(int8(code))
	}
	return u.wide(code, depth)
}

// wide reads what has a code of its own.
func (u *unpacker) wide(code byte, depth int) lua.LValue {
	switch code {
	case 0xc0:
		return lua.LNil
	case 0xc2:
		return lua.LFalse
	case 0xc3:
		return lua.LTrue
	case 0xca:
		return lua.LNumber(math.Float32frombits(uint32(u.number(4))))
	case 0xcb:
		return lua.LNumber(math.Float64frombits(u.number(8)))
	case 0xcc, 0xcd, 0xce:
		return lua.LNumber(u.number(1 << (code - 0xcc)))
	case 0xcf: // read as a signed number
		return u.signed(8)
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return u.signed(1 << (code - 0xd0))
	case 0xd9:
		return u.text(u.number(1))
	case 0xda:
		return u.text(u.number(2))
	case 0xdb:
		return u.text(u.number(4))
	case 0xdc:
		return u.array(u.number(2), depth)
	case 0xdd:
		return u.array(u.number(4), depth)
	case 0xde:
		return u.table(u.number(2), depth)
	case 0xdf:
		return u.table(u.number(4), depth)
	}
	u.c.Fail("Bad data format in input.")
	return nil
}

func (u *unpacker) array(n uint64, depth int) lua.LValue {
	u.c.Charge(tableBytes)
	u.c.vm.Poll()
	t := u.c.vm.state.CreateTable(0, 0)
	for i := range n {
		v := u.value(depth + 1)
		u.c.Charge(slotBytes)
		t.RawSetInt(int(i)+1, v)
	}
	return t
}

func (u *unpacker) table(n uint64, depth int) lua.LValue {
	u.c.Charge(tableBytes)
	u.c.vm.Poll()
	t := u.c.vm.state.CreateTable(0, 0)
	for range n {
		k := u.value(depth + 1)
		v := u.value(depth + 1)
		if f, ok := k.(lua.LNumber); k == lua.LNil || ok && f != f {
			u.c.Fail("Bad data format in input.")
		}
		u.c.Charge(entryBytes + orderBytes)
		u.c.setIndex(t, k, v)
	}
	return t
}
