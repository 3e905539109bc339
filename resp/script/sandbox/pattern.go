package sandbox

import "strings"

const (
	maxCaptures = 32
	// maxPatternDepth bounds the recursion of a match.
	maxPatternDepth = 5000
	// stepsPerPoll is the number of steps of a match between two looks at
	// whether the script is to end.
	stepsPerPoll = 1 << 14
)

// What a capture's length says of it while it is being matched.
const (
	openCapture     = -1
	positionCapture = -2
)

// matcher matches one subject against one pattern of Lua 5.1: by backtracking,
// with patterns as section 5.4.1 of its manual describes them.
type matcher struct {
	c        Call
	subject  string
	pattern  string
	captures []capture
	depth    int
	steps    int
}

type capture struct{ start, length int }

// at tries to match the pattern from p at position s. It returns where the match
// ends, or -1.
func (m *matcher) at(s, p int) int {
	m.depth++
	defer func() { m.depth-- }()
	if m.depth > maxPatternDepth {
		m.c.Fail("pattern too complex")
	}
	for p < len(m.pattern) {
		switch {
		case m.pattern[p] == '(':
			return m.begin(s, p+1)
		case m.pattern[p] == ')':
			return m.close(s, p+1)
		case m.pattern[p] == '$' && p+1 == len(m.pattern):
			if s == len(m.subject) {
				return s
			}
			return -1
		}
		if next, end, ok := m.special(s, p); ok {
			if next < 0 {
				return -1
			}
			s, p = next, end
			continue
		}
		end := m.classEnd(p)
		if end < len(m.pattern) && strings.IndexByte("?*+-", m.pattern[end]) >= 0 {
			return m.repeat(s, p, end)
		}
		if !m.one(s, p, end) {
			return -1
		}
		s, p = s+1, end
	}
	return s
}

// begin opens the capture whose inside is at p; an empty one is a position.
func (m *matcher) begin(s, p int) int {
	if p < len(m.pattern) && m.pattern[p] == ')' {
		return m.open(s, p+1, positionCapture)
	}
	return m.open(s, p, openCapture)
}

// special matches %b, %f or a back reference, if there is one at p, and returns
// where the subject, or -1, and the pattern go on.
func (m *matcher) special(s, p int) (next, end int, ok bool) {
	if m.pattern[p] != '%' || p+1 >= len(m.pattern) {
		return 0, 0, false
	}
	switch c := m.pattern[p+1]; {
	case c == 'b':
		return m.balance(s, p+2), p + 4, true
	case c == 'f':
		if end, ok = m.frontier(s, p+2); !ok {
			return -1, 0, true
		}
		return s, end, true
	case isDigit(c):
		return m.back(s, c), p + 2, true
	}
	return 0, 0, false
}

// repeat matches a class from p to end and the repetition that stands there.
func (m *matcher) repeat(s, p, end int) int {
	switch m.pattern[end] {
	case '?':
		if m.one(s, p, end) {
			if e := m.at(s+1, end+1); e >= 0 {
				return e
			}
		}
		return m.at(s, end+1)
	case '-':
		for {
			if e := m.at(s, end+1); e >= 0 {
				return e
			}
			if !m.one(s, p, end) {
				return -1
			}
			s++
		}
	}
	least := 0
	if m.pattern[end] == '+' {
		least = 1
	}
	n := 0
	for m.one(s+n, p, end) {
		n++
	}
	for ; n >= least; n-- {
		if e := m.at(s+n, end+1); e >= 0 {
			return e
		}
	}
	return -1
}

// classEnd returns where the class that begins at p ends.
func (m *matcher) classEnd(p int) int {
	ch := m.pattern[p]
	p++
	switch ch {
	case '%':
		if p >= len(m.pattern) {
			m.c.Fail("malformed pattern (ends with '%%')")
		}
		return p + 1
	case '[':
		if p < len(m.pattern) && m.pattern[p] == '^' {
			p++
		}
		for first := true; first || p >= len(m.pattern) || m.pattern[p] != ']'; first = false {
			if p >= len(m.pattern) {
				m.c.Fail("malformed pattern (missing ']')")
			}
			if m.pattern[p] == '%' {
				p++
			}
			p++
		}
		return p + 1
	}
	return p
}

