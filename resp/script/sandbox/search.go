package sandbox

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// push pushes capture i of a match from s to e: the whole of it if the pattern
// has none.
func (m *matcher) push(i, s, e int) {
	if i >= len(m.captures) {
		if i != 0 {
			m.c.Fail("invalid capture index")
		}
		m.c.Push(lua.LString(m.subject[s:e]))
		return
	}
	got := m.captures[i]
	switch got.length {
	case openCapture:
		m.c.Fail("unfinished capture")
	case positionCapture:
		m.c.PushNum(float64(got.start + 1))
	default:
		m.c.Push(lua.LString(m.subject[got.start : got.start+got.length]))
	}
}

// pushAll pushes all captures and returns how many there are. whole says what
// stands for none: the match itself, or nothing.
func (m *matcher) pushAll(s, e, atLeast int) int {
	n := max(len(m.captures), atLeast)
	for i := range n {
		m.push(i, s, e)
	}
	return n
}

// next finds the first match at s or after it.
func (m *matcher) next(s int) (from, to int) {
	p := 0
	anchored := strings.HasPrefix(m.pattern, "^")
	if anchored {
		p = 1
	}
	for ; s <= len(m.subject); s++ {
		m.captures = m.captures[:0]
		if e := m.at(s, p); e >= 0 {
			return s, e
		}
		if anchored {
			break
		}
	}
	return -1, -1
}

func strFind(c Call) int  { return c.search(true) }
func strMatch(c Call) int { return c.search(false) }

// search implements string.find and string.match.
func (c Call) search(find bool) int {
	s, pattern := c.Str(1), c.Str(2)
	at := c.OptInteger(3, 1)
	if at < 0 {
		at += len(s) + 1
	}
	at = max(at, 1) - 1
	if at > len(s) {
		if !find || pattern != "" {
			c.Push(lua.LNil)
			return 1
		}
		at = len(s)
	}
	if find && (lua.LVAsBool(c.Get(4)) || !strings.ContainsAny(pattern, "^$*+?.([%-")) {
		i := strings.Index(s[at:], pattern)
		if i < 0 {
			c.Push(lua.LNil)
			return 1
		}
		c.PushNum(float64(at + i + 1))
		c.PushNum(float64(at + i + len(pattern)))
		return 2
	}
	m := matcher{c: c, subject: s, pattern: pattern}
	from, to := m.next(at)
	if from < 0 {
		c.Push(lua.LNil)
		return 1
	}
	if !find {
		return m.pushAll(from, to, 1)
	}
	c.PushNum(float64(from + 1))
	c.PushNum(float64(to))
	return 2 + m.pushAll(from, to, 0)
}

func strGmatch(c Call) int {
	subject, pattern := c.Str(1), c.Str(2)
	at := 0
	c.Push(c.vm.function("gmatch", func(c Call) int {
		m := matcher{c: c, subject: subject, pattern: pattern}
		for ; at <= len(subject); at++ {
			m.captures = m.captures[:0]
			e := m.at(at, 0)
			if e < 0 {
				continue
			}
			from := at
			at = e
			if e == from {
				at++
			}
			return m.pushAll(from, e, 1)
		}
		c.Push(lua.LNil)
		return 1
	}))
	return 1
}

func strGsub(c Call) int {
	subject, pattern := c.Str(1), c.Str(2)
	switch c.Get(3).(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		c.BadArg(3, "string/function/table expected")
	}
	limit := c.OptInteger(4, len(subject)+1)
	m := matcher{c: c, subject: subject, pattern: pattern}
	first := 0
	if strings.HasPrefix(pattern, "^") {
		first = 1
	}
	var out strings.Builder
	n, at := 0, 0
	for n < limit {
		m.captures = m.captures[:0]
		e := m.at(at, first)
		if e >= 0 {
			n++
			m.replace(&out, at, e)
		}
		switch {
		case e > at:
			at = e
		case at < len(subject):
			out.WriteByte(subject[at])
			at++
		default:
			at++
		}
		if at > len(subject) || first == 1 {
			break
		}
	}
	if at < len(subject) {
		out.WriteString(subject[at:])
	}
	c.PushStr(out.String())
	c.PushNum(float64(n))
	return 2
}

// replace writes what a match is to be replaced by.
func (m *matcher) replace(out *strings.Builder, s, e int) {
	c := m.c
	switch with := c.Get(3).(type) {
	case *lua.LTable:
		m.push(0, s, e)
		key := c.Get(-1)
		c.Pop(1)
		c.Push(c.GetTable(with, key))
	case *lua.LFunction:
		c.Push(with)
		n := m.pushAll(s, e, 1)
		c.Call(n, 1)
	default:
		text, _ := toString(with)
		m.expand(out, text, s, e)
		return
	}
	value := c.Get(-1)
	c.Pop(1)
	text, ok := toString(value)
	switch {
	case !lua.LVAsBool(value):
		text = m.subject[s:e]
	case !ok:
		c.Fail("invalid replacement value (a %s)", value.Type())
	}
	c.Charge(len(text))
	out.WriteString(text)
}

// expand writes a replacement with its %0 to %9.
func (m *matcher) expand(out *strings.Builder, text string, s, e int) {
	m.c.Charge(len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		i++
		switch {
		case i >= len(text):
			out.WriteByte(0) // where C finds the end of the string
		case !isDigit(text[i]):
			out.WriteByte(text[i])
		case text[i] == '0':
			m.c.Charge(e - s)
			out.WriteString(m.subject[s:e])
		default:
			m.push(int(text[i]-'1'), s, e)
			got, _ := toString(m.c.Get(-1))
			m.c.Pop(1)
			m.c.Charge(len(got))
			out.WriteString(got)
		}
	}
}
