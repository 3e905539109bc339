package sandbox

import (
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openTables() {
	vm.Library("table", map[string]Function{
		"concat": tableConcat, "foreach": tableForeach, "foreachi": tableForeachi, "getn": tableGetn,
		"insert": tableInsert, "maxn": tableMaxn, "remove": tableRemove, "setn": tableSetn, "sort": tableSort,
	}, nil)
}

func tableConcat(c Call) int {
	t := c.vm.read(c.Table(1))
	sep := c.OptStr(2, "")
	first := c.OptInteger(3, 1)
	last := t.Len()
	if c.Has(4) {
		last = c.Integer(4)
	}
	var joined strings.Builder
	for i := first; i <= last; i++ {
		v := t.RawGet(lua.LNumber(i))
		s, ok := toString(v)
		if !ok {
			c.Fail("invalid value (%s) at index %d in table for 'concat'", v.Type(), i)
		}
		c.Charge(len(s) + len(sep))
		joined.WriteString(s)
		if i != last {
			joined.WriteString(sep)
		}
	}
	c.Push(lua.LString(joined.String()))
	return 1
}

func tableForeach(c Call) int {
	t, f := c.vm.read(c.Table(1)), c.Func(2)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if c.stops(f, k, v) {
			return 1
		}
	}
	return 0
}

func tableForeachi(c Call) int {
	t, f := c.vm.read(c.Table(1)), c.Func(2)
	n := t.Len()
	for i := 1; i <= n; i++ {
		if c.stops(f, lua.LNumber(i), t.RawGetInt(i)) {
			return 1
		}
	}
	return 0
}

// stops calls f with a key and a value, and reports whether it returned
// something, which is left on the stack.
func (c Call) stops(f *lua.LFunction, k, v lua.LValue) bool {
	c.Push(f)
	c.Push(k)
	c.Push(v)
	c.Call(2, 1)
	if c.Get(-1) != lua.LNil {
		return true
	}
	c.Pop(1)
	return false
}

func tableGetn(c Call) int {
	c.PushNum(float64(c.vm.read(c.Table(1)).Len()))
	return 1
}

func tableInsert(c Call) int {
	t := c.OwnTable(1)
	end := t.Len() + 1
	switch c.GetTop() {
	case 2:
		c.setIndex(t, lua.LNumber(end), c.Get(2))
	case 3:
		at := c.Integer(2)
		end = max(end, at)
		for i := end; i > at; i-- {
			c.setIndex(t, lua.LNumber(i), t.RawGet(lua.LNumber(i-1)))
		}
		c.setIndex(t, lua.LNumber(at), c.Get(3))
	default:
		c.Fail("wrong number of arguments to 'insert'")
	}
	return 0
}

func tableMaxn(c Call) int {
	greatest := 0.0
	t := c.vm.read(c.Table(1))
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		if n, ok := k.(lua.LNumber); ok {
			greatest = max(greatest, float64(n))
		}
	}
	c.PushNum(greatest)
	return 1
}

func tableRemove(c Call) int {
	t := c.OwnTable(1)
	end := t.Len()
	at := c.OptInteger(2, end)
	if at < 1 || at > end {
		return 0
	}
	c.Push(t.RawGetInt(at))
	for i := at; i < end; i++ {
		t.RawSetInt(i, t.RawGetInt(i+1))
	}
	t.RawSetInt(end, lua.LNil)
	return 1
}

func tableSetn(c Call) int {
	c.Table(1)
	c.Fail("'setn' is obsolete")
	return 0
}

// order sorts values of a table by a function of the script or by "<".
type order struct {
	call   Call
	less   *lua.LFunction
	values []lua.LValue
}

func (o *order) Len() int      { return len(o.values) }
func (o *order) Swap(i, j int) { o.values[i], o.values[j] = o.values[j], o.values[i] }
func (o *order) Less(i, j int) bool {
	a, b := o.values[i], o.values[j]
	if o.less == nil {
		return o.call.LessThan(a, b)
	}
	o.call.Push(o.less)
	o.call.Push(a)
	o.call.Push(b)
	o.call.Call(2, 1)
	less := lua.LVAsBool(o.call.Get(-1))
	o.call.Pop(1)
	return less
}

func tableSort(c Call) int {
	t := c.OwnTable(1)
	o := order{call: c}
	if c.Has(2) {
		o.less = c.Func(2)
	}
	n := t.Len()
	c.Charge(slotBytes * n)
	o.values = make([]lua.LValue, n)
	for i := range o.values {
		o.values[i] = t.RawGetInt(i + 1)
	}
	sort.Sort(&o)
	for i, v := range o.values {
		t.RawSetInt(i+1, v)
	}
	return 0
}
