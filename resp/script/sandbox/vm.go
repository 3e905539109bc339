package sandbox

import (
	"sync"

	lua "github.com/yuin/gopher-lua"
)

const (
	// maxArray is the greatest index that gopher-lua keeps in the array of a
	// table. It fills the array up to an index that is set, so this bounds what
	// one assignment can take; an array so long is more than a Budget allows.
	maxArray = 1 << 22
	// maxDepth is how deep calls may nest.
	maxDepth = 8000
	// stackSlots are the values that a stack has room for at first, and
	// maxStackSlots at most.
	stackSlots    = 1024
	maxStackSlots = 1 << 18
	stackStep     = 4096
)

// limitArrays sets the one limit that gopher-lua keeps in a variable.
var limitArrays = sync.OnceFunc(func() { lua.MaxArrayIndex = maxArray })

// VM is one Lua machine. It runs one script at a time.
type VM struct {
	state *lua.LState
	// globals are the values of all global names. Scripts see them through env,
	// an empty table that passes reads on and refuses writes.
	globals, env *lua.LTable
	frozen       map[*lua.LTable]frozen
	budget       *Budget
	random       random
	entry        *lua.LFunction // calls what Run is to call
	uncaught     func(*lua.LState)
	failure      Error
	json         *jsonSettings
	null         lua.LValue // cjson.null
	stringMeta   lua.LValue // what getmetatable shows of a string
}

// New returns a machine with the standard libraries.
func New() *VM {
	limitArrays()
	state := lua.NewState(lua.Options{
		CallStackSize: maxDepth, MinimizeStackMemory: true, SkipOpenLibs: true,
		RegistrySize: stackSlots, RegistryMaxSize: maxStackSlots, RegistryGrowStep: stackStep,
	})
	vm := &VM{state: state, frozen: make(map[*lua.LTable]frozen), random: random{randomStart}}
	vm.openGlobals()
	vm.openBase()
	vm.openStrings()
	vm.openTables()
	vm.openMath()
	vm.openCoroutines()
	vm.openBit()
	vm.openJSON()
	vm.openMsgpack()
	vm.openStruct()
	vm.openValues()
	vm.entry = state.NewFunction(vm.enter)
	vm.uncaught = func(raising *lua.LState) {
		vm.failure.locate(raising)
		panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: raising.Get(-1)})
	}
	return vm
}

// Set gives a global name a value. It is for the server: scripts can't.
func (vm *VM) Set(name string, v lua.LValue) { vm.globals.RawSetString(name, v) }

// NewTable returns an empty table with room for n items.
func (vm *VM) NewTable(n int) *lua.LTable { return vm.state.CreateTable(n, 0) }

// Library makes a frozen table of functions and other values, and gives it a
// global name unless that is empty.
func (vm *VM) Library(name string, functions map[string]Function, values map[string]lua.LValue) *lua.LTable {
	members := vm.state.NewTable()
	for key, f := range functions {
		members.RawSetString(key, vm.function(key, f))
	}
	for key, v := range values {
		members.RawSetString(key, v)
	}
	public := vm.freeze(members, nil)
	if name != "" {
		vm.Set(name, public)
	}
	return public
}

// Load makes a function of a chunk.
func (vm *VM) Load(chunk *Chunk) *lua.LFunction {
	fn := vm.state.NewFunctionFromProto(chunk.proto)
	fn.Env = vm.env
	return fn
}

// Run calls a function within a budget and returns its first result. Before the
// next Run the machine is as it was, but for what the function may have kept in
// upvalues of its own.
func (vm *VM) Run(fn *lua.LFunction, b *Budget, args ...lua.LValue) (lua.LValue, *Error) {
	vm.budget, vm.failure = b, Error{}
	b.begin(vm)
	l := vm.state
	l.SetContext(b)
	l.Push(vm.entry)
	l.Push(fn)
	for _, arg := range args {
		l.Push(arg)
	}
	err := l.PCall(1+len(args), 1, nil)
	vm.budget, b.vm = nil, nil
	if err != nil {
		failure := vm.failure
		failure.complete(err)
		if b.err != nil {
			failure.Value = lua.LString(b.err.Error())
		}
		l.G.CurrentThread = l
		l.SetTop(0)
		return nil, &failure
	}
	result := l.Get(-1)
	l.SetTop(0)
	if b.err != nil { // a pcall was the last thing that the script did
		return nil, &Error{Value: lua.LString(b.err.Error())}
	}
	return result, nil
}

// enter calls its first argument with the others. Errors that nobody catches are
// looked at while the stack is as it was when they were raised.
func (vm *VM) enter(l *lua.LState) int {
	l.Panic = vm.uncaught
	l.Call(l.GetTop()-1, 1)
	return 1
}

// Reset makes the settings of libraries as every script is to find them. The
// sequence of math.random goes on, or scripts that do not seed it would get the same
// numbers each time.
func (vm *VM) Reset() { vm.json.reset() }

// Charge notes that the running script is about to take n bytes, and raises an
// error in it if it may not.
func (vm *VM) Charge(n int) {
	if vm.budget != nil {
		vm.budget.charge(n)
	}
}
