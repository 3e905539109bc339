package sandbox

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// maxResults is how many values unpack may return, about as many as in Lua 5.1.
const maxResults = 7990

// openBase sets the basic functions. What reaches outside of a script (dofile,
// print, setfenv …) is not among them.
func (vm *VM) openBase() {
	for name, f := range map[string]Function{
		"assert": baseAssert, "collectgarbage": baseCollect, "gcinfo": baseInfo, "error": baseError,
		"getmetatable": baseGetMetatable, "setmetatable": baseSetMetatable,
		"ipairs": baseIpairs, "pairs": basePairs, "next": baseNext,
		"load": baseLoad, "loadstring": baseLoadString,
		"pcall": basePcall, "xpcall": baseXpcall,
		"rawequal": baseRawEqual, "rawget": baseRawGet, "rawset": baseRawSet,
		"select": baseSelect, "unpack": baseUnpack,
		"tonumber": baseToNumber, "tostring": baseToString, "type": baseType,
	} {
		vm.Set(name, vm.function(name, f))
	}
	vm.Set("_VERSION", lua.LString("Lua 5.1"))
}

func baseAssert(c Call) int {
	if lua.LVAsBool(c.Any(1)) {
		return c.GetTop()
	}
	c.Fail("%s", c.OptStr(2, "assertion failed!"))
	return 0
}

func baseCollect(c Call) int {
	switch option := c.OptStr(1, "collect"); option {
	case "count":
		c.PushNum(c.vm.kilobytes())
	case "collect", "stop", "restart", "step", "setpause", "setstepmul":
		c.PushNum(0)
	default:
		c.BadArg(1, "invalid option '%s'", option)
	}
	return 1
}

func baseInfo(c Call) int {
	c.PushNum(math.Floor(c.vm.kilobytes()))
	return 1
}

func (vm *VM) kilobytes() float64 { return float64(measure(vm, math.MaxInt)) / 1024 }

func baseError(c Call) int {
	value := lua.LNil
	if c.GetTop() > 0 {
		value = c.Get(1)
	}
	text, ok := toString(value)
	if level := c.OptInteger(2, 1); ok && level > 0 {
		value = lua.LString(c.position(level) + text)
	}
	c.Error(value, 0)
	return 0
}

// position returns where the function is that is level calls up, to stand
// before a message: "user_script:3: ".
func (c Call) position(level int) string {
	dbg, ok := c.GetStack(level)
	if !ok {
		return ""
	}
	if _, err := c.GetInfo("Sl", dbg, lua.LNil); err != nil || dbg.CurrentLine <= 0 {
		return ""
	}
	return dbg.Source + ":" + strconv.Itoa(dbg.CurrentLine) + ": "
}

func baseGetMetatable(c Call) int {
	switch v := c.Any(1).(type) {
	case *lua.LTable:
		if f, ok := c.vm.frozen[v]; ok {
			c.Push(f.meta)
			return 1
		}
		c.Push(c.GetMetatable(v))
	case lua.LString:
		c.Push(c.vm.stringMeta)
	case *lua.LUserData:
		c.Push(c.GetMetatable(v))
	default:
		c.Push(lua.LNil)
	}
	return 1
}

func baseSetMetatable(c Call) int {
	c.Table(1) // is it one?
	meta := c.Get(2)
	if _, ok := meta.(*lua.LTable); !ok && (meta != lua.LNil || c.GetTop() < 2) {
		c.BadArg(2, "nil or table expected")
	}
	t := c.OwnTable(1)
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		c.Fail("cannot change a protected metatable")
	}
	if m, ok := meta.(*lua.LTable); ok {
		meta = c.vm.read(m)
	}
	t.Metatable = meta
	c.SetTop(1)
	return 1
}

func baseIpairs(c Call) int {
	t := c.vm.read(c.Table(1))
	c.Push(c.vm.function("ipairs", func(c Call) int {
		i := c.Integer(2) + 1
		v := c.vm.read(c.Table(1)).RawGetInt(i)
		if v == lua.LNil {
			c.Push(lua.LNil)
			return 1
		}
		c.PushNum(float64(i))
		c.Push(v)
		return 2
	}))
	c.Push(t)
	c.PushNum(0)
	return 3
}

func basePairs(c Call) int {
	t := c.Table(1)
	c.Push(c.vm.globals.RawGetString("next"))
	c.Push(t)
	c.Push(lua.LNil)
	return 3
}

func baseNext(c Call) int {
	t := c.vm.read(c.Table(1))
	key := lua.LNil
	if c.GetTop() > 1 {
		key = c.Get(2)
	}
	k, v := t.Next(key)
	c.Push(k)
	if k == lua.LNil {
		return 1
	}
	c.Push(v)
	return 2
}

func baseLoad(c Call) int {
	f := c.Func(1)
	var source strings.Builder
	for {
		c.Push(f)
		c.Call(0, 1)
		piece, ok := toString(c.Get(-1))
		missing := c.Get(-1) == lua.LNil
		c.Pop(1)
		if missing || ok && piece == "" {
			break
		}
		if !ok {
			c.Push(lua.LNil)
			c.PushStr("reader function must return a string")
			return 2
		}
		c.Charge(len(piece))
		source.WriteString(piece)
	}
	return c.load(source.String(), chunkName(c.OptStr(2, "=(load)")))
}

func baseLoadString(c Call) int {
	source := c.Str(1)
	return c.load(source, chunkName(c.OptStr(2, source)))
}

