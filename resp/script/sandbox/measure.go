package sandbox

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What the parts of a value take in bytes, with what the Go runtime adds.
const (
	slotBytes   = 16  // an element of an array, a slot of a stack
	numberBytes = 8   // a number that is not in an array of its own
	entryBytes  = 64  // a key in one of the maps of a table
	orderBytes  = 64  // a key in the list and the map that keep the order of keys
	tableBytes  = 120 // a table without content
	closure     = 100 // a function with an upvalue
	threadBytes = 1 << 10
	// longString is the length from which it is noted which strings have been
	// counted. Shorter ones are counted half wherever they are met: that is less
	// than noting them would take.
	longString = 64
)

// measurer adds up what can be reached from a machine.
type measurer struct {
	seen  map[unsafe.Pointer]struct{}
	todo  []lua.LValue
	total int
	limit int
}

// measure returns how many bytes the values that a script can reach take: those
// on its stack, in what it has been given and in all that hangs on them. It ends
// early when the sum is above limit.
func measure(vm *VM, limit int) int {
	m := measurer{seen: make(map[unsafe.Pointer]struct{}), limit: limit}
	m.thread(vm.state)
	if current := vm.state.G.CurrentThread; current != nil && current != vm.state {
		m.add(current)
	}
	for _, name := range []string{"KEYS", "ARGV"} {
		m.add(vm.globals.RawGetString(name))
	}
	for len(m.todo) > 0 && m.total <= m.limit {
		last := len(m.todo) - 1
		v := m.todo[last]
		m.todo = m.todo[:last]
		m.visit(v)
	}
	return m.total
}

// add counts a value once.
func (m *measurer) add(v lua.LValue) {
	var at unsafe.Pointer
	switch v := v.(type) {
	case lua.LNumber:
		m.total += numberBytes
		return
	case lua.LString:
		if len(v) < longString {
			m.total += slotBytes + len(v)/2
			return
		}
		at = unsafe.Pointer(unsafe.StringData(string(v)))
	case *lua.LTable:
		at = unsafe.Pointer(v)
	case *lua.LFunction:
		at = unsafe.Pointer(v)
	case *lua.LState:
		at = unsafe.Pointer(v)
	default:
		return
	}
	if _, ok := m.seen[at]; ok {
		return
	}
	m.seen[at] = struct{}{}
	m.todo = append(m.todo, v)
}

func (m *measurer) visit(v lua.LValue) {
	switch v := v.(type) {
	case lua.LString:
		m.total += len(v) + slotBytes
	case *lua.LTable:
		m.table(v)
	case *lua.LFunction:
		m.total += closure
		for _, up := range v.Upvalues {
			if up != nil {
				m.add(up.Value())
			}
		}
	case *lua.LState:
		m.thread(v)
		m.total += threadBytes
	}
}

// table counts a table: its maps and arrays by their length, since gopher-lua
// keeps the places of what was removed.
func (m *measurer) table(t *lua.LTable) {
	inside := reflect.ValueOf(t).Elem()
	m.total += tableBytes
	m.total += slotBytes * inside.FieldByName("array").Cap()
	m.total += entryBytes * (inside.FieldByName("dict").Len() + inside.FieldByName("strdict").Len())
	m.total += orderBytes * inside.FieldByName("keys").Cap()
	m.add(t.Metatable)
	t.ForEach(func(k, v lua.LValue) {
		if m.total <= m.limit {
			m.add(k)
			m.add(v)
		}
	})
}

// thread counts the stack of a coroutine or of the script itself. gopher-lua has
// no way to list it, so it is read where it is.
func (m *measurer) thread(l *lua.LState) {
	registry := reflect.ValueOf(l).Elem().FieldByName("reg").Elem()
	top := int(registry.FieldByName("top").Int())
	field := registry.FieldByName("array")
	slots := *(*[]lua.LValue)(unsafe.Pointer(field.UnsafeAddr()))
	m.total += slotBytes * len(slots)
	for _, v := range slots[:min(top, len(slots))] {
		if v != nil {
			m.add(v)
		}
	}
	if parent := l.Parent; parent != nil {
		m.add(parent)
	}
}
