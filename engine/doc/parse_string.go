package doc

import (
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string, which begins at p.at with its quote.
func (p *Parser) str() error {
	p.at++
	from := p.at
	end, plain, err := p.closing()
	if err != nil {
		return err
	}
	if plain {
		p.out = AppendString(p.out, p.text[from:end])
		p.at = end + 1
		return nil
	}
	// Resolved escapes are shorter than their text: the room may be too great.
	start, room := len(p.out), headerLen(end-from)
	var free [5]byte
	p.out = append(p.out, free[:room]...)
	p.at = from
	if err := p.unescape(end); err != nil {
		return err
	}
	size := len(p.out) - start - room
	p.out = shift(p.out, start+room, headerLen(size)-room)
	appendHeader(p.out[:start], tagString, size)
	p.at = end + 1
	return nil
}

// closing finds the quote that ends the string from p.at on and says whether
// the string has no escapes. It fails for control characters and for what is
// not UTF-8.
func (p *Parser) closing() (end int, plain bool, err error) {
	plain = true
	ascii := true
	from := p.at
	for i := p.at; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			if !ascii {
				err = p.checkUTF8(from, i)
			}
			return i, plain, err
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			p.at = i
			return 0, false, p.fail("control character in a string")
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	p.at = len(p.text)
	return 0, false, p.fail("")
}

// checkUTF8 fails at the first byte of the text between from and end that is
// not UTF-8.
func (p *Parser) checkUTF8(from, end int) error {
	if utf8.Valid(p.text[from:end]) {
		return nil
	}
	for i := from; i < end; {
		r, n := utf8.DecodeRune(p.text[i:end])
		if r == utf8.RuneError && n == 1 {
			p.at = i
			break
		}
		i += n
	}
	return p.fail("invalid UTF-8")
}

// unescape adds the characters of the text from p.at to end.
func (p *Parser) unescape(end int) error {
	for p.at < end {
		run := p.at
		for run < end && p.text[run] != '\\' {
			run++
		}
		p.out = append(p.out, p.text[p.at:run]...)
		p.at = run
		if run == end {
			return nil
		}
		if err := p.escape(end); err != nil {
			return err
		}
	}
	return nil
}

// escapes are the characters that a backslash and one letter stand for.
var escapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escape adds the character of one escape.
func (p *Parser) escape(end int) error {
	c := p.text[p.at+1]
	if r := escapes[c]; r != 0 {
		p.out = append(p.out, r)
		p.at += 2
		return nil
	}
	if c != 'u' {
		return p.fail("invalid escape")
	}
	r, ok := hex4(p.text[p.at:end])
	if !ok {
		return p.fail("invalid escape")
	}
	width := 6
	if utf16.IsSurrogate(r) {
		low, ok := hex4(p.text[p.at+6 : end])
		r = utf16.DecodeRune(r, low)
		if !ok || r == utf8.RuneError {
			return p.fail("lone surrogate")
		}
		width = 12
	}
	p.out = utf8.AppendRune(p.out, r)
	p.at += width
	return nil
}

// hex4 reads the escape \uXXXX that b begins with.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
