package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// jsonSettings are what a script can set of cjson. In Redis they stay set for the
// scripts that follow; here each begins with the defaults.
type jsonSettings struct {
	sparseConvert           bool // a sparse array becomes an object instead of an error
	sparseRatio, sparseSafe int
	encodeDepth             int
	decodeDepth             int
	precision               int
	keepBuffer              bool
	encodeInvalid           string // "off", "on" or "null"
	decodeInvalid           string
}

func (s *jsonSettings) reset() {
	*s = jsonSettings{
		sparseRatio: 2, sparseSafe: 10, encodeDepth: 1000, decodeDepth: 1000, precision: digits,
		keepBuffer: true, encodeInvalid: "off", decodeInvalid: "on",
	}
}

// openJSON sets the library cjson as version 2.1 of lua-cjson is documented
// (https://www.kyne.com.au/~mark/software/lua-cjson-manual.html), with the errors
// of the one in Redis.
func (vm *VM) openJSON() {
	s := &jsonSettings{}
	s.reset()
	vm.json = s
	null := vm.state.NewUserData()
	vm.null = null
	functions := map[string]Function{
		"encode": s.encode, "decode": s.decode, "encode_sparse_array": s.setSparse,
		"encode_max_depth":        jsonInteger(&s.encodeDepth, math.MaxInt32),
		"decode_max_depth":        jsonInteger(&s.decodeDepth, math.MaxInt32),
		"encode_number_precision": jsonInteger(&s.precision, digits),
		"encode_keep_buffer":      jsonBool(&s.keepBuffer),
		"encode_invalid_numbers":  jsonInvalid(&s.encodeInvalid, "null"),
		"decode_invalid_numbers":  jsonInvalid(&s.decodeInvalid, ""),
	}
	functions["new"] = func(c Call) int {
		c.Push(c.vm.globals.RawGetString("cjson"))
		return 1
	}
	vm.Library("cjson", functions, map[string]lua.LValue{
		"null": null, "_NAME": lua.LString("cjson"), "_VERSION": lua.LString("2.1.0"),
	})
}

// IsNull reports whether a value is cjson.null.
func (vm *VM) IsNull(v lua.LValue) bool { return v == vm.null }

func (c Call) argCount(n int) {
	switch {
	case c.GetTop() > n:
		c.BadArg(n+1, "found too many arguments")
	}
}

// jsonInteger is a function that sets an integer, if it gets one, and returns it.
func jsonInteger(at *int, most int) Function {
	return func(c Call) int {
		c.argCount(1)
		if c.Has(1) {
			n := c.Integer(1)
			if n < 1 || n > most {
				c.BadArg(1, "expected integer between 1 and %d", most)
			}
			*at = n
		}
		c.PushNum(float64(*at))
		return 1
	}
}

func jsonBool(at *bool) Function {
	return func(c Call) int {
		c.argCount(1)
		if c.Has(1) {
			*at = lua.LVAsBool(c.Get(1))
		}
		c.Push(lua.LBool(*at))
		return 1
	}
}

// jsonInvalid is a function that sets "on" or "off", by a word or a boolean, or
// the third word that it allows.
func jsonInvalid(at *string, third string) Function {
	return func(c Call) int {
		c.argCount(1)
		switch v := c.Get(1).(type) {
		case lua.LBool:
			*at = map[bool]string{true: "on", false: "off"}[bool(v)]
		case lua.LString:
			if s := string(v); s != "on" && s != "off" && (s != third || third == "") {
				c.BadArg(1, "invalid option '%s'", s)
			}
			*at = string(v)
		}
		switch *at {
		case "on", "off":
			c.Push(lua.LBool(*at == "on"))
		default:
			c.Push(lua.LString(*at))
		}
		return 1
	}
}

func (s *jsonSettings) setSparse(c Call) int {
	c.argCount(3)
	if c.Has(1) {
		s.sparseConvert = lua.LVAsBool(c.Get(1))
	}
	for i, at := range []*int{&s.sparseRatio, &s.sparseSafe} {
		if c.Has(i + 2) {
			n := c.Integer(i + 2)
			if n < 0 || n > math.MaxInt32 {
				c.BadArg(i+2, "expected integer between 0 and %d", math.MaxInt32)
			}
			*at = n
		}
	}
	c.Push(lua.LBool(s.sparseConvert))
	c.PushNum(float64(s.sparseRatio))
	c.PushNum(float64(s.sparseSafe))
	return 3
}
