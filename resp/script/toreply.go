package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"kvd/internal/rediserr"
	"kvd/resp/reply"
	"kvd/resp/script/sandbox"
)

// maxReplyDepth is how deep tables may nest in what a script returns.
const maxReplyDepth = 1000

var errReplyDepth = rediserr.New("reached lua stack limit")

// writeReply writes what a script has returned.
func (m *machine) writeReply(out *reply.Writer, v lua.LValue) {
	w := encoder{out: out, resp3: m.resp == 3}
	w.value(v, 0)
}

// encoder writes values of Lua as replies.
type encoder struct {
	out   *reply.Writer
	resp3 bool // the script has asked for RESP3, so true is no integer
}

func (w *encoder) value(v lua.LValue, depth int) {
	if depth > maxReplyDepth {
		w.out.Error(errReplyDepth)
		return
	}
	switch v := v.(type) {
	case lua.LString:
		w.out.Text(string(v))
	case lua.LNumber:
		w.out.Int(sandbox.ToInt(float64(v)))
	case lua.LBool:
		switch {
		case w.resp3:
			w.out.Bool(bool(v))
		case bool(v):
			w.out.Int(1)
		default:
			w.out.Null()
		}
	case *lua.LTable:
		if !w.special(v, depth) {
			w.array(v, depth)
		}
	default:
		w.out.Null()
	}
}

// special writes a table that stands for a reply of another type, and reports
// whether it is one. The first field that is there counts.
func (w *encoder) special(t *lua.LTable, depth int) bool {
	if s, ok := t.RawGetString("err").(lua.LString); ok {
		w.fail(rediserr.OneLine(string(s)))
		return true
	}
	if s, ok := t.RawGetString("ok").(lua.LString); ok {
		w.out.Status(rediserr.OneLine(string(s)))
		return true
	}
	if f, ok := t.RawGetString("double").(lua.LNumber); ok {
		w.out.Double(float64(f))
		return true
	}
	if pairs, ok := t.RawGetString("map").(*lua.LTable); ok {
		w.pairs(pairs, depth)
		return true
	}
	if members, ok := t.RawGetString("set").(*lua.LTable); ok {
		w.set(members, depth)
		return true
	}
	if s, ok := t.RawGetString("big_number").(lua.LString); ok {
		w.bigNumber(rediserr.OneLine(string(s)))
		return true
	}
	if text, ok := t.RawGetString("verbatim_string").(*lua.LTable); ok {
		return w.verbatim(text)
	}
	return false
}

// fail writes an error reply of a text whose first word is the code.
func (w *encoder) fail(text string) {
	code, rest, ok := strings.Cut(text, " ")
	if !ok {
		w.out.Raw([]byte("-" + text + "\r\n"))
		return
	}
	w.out.Error(rediserr.Coded(code, rest))
}

func (w *encoder) bigNumber(digits string) {
	if w.out.Protocol() == 3 {
		w.out.Raw([]byte("(" + digits + "\r\n"))
		return
	}
	w.out.Text(digits)
}

// verbatim writes a text with its format, or reports that it has none.
func (w *encoder) verbatim(t *lua.LTable) bool {
	text, ok := t.RawGetString("string").(lua.LString)
	format, ok2 := t.RawGetString("format").(lua.LString)
	if !ok || !ok2 {
		return false
	}
	w.out.Verbatim((string(format) + "   ")[:3], string(text))
	return true
}

func (w *encoder) pairs(t *lua.LTable, depth int) {
	w.out.Map(size(t))
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		w.value(k, depth+1)
		w.value(v, depth+1)
	}
}

func (w *encoder) set(t *lua.LTable, depth int) {
	w.out.Set(size(t))
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		w.value(k, depth+1)
	}
}

func size(t *lua.LTable) int {
	n := 0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n++
	}
	return n
}

// array writes a table's elements up to the first that is nil.
func (w *encoder) array(t *lua.LTable, depth int) {
	n := 0
	for t.RawGet(lua.LNumber(n+1)) != lua.LNil {
		n++
	}
	w.out.Array(n)
	for i := 1; i <= n; i++ {
		w.value(t.RawGet(lua.LNumber(i)), depth+1)
	}
}