// codeFactor is about how many bytes the code of a chunk takes for each byte of
// its source.
const codeFactor = 50

func (c Call) load(source, name string) int {
	c.Charge(codeFactor * len(source))
	chunk, err := Compile(source, name)
	if err != nil {
		c.Push(lua.LNil)
		c.PushStr(err.Error())
		return 2
	}
	c.Push(c.vm.Load(chunk))
	return 1
}

// chunkName returns how the name of a chunk is shown in errors.
func chunkName(name string) string {
	const longest = 40
	if name != "" && (name[0] == '=' || name[0] == '@') {
		return name[1:]
	}
	line, _, more := strings.Cut(name, "\n")
	if len(line) > longest {
		line, more = line[:longest], true
	}
	if more {
		line += "..."
	}
	return `[string "` + line + `"]`
}

func basePcall(c Call) int {
	c.Any(1)
	if err := c.PCall(c.GetTop()-1, lua.MultRet, nil); err != nil {
		return c.caught(err)
	}
	c.Insert(lua.LTrue, 1)
	return c.GetTop()
}

// caught returns false and what was raised. As in Redis, of an error of the
// server that is its text.
func (c Call) caught(err error) int {
	var e Error
	e.complete(err)
	if t, ok := e.Value.(*lua.LTable); ok {
		if text, ok := c.vm.read(t).RawGetString("err").(lua.LString); ok {
			e.Value = text
		}
	}
	c.Push(lua.LFalse)
	c.Push(e.Value)
	return 2
}

func baseXpcall(c Call) int {
	f, handler := c.Any(1), c.Any(2)
	c.SetTop(0)
	c.Push(f)
	err := c.PCall(0, lua.MultRet, c.vm.function("xpcall", func(c Call) int {
		c.Push(handler)
		c.Push(spell(c.Get(1)))
		c.Call(1, 1)
		return 1
	}))
	if err != nil {
		var e Error
		e.complete(err)
		c.Push(lua.LFalse)
		c.Push(e.Value)
		return 2
	}
	c.Insert(lua.LTrue, 1)
	return c.GetTop()
}

func baseRawEqual(c Call) int {
	c.Push(lua.LBool(c.RawEqual(c.Any(1), c.Any(2))))
	return 1
}

func baseRawGet(c Call) int {
	c.Push(c.vm.read(c.Table(1)).RawGet(c.Any(2)))
	return 1
}

func baseRawSet(c Call) int {
	t := c.OwnTable(1)
	key, value := c.Any(2), c.Any(3)
	c.setIndex(t, key, value)
	c.SetTop(1)
	return 1
}

// setIndex assigns without metamethods; it charges what an index beyond the end
// of the array takes.
func (c Call) setIndex(t *lua.LTable, key, value lua.LValue) {
	if n, ok := key.(lua.LNumber); ok && n > smallIndex && n < maxArray {
		if gap := int(n) - t.Len(); gap > smallIndex {
			c.Charge(slotBytes * gap)
		}
	}
	c.RawSet(t, key, value)
}

func baseSelect(c Call) int {
	n := c.GetTop()
	if s, ok := c.Get(1).(lua.LString); ok && s == "#" {
		c.PushNum(float64(n - 1))
		return 1
	}
	i := c.Integer(1)
	switch {
	case i < 0:
		i += n
	case i > n:
		i = n
	}
	if i < 1 {
		c.BadArg(1, "index out of range")
	}
	return n - i
}

func baseUnpack(c Call) int {
	t := c.vm.read(c.Table(1))
	first := c.OptInteger(2, 1)
	last := t.Len()
	if c.Has(3) {
		last = c.Integer(3)
	}
	if first > last {
		return 0
	}
	if last-first >= maxResults || last-first < 0 {
		c.Fail("too many results to unpack")
	}
	for i := first; i <= last; i++ {
		c.Push(t.RawGet(lua.LNumber(i)))
	}
	return last - first + 1
}

func baseToNumber(c Call) int {
	base := c.OptInteger(2, 10)
	if base == 10 {
		if f, ok := toNumber(c.Any(1)); ok {
			c.PushNum(f)
		} else {
			c.Push(lua.LNil)
		}
		return 1
	}
	if base < 2 || base > 36 {
		c.BadArg(2, "base out of range")
	}
	s := strings.ToLower(strings.Trim(c.Str(1), " \t\n\v\f\r"))
	if base == 16 {
		s = strings.TrimPrefix(s, "0x")
	}
	negative := strings.HasPrefix(s, "-")
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "-"), base, 64)
	switch {
	case err != nil || strings.Contains(s, "_"):
		c.Push(lua.LNil)
	case negative:
		c.PushNum(float64(-n)) // as an unsigned number, like strtoul
	default:
		c.PushNum(float64(n))
	}
	return 1
}

func baseToString(c Call) int {
	c.Push(lua.LString(c.vm.show(c.LState, c.Any(1))))
	return 1
}

// show returns a value as tostring does.
func (vm *VM) show(l *lua.LState, v lua.LValue) string {
	if f := vm.metamethod(v, "__tostring"); f != lua.LNil {
		l.Push(f)
		l.Push(v)
		l.Call(1, 1)
		result := l.Get(-1)
		l.Pop(1)
		if s, ok := toString(result); ok {
			return s
		}
		l.RaiseError("'tostring' must return a string to 'print'")
	}
	return showPlain(v)
}

func baseType(c Call) int {
	c.Push(lua.LString(c.Any(1).Type().String()))
	return 1
}