// one reports whether the byte at s belongs to the class from p to end.
func (m *matcher) one(s, p, end int) bool {
	if m.steps++; m.steps%stepsPerPoll == 0 {
		m.c.vm.Poll()
	}
	if s >= len(m.subject) {
		return false
	}
	switch m.pattern[p] {
	case '.':
		return true
	case '%':
		return inClass(m.subject[s], m.pattern[p+1])
	case '[':
		return inSet(m.subject[s], m.pattern[p+1:end-1])
	}
	return m.subject[s] == m.pattern[p]
}

// inSet reports whether b is in a set, given without its brackets.
func inSet(b byte, set string) bool {
	want := true
	if set != "" && set[0] == '^' {
		want, set = false, set[1:]
	}
	for i := 0; i < len(set); i++ {
		switch {
		case set[i] == '%' && i+1 < len(set):
			i++
			if inClass(b, set[i]) {
				return want
			}
		case i+2 < len(set) && set[i+1] == '-':
			if set[i] <= b && b <= set[i+2] {
				return want
			}
			i += 2
		case set[i] == b:
			return want
		}
	}
	return !want
}

// inClass reports whether b is of the class that %class stands for.
func inClass(b, class byte) bool {
	in := false
	switch class | 0x20 {
	case 'a':
		in = isAlpha(b)
	case 'c':
		in = b < 0x20 || b == 0x7f
	case 'd':
		in = isDigit(b)
	case 'l':
		in = b >= 'a' && b <= 'z'
	case 'p':
		in = b > 0x20 && b < 0x7f && !isAlpha(b) && !isDigit(b)
	case 's':
		in = b == ' ' || b >= '\t' && b <= '\r'
	case 'u':
		in = b >= 'A' && b <= 'Z'
	case 'w':
		in = isAlpha(b) || isDigit(b)
	case 'x':
		in = isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'f'
	case 'z':
		in = b == 0
	default:
		return class == b
	}
	if !isAlpha(class) {
		return class == b
	}
	return in == (class >= 'a')
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
func isAlpha(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// balance matches %bxy.
func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pattern) {
		m.c.Fail("unbalanced pattern")
	}
	if s >= len(m.subject) || m.subject[s] != m.pattern[p] {
		return -1
	}
	level := 1
	for s++; s < len(m.subject); s++ {
		switch m.subject[s] {
		case m.pattern[p+1]:
			if level--; level == 0 {
				return s + 1
			}
		case m.pattern[p]:
			level++
		}
	}
	return -1
}

// frontier matches %f[set]: a place where the set begins.
func (m *matcher) frontier(s, p int) (end int, ok bool) {
	if p >= len(m.pattern) || m.pattern[p] != '[' {
		m.c.Fail("missing '[' after '%%f' in pattern")
	}
	end = m.classEnd(p)
	set := m.pattern[p+1 : end-1]
	var before, after byte
	if s > 0 {
		before = m.subject[s-1]
	}
	if s < len(m.subject) {
		after = m.subject[s]
	}
	return end, !inSet(before, set) && inSet(after, set)
}

// back matches what a capture has matched.
func (m *matcher) back(s int, digit byte) int {
	i := int(digit - '1')
	if i < 0 || i >= len(m.captures) || m.captures[i].length == openCapture {
		m.c.Fail("invalid capture index")
	}
	got := m.captures[i]
	length := max(got.length, 0)
	if strings.HasPrefix(m.subject[s:], m.subject[got.start:got.start+length]) {
		return s + length
	}
	return -1
}

func (m *matcher) open(s, p, kind int) int {
	if len(m.captures) >= maxCaptures {
		m.c.Fail("too many captures")
	}
	m.captures = append(m.captures, capture{s, kind})
	n := len(m.captures)
	end := m.at(s, p)
	if end < 0 {
		m.captures = m.captures[:n-1]
	}
	return end
}

func (m *matcher) close(s, p int) int {
	i := len(m.captures) - 1
	for i >= 0 && m.captures[i].length != openCapture {
		i--
	}
	if i < 0 {
		m.c.Fail("invalid pattern capture")
	}
	m.captures[i].length = s - m.captures[i].start
	end := m.at(s, p)
	if end < 0 {
		m.captures[i].length = openCapture
	}
	return end
}
