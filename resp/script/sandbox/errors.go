package sandbox

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Error is how a script ended if it did not end well.
type Error struct {
	// Value is what was raised: a string, or whatever error was called with.
	Value lua.LValue
	// Line is the line of the script where it was raised; 0: unknown.
	Line int
	// Source is the name of the chunk.
	Source string
}

// Text returns what was raised as text, and whether it was a table with an
// error of the server in it, whose text has its own code.
func (e *Error) Text() (text string, coded bool) {
	switch v := e.Value.(type) {
	case *lua.LTable:
		if s, ok := v.RawGetString("err").(lua.LString); ok {
			return string(s), true
		}
		return "unknown error", false
	case lua.LString:
		return string(v), false
	}
	return showPlain(e.Value), false
}

// locate notes where an error is being raised: in the newest function of the
// script on the stack.
func (e *Error) locate(l *lua.LState) {
	for level := 0; ; level++ {
		dbg, ok := l.GetStack(level)
		if !ok {
			return
		}
		if _, err := l.GetInfo("Sl", dbg, lua.LNil); err == nil && dbg.CurrentLine > 0 {
			e.Line, e.Source = dbg.CurrentLine, dbg.Source
			return
		}
	}
}

// complete takes what was raised from what gopher-lua returns.
func (e *Error) complete(err error) {
	var raised *lua.ApiError
	if !errors.As(err, &raised) || raised.Object == nil {
		e.Value = lua.LString(err.Error())
		return
	}
	e.Value = spell(raised.Object)
}

// spell words the errors of gopher-lua as Lua 5.1 words them.
func spell(v lua.LValue) lua.LValue {
	s, ok := v.(lua.LString)
	if !ok {
		return v
	}
	text := string(s)
	for _, p := range phrases {
		at := strings.Index(text, p.from)
		if at < 0 {
			continue
		}
		return lua.LString(text[:at] + p.to(text[at+len(p.from):]))
	}
	return v
}

// phrase is the beginning of an error of gopher-lua, and how the rest of it is
// worded by Lua.
type phrase struct {
	from string
	to   func(rest string) string
}

var phrases = []phrase{
	{"attempt to index a non-table object(", func(rest string) string {
		kind, _, _ := strings.Cut(rest, ")")
		return "attempt to index a " + kind + " value"
	}},
	{"attempt to call a non-function object", func(string) string { return "attempt to call a table value" }},
	{"attempt to compare ", func(rest string) string {
		if a, b, ok := strings.Cut(rest, " with "); ok && a == b {
			return "attempt to compare two " + a + " values"
		}
		return "attempt to compare " + rest
	}},
	{"cannot perform ", func(rest string) string { return "attempt to perform arithmetic on a " + culprit(rest) + " value" }},
	{"__unm undefined", func(string) string { return "attempt to perform arithmetic on a table value" }},
	{"__len undefined", func(string) string { return "attempt to get length of a table value" }},
	{"for statement init must", func(string) string { return "'for' initial value must be a number" }},
	{"for statement limit must", func(string) string { return "'for' limit must be a number" }},
	{"for statement step must", func(string) string { return "'for' step must be a number" }},
	{"lua callstack overflow", func(string) string { return "stack overflow" }},
	{"registry overflow", func(string) string { return "stack overflow" }},
}

// culprit finds the operand that is no number in "add operation between nil and
// number".
func culprit(rest string) string {
	_, operands, _ := strings.Cut(rest, " between ")
	a, b, _ := strings.Cut(operands, " and ")
	if b == "number" || b == "string" || a != "number" && a != "string" {
		return a
	}
	return b
}

// showPlain returns a value as tostring shows it, without its metatable.
func showPlain(v lua.LValue) string {
	if s, ok := toString(v); ok {
		return s
	}
	return v.String()
}
