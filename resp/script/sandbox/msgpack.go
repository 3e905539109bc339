package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// maxPackDepth is how deep tables are packed; those below are packed as nil.
const maxPackDepth = 16

// openMsgpack sets the library cmsgpack, with the choices of lua-cmsgpack 0.4.0
// for what MessagePack leaves open (https://github.com/msgpack/msgpack/blob/master/spec.md).
func (vm *VM) openMsgpack() {
	vm.Library("cmsgpack", map[string]Function{
		"pack":   packAll,
		"unpack": func(c Call) int { return c.unpackMany(0, 0) },
		"unpack_one": func(c Call) int {
			return c.unpackMany(1, c.OptInteger(2, 0))
		},
		"unpack_limit": func(c Call) int {
			return c.unpackMany(c.Integer(2), c.OptInteger(3, 0))
		},
	}, map[string]lua.LValue{
		"_NAME": lua.LString("cmsgpack"), "_VERSION": lua.LString("lua-cmsgpack 0.4.0"),
		"_COPYRIGHT":   lua.LString("Copyright (C) 2012, Salvatore Sanfilippo"),
		"_DESCRIPTION": lua.LString("MessagePack C implementation for Lua"),
	})
}

func packAll(c Call) int {
	if c.GetTop() == 0 {
		c.BadArg(0, "MessagePack pack needs input.")
	}
	p := packer{c: c}
	for i := 1; i <= c.GetTop(); i++ {
		p.value(c.Get(i), 0)
	}
	c.PushStr(string(p.out))
	return 1
}

type packer struct {
	c   Call
	out []byte
}

func (p *packer) value(v lua.LValue, depth int) {
	switch v := v.(type) {
	case lua.LString:
		p.text(string(v))
	case lua.LNumber:
		p.number(float64(v))
	case lua.LBool:
		if v {
			p.out = append(p.out, 0xc3)
		} else {
			p.out = append(p.out, 0xc2)
		}
	case *lua.LTable:
		if depth < maxPackDepth {
			p.table(p.c.vm.read(v), depth)
			return
		}
		p.out = append(p.out, 0xc0)
	default:
		p.out = append(p.out, 0xc0)
	}
}

// sized appends a code and a number of n bytes, highest first.
func (p *packer) sized(code byte, v uint64, n int) {
	p.out = append(p.out, code)
	for shift := 8 * (n - 1); shift >= 0; shift -= 8 {
		p.out = append(p.out, byte(v>>shift))
	}
}

func (p *packer) text(s string) {
	p.c.Charge(len(s))
	switch n := uint64(len(s)); {
	case n < 32:
		p.out = append(p.out, 0xa0|byte(n))
	case n <= 0xff:
		p.sized(0xd9, n, 1)
	case n <= 0xffff:
		p.sized(0xda, n, 2)
	default:
		p.sized(0xdb, n, 4)
	}
	p.out = append(p.out, s...)
}

func (p *packer) number(f float64) {
	if f == math.Trunc(f) && f >= math.MinInt64 && f < math.MaxInt64 {
		p.integer(int64(f))
		return
	}
	if single := float32(f); float64(single) == f {
		p.sized(0xca, uint64(math.Float32bits(single)), 4)
		return
	}
	p.sized(0xcb, math.Float64bits(f), 8)
}

func (p *packer) integer(n int64) {
	switch u := uint64(n); {
	case n >= -32 && n < 128:
		p.out = append(p.out, byte(n))
	case n >= 0 && n <= math.MaxUint8:
		p.sized(0xcc, u, 1)
	case n >= 0 && n <= math.MaxUint16:
		p.sized(0xcd, u, 2)
	case n >= 0 && n <= math.MaxUint32:
		p.sized(0xce, u, 4)
	case n >= 0:
		p.sized(0xcf, u, 8)
	case n >= math.MinInt8:
		p.sized(0xd0, u, 1)
	case n >= math.MinInt16:
		p.sized(0xd1, u, 2)
	case n >= math.MinInt32:
		p.sized(0xd2, u, 4)
	default:
		p.sized(0xd3, u, 8)
	}
}

// table packs a table whose keys are 1 to n as an array, others as a map.
func (p *packer) table(t *lua.LTable, depth int) {
	p.c.vm.Poll()
	items, isArray := 0, true
	most := 0.0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || float64(n) != math.Floor(float64(n)) {
			isArray = false
		}
		most = max(most, float64(n))
		items++
	}
	if isArray && int(most) == items {
		p.count(items, 0x90, 0xdc)
		for i := 1; i <= items; i++ {
			p.value(t.RawGet(lua.LNumber(i)), depth+1)
		}
		return
	}
	p.count(items, 0x80, 0xde)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		p.c.Charge(slotBytes)
		p.value(k, depth+1)
		p.value(v, depth+1)
	}
}

// count appends the head of an array or a map.
func (p *packer) count(n int, small, large byte) {
	switch {
	case n < 16:
		p.out = append(p.out, small|byte(n))
	case n <= math.MaxUint16:
		p.sized(large, uint64(n), 2)
	default:
		p.sized(large+1, uint64(n), 4)
	}
}
