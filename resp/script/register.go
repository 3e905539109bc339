package script

import (
	lua "github.com/yuin/gopher-lua"

	"kvd/resp/script/sandbox"
)

// register implements redis.register_function.
func (m *machine) register(c sandbox.Call) int {
	f := &FunctionInfo{}
	switch c.GetTop() {
	case 1:
		named, ok := c.Get(1).(*lua.LTable)
		if !ok {
			failCoded(c, "ERR calling redis.register_function with a single argument is only applicable to Lua table "+
				"(representing named arguments).")
		}
		f.readNamed(c, named)
	case 2:
		name, ok := sandbox.Text(c.Get(1))
		if !ok {
			failCoded(c, "ERR first argument to redis.register_function must be a string")
		}
		f.Name = name
		if f.fn, ok = c.Get(2).(*lua.LFunction); !ok {
			failCoded(c, "ERR second argument to redis.register_function must be a function")
		}
	default:
		failCoded(c, "ERR wrong number of arguments to redis.register_function")
	}
	if !validName(f.Name) {
		failCoded(c, "ERR "+badName)
	}
	if m.load == nil {
		failCoded(c, "ERR redis.register_function can only be called on FUNCTION LOAD command")
	}
	for _, other := range m.load.into.Functions {
		if other.Name == f.Name {
			failCoded(c, "ERR Function already exists in the library")
		}
	}
	m.load.into.Functions = append(m.load.into.Functions, f)
	return 0
}

// readNamed reads the form with one table.
func (f *FunctionInfo) readNamed(c sandbox.Call, named *lua.LTable) {
	hasName := false
	for k, v := named.Next(lua.LNil); k != lua.LNil; k, v = named.Next(k) {
		key, _ := k.(lua.LString)
		var ok bool
		switch key {
		case "function_name":
			if f.Name, ok = sandbox.Text(v); !ok {
				failCoded(c, "ERR function_name argument given to redis.register_function must be a string")
			}
			hasName = true
		case "description":
			if f.Description, ok = sandbox.Text(v); !ok {
				failCoded(c, "ERR description argument given to redis.register_function must be a string")
			}
			f.Described = true
		case "callback":
			if f.fn, ok = v.(*lua.LFunction); !ok {
				failCoded(c, "ERR callback argument given to redis.register_function must be a function")
			}
		case "flags":
			f.readFlags(c, v)
		default:
			failCoded(c, "ERR unknown argument given to redis.register_function")
		}
	}
	if !hasName {
		failCoded(c, "ERR redis.register_function must get a function name argument")
	}
	if f.fn == nil {
		failCoded(c, "ERR redis.register_function must get a callback argument")
	}
}

func (f *FunctionInfo) readFlags(c sandbox.Call, v lua.LValue) {
	list, ok := v.(*lua.LTable)
	if !ok {
		failCoded(c, "ERR flags argument to redis.register_function must be a table representing function flags")
	}
	for i := 1; ; i++ {
		item := list.RawGetInt(i)
		if item == lua.LNil {
			return
		}
		name, _ := item.(lua.LString)
		flag, ok := flagByName(string(name))
		if !ok {
			failCoded(c, "ERR unknown flag given")
		}
		f.Flags |= flag
	}
}
