package sandbox

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// concat is what "a .. b .. c" calls. As in Lua the operator binds to the right:
// a metamethod gets what stands on its right already joined.
func concat(c Call) int {
	n := c.GetTop()
	if joined, ok := concatPlain(c, n); ok {
		c.PushStr(joined)
		return 1
	}
	right := c.Get(n)
	for i := n - 1; i >= 1; i-- {
		right = concatTwo(c, c.Get(i), right)
	}
	c.Push(right)
	return 1
}

// concatPlain joins operands that all are strings or numbers.
func concatPlain(c Call, n int) (string, bool) {
	var few [8]string
	parts := few[:0]
	size := 0
	for i := 1; i <= n; i++ {
		s, ok := toString(c.Get(i))
		if !ok {
			return "", false
		}
		size += len(s)
		parts = append(parts, s)
	}
	c.Charge(size)
	return strings.Join(parts, ""), true
}

func concatTwo(c Call, left, right lua.LValue) lua.LValue {
	a, aOK := toString(left)
	b, bOK := toString(right)
	if aOK && bOK {
		c.Charge(len(a) + len(b))
		return lua.LString(a + b)
	}
	for _, v := range []lua.LValue{left, right} {
		if f := c.vm.metamethod(v, "__concat"); f != lua.LNil {
			c.Push(f)
			c.Push(left)
			c.Push(right)
			c.Call(2, 1)
			result := c.Get(-1)
			c.Pop(1)
			return result
		}
	}
	wrong := left
	if aOK {
		wrong = right
	}
	c.Fail("attempt to concatenate a %s value", wrong.Type().String())
	return nil
}

// metamethod returns what a value's metatable has for an event.
func (vm *VM) metamethod(v lua.LValue, event string) lua.LValue {
	var meta lua.LValue
	switch v := v.(type) {
	case *lua.LTable:
		meta = v.Metatable
	case *lua.LUserData:
		meta = v.Metatable
	}
	if t, ok := meta.(*lua.LTable); ok {
		return t.RawGetString(event)
	}
	return lua.LNil
}

// checkIndex is what an assignment to a computed index calls with the index, and
// with the table if it can: it charges what filling the array up to the index
// would take.
func checkIndex(c Call) int {
	key, ok := c.Get(1).(lua.LNumber)
	if !ok || key < smallIndex || key >= maxArray {
		c.SetTop(1)
		return 1
	}
	length := 0
	if t, ok := c.Get(2).(*lua.LTable); ok {
		length = t.Len()
	}
	if gap := int(key) - length; gap > smallIndex {
		c.Charge(slotBytes * gap)
	}
	c.SetTop(1)
	return 1
}

// arithmetic are the operators on strings that are numbers. gopher-lua has its
// own, which read "010" as eight.
var arithmetic = map[string]func(a, b float64) float64{
	"__add": func(a, b float64) float64 { return a + b },
	"__sub": func(a, b float64) float64 { return a - b },
	"__mul": func(a, b float64) float64 { return a * b },
	"__div": func(a, b float64) float64 { return a / b },
	"__mod": func(a, b float64) float64 { return a - math.Floor(a/b)*b },
	"__pow": math.Pow,
}

// openValues gives the types that are not tables their metatables: strings for
// their methods, all of them so that errors say what Lua says.
func (vm *VM) openValues() {
	l := vm.state
	for _, v := range []lua.LValue{lua.LNil, lua.LTrue, lua.LNumber(0), l.NewFunction(func(*lua.LState) int { return 0 })} {
		meta := l.NewTable()
		kind := v.Type().String()
		meta.RawSetString("__index", vm.refuse("index", kind))
		meta.RawSetString("__newindex", vm.refuse("index", kind))
		meta.RawSetString("__len", vm.refuse("get length of", kind))
		if v.Type() != lua.LTFunction {
			meta.RawSetString("__call", vm.refuse("call", kind))
		}
		l.SetMetatable(v, meta)
	}
	meta := l.NewTable()
	public := vm.globals.RawGetString("string")
	meta.RawSetString("__index", vm.read(public.(*lua.LTable)))
	meta.RawSetString("__newindex", vm.refuse("index", "string"))
	meta.RawSetString("__call", vm.refuse("call", "string"))
	for event, f := range arithmetic {
		meta.RawSetString(event, vm.stringArithmetic(f))
	}
	meta.RawSetString("__unm", vm.stringArithmetic(func(a, _ float64) float64 { return -a }))
	l.SetMetatable(lua.LString(""), meta)
}

// refuse is the metamethod of a value with which nothing can be done.
func (vm *VM) refuse(what, kind string) *lua.LFunction {
	return vm.state.NewFunction(func(l *lua.LState) int {
		l.RaiseError("attempt to %s a %s value", what, kind)
		return 0
	})
}

// stringArithmetic is the metamethod of an operator with a string as one of its
// operands.
func (vm *VM) stringArithmetic(f func(a, b float64) float64) *lua.LFunction {
	return vm.state.NewFunction(func(l *lua.LState) int {
		left, right := l.Get(1), l.Get(2)
		if l.GetTop() < 2 {
			right = left
		}
		a, aOK := toNumber(left)
		b, bOK := toNumber(right)
		if !aOK || !bOK {
			wrong := left
			if aOK {
				wrong = right
			}
			l.RaiseError("attempt to perform arithmetic on a %s value", wrong.Type().String())
		}
		l.Push(lua.LNumber(f(a, b)))
		return 1
	})
}
