package archive

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var errRecord = errors.New("not a record")

// scanner reads JSON from the front of a line. After the first thing that is not
// there, bad is set and what its methods return means nothing.
type scanner struct {
	b   []byte
	at  int
	bad bool
	// deep is set where bad is because of too much nesting.
	deep bool
}

func (s *scanner) fail() { s.bad, s.at = true, len(s.b) }

// peek returns the next byte that is not white space, or 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take passes over c, if that is next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || c == 0 {
		return false
	}
	s.at++
	return true
}

func (s *scanner) expect(c byte) {
	if !s.take(c) {
		s.fail()
	}
}

// each calls fn for every item of an array, or every member of an object, whose
// closing bracket is given and whose opening one is next.
func (s *scanner) each(opening, closing byte, fn func()) {
	s.expect(opening)
	if s.take(closing) {
		return
	}
	for !s.bad {
		fn()
		if s.take(closing) {
			return
		}
		s.expect(',')
	}
}

// text reads a string. It points into the line if that has it as it is.
func (s *scanner) text() []byte {
	s.expect('"')
	from := s.at
	for s.at < len(s.b) {
		switch c := s.b[s.at]; {
		case c == '"':
			s.at++
			return s.b[from : s.at-1 : s.at-1]
		case c == '\\':
			return s.escaped(from)
		case c < ' ':
			s.fail()
			return nil
		}
		s.at++
	}
	s.fail()
	return nil
}

// escaped reads the rest of a string, which began at from, from its first
// backslash on.
func (s *scanner) escaped(from int) []byte {
	end := from
	for end < len(s.b) && s.b[end] != '"' {
		if s.b[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.b) {
		s.fail()
		return nil
	}
	out := append(make([]byte, 0, end-from), s.b[from:s.at]...)
	for s.at < end {
		c := s.b[s.at]
		s.at++
		switch {
		case c < ' ':
			s.fail()
			return nil
		case c != '\\':
			out = append(out, c)
		default:
			out = s.escape(out)
		}
	}
	s.at = end + 1
	return out
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what follows a backslash.
func (s *scanner) escape(out []byte) []byte {
	c := s.b[s.at] // the string goes on: its end was found
	s.at++
	if plain := escapes[c]; plain != 0 {
		return append(out, plain)
	}
	if c != 'u' {
		s.fail()
		return out
	}
	r := s.hex()
	if utf16.IsSurrogate(r) {
		if !bytes.HasPrefix(s.b[min(s.at, len(s.b)):], []byte(`\u`)) {
			s.fail()
			return out
		}
		s.at += 2
		if r = utf16.DecodeRune(r, s.hex()); r == utf8.RuneError {
			s.fail()
		}
	}
	return utf8.AppendRune(out, r)
}

func (s *scanner) hex() rune {
	if len(s.b)-s.at < 4 {
		s.fail()
		return 0
	}
	n, err := strconv.ParseUint(string(s.b[s.at:s.at+4]), 16, 16)
	if err != nil {
		s.fail()
		return 0
	}
	s.at += 4
	return rune(n)
}

// bytes reads text, or any bytes as {"b": "…"}.
func (s *scanner) bytes() []byte {
	if s.peek() != '{' {
		return s.text()
	}
	s.expect('{')
	if string(s.text()) != "b" {
		s.fail()
	}
	s.expect(':')
	out := s.base64()
	s.expect('}')
	return out
}

func (s *scanner) base64() []byte {
	text := s.text()
	out, err := base64.StdEncoding.Strict().AppendDecode(make([]byte, 0, len(text)), text)
	if err != nil {
		s.fail()
	}
	return out
}

// number returns the text of a number; what is not one fails when it is read.
func (s *scanner) number() string {
	s.peek()
	from := s.at
	for s.at < len(s.b) && bytes.IndexByte([]byte("+-.0123456789eE"), s.b[s.at]) >= 0 {
		s.at++
	}
	return string(s.b[from:s.at])
}

func (s *scanner) int() int64 {
	n, err := strconv.ParseInt(s.number(), 10, 64)
	if err != nil {
		s.fail()
	}
	return n
}

func (s *scanner) uint() uint64 {
	n, err := strconv.ParseUint(s.number(), 10, 64)
	if err != nil {
		s.fail()
	}
	return n
}

// score reads a number, or "inf" or "-inf".
func (s *scanner) score() float64 {
	if s.peek() == '"' {
		switch string(s.text()) {
		case "inf":
			return math.Inf(1)
		case "-inf":
			return math.Inf(-1)
		}
		s.fail()
		return 0
	}
	f, err := strconv.ParseFloat(s.number(), 64)
	if err != nil {
		s.fail()
	}
	return f
}

// word passes over a literal such as null, if that is next.
func (s *scanner) word(w string) bool {
	s.peek()
	if !bytes.HasPrefix(s.b[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// value returns the text of whatever value is next, which may be no good inside.
func (s *scanner) value() []byte {
	s.peek()
	from, depth := s.at, 0
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case '"':
			s.text()
			if s.bad {
				return nil
			}
			s.at--
		case '[', '{':
			if depth++; depth >= MaxDepth {
				s.deep = true
				s.fail()
				return nil
			}
		case ']', '}', ',':
			if depth == 0 {
				return s.b[from:s.at]
			}
			if s.b[s.at] != ',' {
				depth--
			}
		}
		s.at++
	}
	s.fail()
	return nil
}
