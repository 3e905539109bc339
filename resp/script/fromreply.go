package script

import (
	"bytes"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"kvd/resp/script/sandbox"
)

// decoder makes values of Lua of a reply of our own. Format:
// https://redis.io/docs/latest/develop/reference/protocol-spec/; for the values
// https://redis.io/docs/latest/develop/interact/programmability/lua-api/.
type decoder struct {
	in     []byte
	resp3  bool
	c      sandbox.Call
	failed bool // the reply is an error
}

// head reads the first line of what comes next.
func (d *decoder) head() (kind byte, rest []byte) {
	end := bytes.IndexByte(d.in, '\r')
	kind, rest = d.in[0], d.in[1:end]
	d.in = d.in[end+2:]
	return kind, rest
}

func (d *decoder) take(n int) string {
	s := string(d.in[:n])
	d.in = d.in[n+2:]
	return s
}

// number reads a length or an integer of our own making.
func number(b []byte) int {
	n, _ := strconv.Atoi(string(b))
	return n
}

// value reads one reply.
func (d *decoder) value() lua.LValue {
	kind, rest := d.head()
	switch kind {
	case ':':
		n, _ := strconv.ParseInt(string(rest), 10, 64)
		return lua.LNumber(n)
	case '$':
		if rest[0] == '-' {
			return lua.LFalse
		}
		return lua.LString(d.take(number(rest)))
	case '+':
		return d.field("ok", lua.LString(rest))
	case '-':
		d.failed = true
		return d.field("err", lua.LString(rest))
	case '*', '>':
		if rest[0] == '-' {
			return lua.LFalse
		}
		return d.array(number(rest))
	}
	return d.three(kind, rest)
}

// three reads what RESP2 does not have.
func (d *decoder) three(kind byte, rest []byte) lua.LValue {
	switch kind {
	case '_':
		return lua.LNil
	case '#':
		return lua.LBool(rest[0] == 't')
	case ',':
		f, _ := sandbox.ParseNumber(string(rest))
		return d.field("double", lua.LNumber(f))
	case '(':
		return d.field("big_number", lua.LString(rest))
	case '=':
		return d.verbatim(d.take(number(rest)))
	case '%':
		return d.field("map", d.pairs(number(rest)))
	case '~':
		return d.field("set", d.set(number(rest)))
	case '|':
		d.pairs(number(rest))
		return d.value()
	}
	return lua.LNil
}

func (d *decoder) field(name string, v lua.LValue) lua.LValue {
	t := d.c.CreateTable(0, 1)
	t.RawSetString(name, v)
	return t
}

func (d *decoder) verbatim(s string) lua.LValue {
	const prefix = 4 // "txt:"
	t := d.c.CreateTable(0, 2)
	t.RawSetString("format", lua.LString(s[:prefix-1]))
	t.RawSetString("string", lua.LString(s[prefix:]))
	return d.field("verbatim_string", t)
}

func (d *decoder) array(n int) lua.LValue {
	d.c.Charge(n * slot)
	t := d.c.CreateTable(n, 0)
	failed := d.failed
	for i := range n {
		t.RawSetInt(i+1, d.value())
	}
	d.failed = failed // an error inside is an element
	return t
}

// slot is about what an element takes in a table, in bytes.
const slot = 32

func (d *decoder) pairs(n int) *lua.LTable {
	d.c.Charge(4 * n * slot)
	t := d.c.CreateTable(0, n)
	for range n {
		key := d.value()
		t.RawSet(key, d.value())
	}
	return t
}

func (d *decoder) set(n int) *lua.LTable {
	d.c.Charge(4 * n * slot)
	t := d.c.CreateTable(0, n)
	for range n {
		t.RawSet(d.value(), lua.LTrue)
	}
	return t
}
