package conformance

import (
	"fmt"
	"strconv"
	"strings"
)

// bare reads up to the next blank.
func (p *reader) bare() string {
	p.spaces()
	from := p.pos
	for p.pos < len(p.src) && !strings.ContainsRune(" \t\r\n", rune(p.src[p.pos])) {
		p.pos++
	}
	return p.src[from:p.pos]
}

// word reads an argument: quoted, or up to the next blank.
func (p *reader) word() (string, error) {
	if p.pos < len(p.src) && (p.src[p.pos] == '"' || p.src[p.pos] == '\'') {
		return p.quoted()
	}
	return p.bare(), nil
}

// quoted reads a string in single or double quotes.
func (p *reader) quoted() (string, error) {
	mark := p.src[p.pos]
	var b strings.Builder
	for p.pos++; p.pos < len(p.src); p.pos++ {
		c := p.src[p.pos]
		switch {
		case c == mark:
			p.pos++
			return b.String(), nil
		case c == '\n':
			return "", fmt.Errorf("a quote is not closed")
		case c == '\\' && mark == '"':
			e, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteByte(e)
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("a quote is not closed")
}

// escape reads what a backslash stands for and stops at its last letter.
func (p *reader) escape() (byte, error) {
	p.pos++
	if p.pos >= len(p.src) {
		return 0, fmt.Errorf("a backslash ends the file")
	}
	switch c := p.src[p.pos]; c {
	case '"', '\\':
		return c, nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'x':
		if p.pos+2 < len(p.src) {
			n, err := strconv.ParseUint(p.src[p.pos+1:p.pos+3], 16, 8)
			p.pos += 2
			return byte(n), err
		}
	}
	return 0, fmt.Errorf("unknown escape \\%c", p.src[p.pos])
}
