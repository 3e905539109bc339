package sandbox

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// openBit sets the library bit: operations on 32 bits, as LuaBitOp defines them
// (https://bitop.luajit.org/semantics.html).
func (vm *VM) openBit() {
	vm.Library("bit", map[string]Function{
		"tobit": bitUnary(func(n uint32) uint32 { return n }),
		"bnot":  bitUnary(func(n uint32) uint32 { return ^n }),
		"bswap": bitUnary(bits.ReverseBytes32),
		"band":  bitFold(func(a, b uint32) uint32 { return a & b }),
		"bor":   bitFold(func(a, b uint32) uint32 { return a | b }),
		"bxor":  bitFold(func(a, b uint32) uint32 { return a ^ b }),

		"lshift":  bitShift(func(n uint32, by int) uint32 { return n << by }),
		"rshift":  bitShift(func(n uint32, by int) uint32 { return n >> by }),
		"arshift": bitShift(func(n uint32, by int) uint32 { return uint32(int32(n) >> by) }),
		"rol":     bitShift(func(n uint32, by int) uint32 { return bits.RotateLeft32(n, by) }),
		"ror":     bitShift(func(n uint32, by int) uint32 { return bits.RotateLeft32(n, -by) }),
		"tohex":   bitToHex,
	}, nil)
}

// toBit returns argument i as 32 bits: adding 2^52+2^51 moves the units of a
// number to the lowest bit of its mantissa, rounded to even. What is too large
// for that comes out as it does in LuaBitOp.
func (c Call) toBit(i int) uint32 {
	const shift = 1<<52 + 1<<51
	return uint32(math.Float64bits(c.Num(i) + shift))
}

func (c Call) pushBit(n uint32) int {
	c.PushNum(float64(int32(n)))
	return 1
}

func bitUnary(f func(uint32) uint32) Function {
	return func(c Call) int { return c.pushBit(f(c.toBit(1))) }
}

func bitFold(f func(a, b uint32) uint32) Function {
	return func(c Call) int {
		n := c.toBit(1)
		for i := 2; i <= c.GetTop(); i++ {
			n = f(n, c.toBit(i))
		}
		return c.pushBit(n)
	}
}

func bitShift(f func(n uint32, by int) uint32) Function {
	return func(c Call) int { return c.pushBit(f(c.toBit(1), int(c.toBit(2)&31))) }
}

// bitToHex writes a number with 8 digits, or as many as the second argument says:
// in capitals if that is negative.
func bitToHex(c Call) int {
	n, digits := c.toBit(1), int32(8)
	if c.Has(2) {
		digits = int32(c.toBit(2))
	}
	upper := digits < 0
	if upper {
		digits = -max(digits, -8)
	}
	digits = min(digits, 8)
	text := fmt.Sprintf("%08x", n)[8-digits:]
	if upper {
		text = strings.ToUpper(text)
	}
	c.PushStr(text)
	return 1
}
