package sandbox

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// Call is one call of a library function: its arguments, counted from 1.
type Call struct {
	*lua.LState
	vm   *VM
	name string
}

// Function is a function that scripts can call. It returns how many results it
// has pushed.
type Function func(c Call) int

// function makes f a value of Lua. name is what errors call it.
func (vm *VM) function(name string, f Function) *lua.LFunction {
	fn := vm.state.NewFunction(func(l *lua.LState) int { return f(Call{l, vm, name}) })
	fn.Env = vm.env
	return fn
}

// Fail raises an error with the position of the caller before it.
func (c Call) Fail(format string, args ...any) { c.RaiseError("%s", fmt.Sprintf(format, args...)) }

// FailPlain raises an error without a position.
func (c Call) FailPlain(text string) { c.Error(lua.LString(text), 0) }

// BadArg raises the error of an argument.
func (c Call) BadArg(i int, format string, args ...any) {
	c.Fail("bad argument #%d to '%s' (%s)", i, c.name, fmt.Sprintf(format, args...))
}

func (c Call) wrongType(i int, want string) {
	got := "no value"
	if i <= c.GetTop() {
		got = c.Get(i).Type().String()
	}
	c.BadArg(i, "%s expected, got %s", want, got)
}

// Has reports whether argument i was given and is not nil.
func (c Call) Has(i int) bool { return i <= c.GetTop() && c.Get(i) != lua.LNil }

// Any returns argument i, which must be given.
func (c Call) Any(i int) lua.LValue {
	if i > c.GetTop() {
		c.BadArg(i, "value expected")
	}
	return c.Get(i)
}

// Str returns argument i, a string or a number.
func (c Call) Str(i int) string {
	s, ok := toString(c.Get(i))
	if !ok {
		c.wrongType(i, "string")
	}
	return s
}

// OptStr returns argument i, or def if it is missing.
func (c Call) OptStr(i int, def string) string {
	if !c.Has(i) {
		return def
	}
	return c.Str(i)
}

// Num returns argument i, a number or a string that is one.
func (c Call) Num(i int) float64 {
	f, ok := toNumber(c.Get(i))
	if !ok {
		c.wrongType(i, "number")
	}
	return f
}

// Integer returns argument i as an integer, cut towards zero.
func (c Call) Integer(i int) int { return int(ToInt(c.Num(i))) }

// OptInteger returns argument i, or def if it is missing.
func (c Call) OptInteger(i, def int) int {
	if !c.Has(i) {
		return def
	}
	return c.Integer(i)
}

// Table returns argument i, a table.
func (c Call) Table(i int) *lua.LTable {
	t, ok := c.Get(i).(*lua.LTable)
	if !ok {
		c.wrongType(i, "table")
	}
	return t
}

// OwnTable returns argument i, a table that the script may change.
func (c Call) OwnTable(i int) *lua.LTable {
	t := c.Table(i)
	if c.vm.isFrozen(t) {
		c.FailPlain(readOnly)
	}
	return t
}

// Func returns argument i, a function.
func (c Call) Func(i int) *lua.LFunction {
	f, ok := c.Get(i).(*lua.LFunction)
	if !ok {
		c.wrongType(i, "function")
	}
	return f
}

// PushStr pushes a string that the function has made, which is memory that the
// script takes.
func (c Call) PushStr(s string) {
	c.vm.Charge(len(s))
	c.Push(lua.LString(s))
}

// PushNum pushes a number.
func (c Call) PushNum(f float64) { c.Push(lua.LNumber(f)) }

// Charge notes that the script is about to take n bytes, and raises an error if
// it may not.
func (c Call) Charge(n int) { c.vm.Charge(n) }
