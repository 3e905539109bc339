package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// jsonEncoder writes one value as JSON.
type jsonEncoder struct {
	*jsonSettings
	c   Call
	out []byte
}

func (s *jsonSettings) encode(c Call) int {
	if c.GetTop() != 1 {
		c.BadArg(1, "expected 1 argument")
	}
	e := jsonEncoder{jsonSettings: s, c: c}
	e.value(c.Get(1), 0)
	c.PushStr(string(e.out))
	return 1
}

func (e *jsonEncoder) fail(v lua.LValue, why string) {
	e.c.Fail("Cannot serialise %s: %s", v.Type(), why)
}

func (e *jsonEncoder) value(v lua.LValue, depth int) {
	switch v := v.(type) {
	case lua.LString:
		e.text(string(v))
	case lua.LNumber:
		e.number(float64(v))
	case lua.LBool:
		e.out = append(e.out, v.String()...)
	case *lua.LTable:
		e.table(e.c.vm.read(v), depth+1)
	case *lua.LNilType:
		e.out = append(e.out, "null"...)
	default:
		if !e.c.vm.IsNull(v) {
			e.fail(v, "type not supported")
		}
		e.out = append(e.out, "null"...)
	}
}

func (e *jsonEncoder) number(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch e.encodeInvalid {
		case "off":
			e.fail(lua.LNumber(f), "must not be NaN or Inf")
		case "null":
			e.out = append(e.out, "null"...)
			return
		}
	}
	e.out = append(e.out, FormatG(f, e.precision)...)
}

// text writes a string. Bytes that are no UTF-8 are written as they are.
func (e *jsonEncoder) text(s string) {
	const hex = "0123456789abcdef"
	e.c.Charge(len(s))
	e.out = append(e.out, '"')
	for i := range len(s) {
		ch := s[i]
		switch {
		case ch == '"' || ch == '\\' || ch == '/':
			e.out = append(e.out, '\\', ch)
		case ch >= 0x20 && ch != 0x7f:
			e.out = append(e.out, ch)
		case ch == '\b':
			e.out = append(e.out, '\\', 'b')
		case ch == '\t':
			e.out = append(e.out, '\\', 't')
		case ch == '\n':
			e.out = append(e.out, '\\', 'n')
		case ch == '\f':
			e.out = append(e.out, '\\', 'f')
		case ch == '\r':
			e.out = append(e.out, '\\', 'r')
		default:
			e.out = append(e.out, '\\', 'u', '0', '0', hex[ch>>4], hex[ch&15])
		}
	}
	e.out = append(e.out, '"')
}

func (e *jsonEncoder) table(t *lua.LTable, depth int) {
	if depth > e.encodeDepth {
		e.c.Fail("Cannot serialise, excessive nesting (%d)", depth)
	}
	e.c.vm.Poll()
	if n := e.arrayLength(t); n > 0 {
		e.array(t, n, depth)
		return
	}
	e.out = append(e.out, '{')
	first := true
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if !first {
			e.out = append(e.out, ',')
		}
		first = false
		switch k := k.(type) {
		case lua.LNumber:
			e.out = append(e.out, '"')
			e.number(float64(k))
			e.out = append(e.out, '"')
		case lua.LString:
			e.text(string(k))
		default:
			e.fail(k, "table key must be a number or string")
		}
		e.out = append(e.out, ':')
		e.value(v, depth)
	}
	e.out = append(e.out, '}')
}

func (e *jsonEncoder) array(t *lua.LTable, n, depth int) {
	e.out = append(e.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			e.out = append(e.out, ',')
		}
		e.value(t.RawGet(lua.LNumber(i)), depth)
	}
	e.out = append(e.out, ']')
}

// arrayLength returns the greatest index of a table that has only positive
// integers for keys, or 0: the table is an object. One with too many holes is an
// error.
func (e *jsonEncoder) arrayLength(t *lua.LTable) int {
	items, most := 0, 0.0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || float64(n) != math.Floor(float64(n)) {
			return 0
		}
		items++
		most = max(most, float64(n))
	}
	if e.sparseRatio > 0 && most > float64(items)*float64(e.sparseRatio) && most > float64(e.sparseSafe) {
		if !e.sparseConvert {
			e.fail(t, "excessively sparse array")
		}
		return 0
	}
	return int(most)
}
