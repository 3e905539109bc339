package path

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string in single or double quotes, the first of which is next.
func (p *parser) quoted() ([]byte, error) {
	quote := p.peek()
	p.at++
	out := []byte{}
	for {
		switch c := p.peek(); {
		case p.at >= len(p.text):
			return nil, p.fail("string without end")
		case c == quote:
			p.at++
			return out, nil
		case c < ' ':
			return nil, p.fail("control character in a string")
		case c == '\\':
			r, err := p.escape(quote)
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
			p.at++
		}
	}
}

// escape reads one escape.
func (p *parser) escape(quote byte) (rune, error) {
	c := p.peekAt(1)
	if c == 'u' {
		return p.unicode()
	}
	var r rune
	switch c {
	case quote, '\\', '/':
		r = rune(c)
	case 'b':
		r = '\b'
	case 'f':
		r = '\f'
	case 'n':
		r = '\n'
	case 'r':
		r = '\r'
	case 't':
		r = '\t'
	}
	if r == 0 {
		return 0, p.fail("invalid escape")
	}
	p.at += 2
	return r, nil
}

// unicode reads \uXXXX, or two of them that are surrogates of one character.
func (p *parser) unicode() (rune, error) {
	r, ok := p.hex4()
	if !ok {
		return 0, p.fail("invalid escape")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	low, ok := p.hex4()
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, p.fail("lone surrogate")
	}
	return r, nil
}

// hex4 passes over \uXXXX, if it is next.
func (p *parser) hex4() (rune, bool) {
	const length = len(`\uXXXX`)
	if p.peek() != '\\' || p.peekAt(1) != 'u' || p.at+length > len(p.text) {
		return 0, false
	}
	digits := p.text[p.at+2 : p.at+length]
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return 0, false
	}
	p.at += length
	return rune(n), true
}
