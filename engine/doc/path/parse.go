package path

import (
	"strings"
	"unicode/utf8"
)

// parser reads one path.
type parser struct {
	text    string
	at      int
	added   int // bytes before what the client wrote
	dialect Dialect
	nesting int
	// document is the expression on documents that is read, nil for a path.
	document *Expression
}

func (p *parser) fail(why string) error {
	return &SyntaxError{Why: why, Offset: max(p.at-p.added, 0)}
}

func (p *parser) extended() bool { return p.dialect == RedisJSON }

// whole reads the text as a path and nothing else: as a query only, or as a
// value that may be calculated.
func (p *parser) whole(onlyQuery bool) (e *expr, err error) {
	switch {
	case !onlyQuery:
		e, err = p.sum()
	case p.peek() != '$':
		return nil, p.fail("expected '$'")
	default:
		e, err = p.query()
	}
	if err == nil && p.at < len(p.text) {
		err = p.fail("unexpected character")
	}
	return e, err
}

// enter counts one level of nesting.
func (p *parser) enter() error {
	p.nesting++
	if p.nesting > maxNesting {
		return p.fail("nested too deeply")
	}
	return nil
}

func (p *parser) leave() { p.nesting-- }

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte { return p.peekAt(0) }

func (p *parser) peekAt(i int) byte {
	if p.at+i < len(p.text) {
		return p.text[p.at+i]
	}
	return 0
}

// take passes over the word, if it is next.
func (p *parser) take(word string) bool {
	if !strings.HasPrefix(p.text[p.at:], word) {
		return false
	}
	p.at += len(word)
	return true
}

// space passes over blank characters.
func (p *parser) space() {
	for isBlank(p.peek()) {
		p.at++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// query reads a query, whose identifier is next.
func (p *parser) query() (*expr, error) {
	relative := p.peek() == '@'
	p.at++
	var segments []segment
	if p.extended() && p.startsName() { // @name
		segments = append(segments, oneName(p.name()))
	}
	for {
		before := p.at
		p.space()
		s, more, err := p.segment()
		if err != nil {
			return nil, err
		}
		if !more {
			p.at = before
			return &expr{op: opQuery, query: newQuery(segments, relative)}, nil
		}
		segments = append(segments, s)
	}
}

func oneName(name []byte) segment {
	return segment{selectors: []selector{{kind: selectName, name: name}}}
}

// segment reads one segment, if there is one.
func (p *parser) segment() (s segment, more bool, err error) {
	switch {
	case p.peek() == '[':
		s.selectors, err = p.brackets()
		return s, true, err
	case p.peek() != '.':
		return s, false, nil
	case p.extended() && p.isMethod():
		return s, false, nil
	}
	p.at++
	if p.peek() == '.' {
		p.at++
		s.descendant = true
	}
	switch c := p.peek(); {
	case c == '*':
		p.at++
		s.selectors = []selector{{kind: selectAll}}
	case c == '[' && (s.descendant || p.extended()):
		s.selectors, err = p.brackets()
	case p.startsName():
		s.selectors = oneName(p.name()).selectors
	default:
		err = p.fail("expected a name")
	}
	return s, true, err
}

// isMethod says whether a point is next, and after it a name and a parenthesis.
func (p *parser) isMethod() bool {
	i := 1
	for isLetter(p.peekAt(i)) {
		i++
	}
	return i > 1 && p.peekAt(i) == '('
}

// startsName says whether a name without quotes is next.
func (p *parser) startsName() bool {
	c := p.peek()
	return p.inName(c) && (p.extended() || !isDigit(c))
}

// inName says whether a name without quotes may have the byte.
func (p *parser) inName(c byte) bool {
	if isLetter(c) || isDigit(c) || c == '_' || c >= utf8.RuneSelf {
		return true
	}
	return c != 0 && p.extended() && strings.IndexByte("-/:#%^+$", c) >= 0
}

func (p *parser) name() []byte {
	from := p.at
	for p.inName(p.peek()) {
		p.at++
	}
	return []byte(p.text[from:p.at])
}

// brackets reads the selectors between two brackets.
func (p *parser) brackets() ([]selector, error) {
	p.at++
	var all []selector
	for {
		p.space()
		s, err := p.selector()
		if err != nil {
			return nil, err
		}
		all = append(all, s)
		p.space()
		switch {
		case p.take("]"):
			return all, nil
		case !p.take(","):
			return nil, p.fail("expected ',' or ']'")
		}
	}
}

func (p *parser) selector() (s selector, err error) {
	switch c := p.peek(); {
	case c == '*':
		p.at++
		s.kind = selectAll
	case c == '?':
		p.at++
		s.kind = selectFilter
		s.filter, err = p.filter()
	case c == '\'' || c == '"':
		s.name, err = p.quoted()
	case c == ':' || c == '-' || isDigit(c):
		return p.indexOrSlice()
	default:
		err = p.fail("expected a selector")
	}
	return s, err
}

// indexOrSlice reads an index, or a slice: up to three integers with colons.
func (p *parser) indexOrSlice() (s selector, err error) {
	s.kind = selectIndex
	s.slice.step = 1
	if p.peek() != ':' {
		if s.index, err = p.integer(); err != nil {
			return s, err
		}
		s.slice.start, s.slice.hasStart = s.index, true
	}
	before := p.at
	p.space()
	if !p.take(":") {
		p.at = before
		return s, nil
	}
	s.kind = selectSlice
	if s.slice.end, s.slice.hasEnd, err = p.optionalInteger(); err != nil {
		return s, err
	}
	p.space()
	if p.take(":") {
		if step, given, err := p.optionalInteger(); err != nil {
			return s, err
		} else if given {
			s.slice.step = step
		}
	}
	return s, nil
}

func (p *parser) optionalInteger() (n int, given bool, err error) {
	p.space()
	if c := p.peek(); c != '-' && !isDigit(c) {
		return 0, false, nil
	}
	n, err = p.integer()
	return n, true, err
}

// maxInteger is the greatest integer that a path may have: all up to it are
// exact in a float64.
const maxInteger = 1<<53 - 1

// integer reads an integer without leading zeros, which -0 is not.
func (p *parser) integer() (int, error) {
	from := p.at
	negative := p.take("-")
	first := p.at
	n := 0
	for isDigit(p.peek()) && n <= maxInteger {
		n = n*10 + int(p.peek()-'0')
		p.at++
	}
	length := p.at - first
	if length == 0 || n > maxInteger || p.text[first] == '0' && (length > 1 || negative) {
		p.at = from
		return 0, p.fail("invalid integer")
	}
	if negative {
		n = -n
	}
	return n, nil
}
