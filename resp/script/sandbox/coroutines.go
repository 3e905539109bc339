package sandbox

import lua "github.com/yuin/gopher-lua"

// coroutineBytes is what a coroutine takes before it does anything: its stack.
const coroutineBytes = slotBytes*stackSlots + 4<<10

// openCoroutines takes gopher-lua's coroutines. A new one has to have the Budget
// itself as its context: else it would not be counted.
func (vm *VM) openCoroutines() {
	l := vm.state
	lua.OpenCoroutine(l)
	l.SetTop(0)
	own, _ := l.G.Global.RawGetString(lua.CoroutineLibName).(*lua.LTable)
	create, wrap := own.RawGetString("create"), own.RawGetString("wrap")
	values := map[string]lua.LValue{}
	for _, name := range []string{"yield", "resume", "running", "status"} {
		values[name] = own.RawGetString(name)
	}
	vm.Library("coroutine", map[string]Function{
		"create": func(c Call) int {
			c.begin(create)
			c.adopt(c.Get(-1))
			return 1
		},
		"wrap": func(c Call) int {
			c.begin(wrap)
			if f, ok := c.Get(-1).(*lua.LFunction); ok {
				c.adopt(f.Upvalues[0].Value())
			}
			return 1
		},
	}, values)
	l.G.Global.RawSetString(lua.CoroutineLibName, lua.LNil)
}

func (c Call) begin(with lua.LValue) {
	f := c.Func(1)
	c.Charge(coroutineBytes)
	c.Push(with)
	c.Push(f)
	c.Call(1, 1)
}

func (c Call) adopt(v lua.LValue) {
	if thread, ok := v.(*lua.LState); ok {
		thread.SetContext(c.vm.budget)
	}
}
