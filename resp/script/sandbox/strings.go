package sandbox

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openStrings() {
	public := vm.Library("string", map[string]Function{
		"byte": strByte, "char": strChar, "dump": strDump, "find": strFind, "format": strFormat,
		"gfind": strGmatch, "gmatch": strGmatch, "gsub": strGsub, "len": strLen, "lower": strLower,
		"match": strMatch, "rep": strRep, "reverse": strReverse, "sub": strSub, "upper": strUpper,
	}, nil)
	meta := vm.state.NewTable()
	meta.RawSetString("__index", public)
	vm.stringMeta = vm.freeze(meta, nil)
}

// bounds turns two positions as Lua counts them, from 1 or, if negative, from the
// end, into those of a Go slice.
func bounds(first, last, length int) (from, to int) {
	if first < 0 {
		first = max(first+length+1, 1)
	}
	if last < 0 {
		last += length + 1
	}
	first, last = max(first, 1), min(last, length)
	if first > last {
		return 0, 0
	}
	return first - 1, last
}

func strByte(c Call) int {
	s := c.Str(1)
	first := c.OptInteger(2, 1)
	from, to := bounds(first, c.OptInteger(3, first), len(s))
	if to-from >= maxResults {
		c.Fail("string slice too long")
	}
	for _, b := range []byte(s[from:to]) {
		c.PushNum(float64(b))
	}
	return to - from
}

func strChar(c Call) int {
	b := make([]byte, c.GetTop())
	for i := range b {
		n := c.Integer(i + 1)
		if n < 0 || n > 255 {
			c.BadArg(i+1, "invalid value")
		}
		b[i] = byte(n)
	}
	c.PushStr(string(b))
	return 1
}

func strDump(c Call) int {
	c.Func(1)
	c.Fail("unable to dump given function")
	return 0
}

func strLen(c Call) int {
	c.PushNum(float64(len(c.Str(1))))
	return 1
}

func strLower(c Call) int { return c.mapBytes('A', 'Z') }
func strUpper(c Call) int { return c.mapBytes('a', 'z') }

// mapBytes changes the case of the letters from low to high.
func (c Call) mapBytes(low, high byte) int {
	s := c.Str(1)
	c.Charge(len(s))
	b := []byte(s)
	for i, ch := range b {
		if ch >= low && ch <= high {
			b[i] = ch ^ 0x20
		}
	}
	c.Push(lua.LString(b))
	return 1
}

func strRep(c Call) int {
	s, n := c.Str(1), c.Integer(2)
	if n <= 0 || s == "" {
		c.PushStr("")
		return 1
	}
	if n > c.vm.largest()/len(s) {
		c.vm.exhausted()
	}
	c.Charge(len(s) * n)
	c.Push(lua.LString(strings.Repeat(s, n)))
	return 1
}

func strReverse(c Call) int {
	s := c.Str(1)
	c.Charge(len(s))
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
	}
	c.Push(lua.LString(b))
	return 1
}

func strSub(c Call) int {
	s := c.Str(1)
	from, to := bounds(c.Integer(2), c.OptInteger(3, -1), len(s))
	c.Push(lua.LString(s[from:to]))
	return 1
}
