package sandbox

import lua "github.com/yuin/gopher-lua"

const (
	readOnly    = "Attempt to modify a readonly table"
	nonexistent = "Script attempted to access nonexistent global variable '%s'"
)

// frozen is what stands behind a table that scripts can read but not change.
//
// gopher-lua has no such tables, and its __newindex is asked for new keys only.
// So scripts get an empty table in place of the one with the values: every read
// of it goes on to that one and every write is refused.
type frozen struct {
	values *lua.LTable
	meta   lua.LValue // what getmetatable shows
}

// freeze returns a table through which values can be read. meta is what
// getmetatable shows of it, or nil.
func (vm *VM) freeze(values, meta *lua.LTable) *lua.LTable {
	public := vm.state.CreateTable(0, 0)
	hidden := vm.state.NewTable()
	hidden.RawSetString("__index", values)
	hidden.RawSetString("__newindex", vm.refuseWrite())
	public.Metatable = hidden
	shown := frozen{values, lua.LNil}
	if meta != nil {
		shown.meta = vm.freeze(meta, nil)
	}
	vm.frozen[public] = shown
	return public
}

// refuseWrite is the __newindex of what is frozen.
func (vm *VM) refuseWrite() *lua.LFunction {
	return vm.state.NewFunction(func(l *lua.LState) int {
		l.RaiseError(readOnly)
		return 0
	})
}

func (vm *VM) isFrozen(t *lua.LTable) bool {
	if t.Metatable == lua.LNil { // of most tables, and of none that is frozen
		return false
	}
	_, ok := vm.frozen[t]
	return ok
}

// read returns the table in which the values of t are.
func (vm *VM) read(t *lua.LTable) *lua.LTable {
	if t.Metatable == lua.LNil {
		return t
	}
	if f, ok := vm.frozen[t]; ok {
		return f.values
	}
	return t
}

// openGlobals makes the table of globals and what scripts see of it.
func (vm *VM) openGlobals() {
	l := vm.state
	vm.globals = l.NewTable()
	missing := l.NewTable()
	missing.RawSetString("__index", l.NewFunction(func(l *lua.LState) int {
		l.RaiseError(nonexistent, l.Get(2).String())
		return 0
	}))
	vm.globals.Metatable = missing
	vm.Set("_G", vm.freeze(vm.globals, missing))

	// The functions that rewrite.go calls are no globals: their names are found
	// in env itself.
	vm.env = l.NewTable()
	hidden := l.NewTable()
	hidden.RawSetString("__index", vm.globals)
	hidden.RawSetString("__newindex", vm.refuseWrite())
	vm.env.Metatable = hidden
	vm.env.RawSetString(concatName, vm.function(concatName, concat))
	vm.env.RawSetString(indexName, vm.function(indexName, checkIndex))
	l.Env = vm.env
}
