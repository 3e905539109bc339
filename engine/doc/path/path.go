// Package path compiles and evaluates JSONPath: RFC 9535 to the letter, or with
// what RedisJSON adds to it, and RedisJSON's older paths.
//
// A Path is compiled once and never changes, so any number of goroutines may
// use it. An Evaluator has the scratch memory and counts the steps: a path that
// needs more than its budget fails with ErrSteps, whatever the document is.
//
// Invariants: an evaluation goes down at most as deep as the document, so
// neither paths nor documents exhaust the stack; patterns are matched in linear
// time; every piece of work is paid for in steps before it is done.
package path

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"kvd/engine/doc"
)

// Dialect is the language that a path is written in.
type Dialect uint8

const (
	// RFC9535 is the standard and nothing else.
	RFC9535 Dialect = iota
	// RedisJSON is the standard with RedisJSON's names, operators, functions and
	// computed values, and its legacy paths, told apart by how they begin.
	RedisJSON
)

// What Compile limits.
const (
	// MaxLength is the greatest length of a path, in bytes.
	MaxLength = 4 << 10
	// MaxPattern is the greatest length of a regular expression, in bytes.
	MaxPattern = 1 << 10

	maxNesting = 256 // of parentheses, filters, arguments and signs
)

// What Compile fails with beyond a limit, beside SyntaxError.
var (
	// ErrTooLong says that a path is longer than MaxLength.
	ErrTooLong = errors.New("path is longer than 4096 bytes")
	// ErrPattern says that a regular expression is longer than MaxPattern.
	ErrPattern = errors.New("regular expression is longer than 1024 bytes")
)

// SyntaxError says why a text is not a path, and where.
type SyntaxError struct {
	Why string
	// Offset is the number of bytes of the text before the fault.
	Offset int
}

// Error returns the reason with its offset.
func (e *SyntaxError) Error() string {
	return "invalid path: " + e.Why + " at offset " + strconv.Itoa(e.Offset)
}

// Path is a compiled path.
type Path struct {
	text   string
	legacy bool
	query  *query
	expr   *expr // of a computed path, which has no query
}

// Compile compiles a path. It fails with a SyntaxError, ErrTooLong or
// ErrPattern.
func Compile(text []byte, dialect Dialect) (*Path, error) {
	if len(text) > MaxLength {
		return nil, ErrTooLong
	}
	p := &Path{text: string(text)}
	in := parser{text: p.text, dialect: dialect}
	if dialect == RedisJSON && !isJSONPath(text) {
		p.legacy = true
		in.text, in.added = rooted(p.text)
	}
	if at := invalidUTF8(p.text); at >= 0 {
		in.at, in.added = at, 0
		return nil, in.fail("invalid UTF-8")
	}
	e, err := in.whole(p.legacy || dialect == RFC9535)
	if err != nil {
		return nil, err
	}
	if e.op == opQuery {
		p.query = e.query
	} else {
		p.expr = e
	}
	return p, nil
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

// isJSONPath says whether RedisJSON reads a text as JSONPath: one that begins
// with the root, a parenthesis, a sign before one of these, or a function.
func isJSONPath(text []byte) bool {
	text = bytes.TrimLeft(text, "+- ")
	switch {
	case len(text) == 0:
		return false
	case text[0] == '(':
		return true
	case text[0] == '$':
		return len(text) == 1 || text[1] == '.' || text[1] == '[' || text[1] == '~' || isBlank(text[1])
	}
	i := 0
	for i < len(text) && (isLetter(text[i]) || i > 0 && isDigit(text[i])) {
		i++
	}
	return i > 0 && i < len(text) && text[i] == '('
}

// rooted puts the root before a legacy path. It returns how many bytes it added.
func rooted(text string) (string, int) {
	switch {
	case text == "." || text == "":
		return "$", 0
	case text[0] == '.' || text[0] == '[':
		return "$" + text, 1
	}
	return "$." + text, 2
}

// String returns the text that the path was compiled from.
func (p *Path) String() string { return p.text }

// Legacy says whether this is one of RedisJSON's older paths.
func (p *Path) Legacy() bool { return p.legacy }

// Computed says whether the path calculates values instead of naming places.
func (p *Path) Computed() bool { return p.expr != nil }

// Static says whether the path names one place at most, in every document.
func (p *Path) Static() bool { return p.query != nil && p.query.singular }

// IsRoot says whether the path is the document as a whole.
func (p *Path) IsRoot() bool { return p.query != nil && len(p.query.segments) == 0 }

// Parent takes off the last name of a path: the path of the objects that would
// have the member, and its name. It is false for a path that does not end with
// one name.
func (p *Path) Parent() (parent *Path, name []byte, ok bool) {
	if p.query == nil || len(p.query.segments) == 0 {
		return nil, nil, false
	}
	last := len(p.query.segments) - 1
	s := p.query.segments[last]
	if s.descendant || len(s.selectors) != 1 || s.selectors[0].kind != selectName {
		return nil, nil, false
	}
	q := newQuery(p.query.segments[:last], false)
	return &Path{text: p.text, legacy: p.legacy, query: q}, s.selectors[0].name, true
}

// Lookup returns what a static path names in root and its offset there. It
// passes over the rest of the document without reading it, and allocates
// nothing. It is false if the place is missing or the path is not static.
func (p *Path) Lookup(root doc.Value) (v doc.Value, place int, ok bool) {
	if !p.Static() {
		return nil, 0, false
	}
	v, place, left := p.query.lookup(root, 0)
	return v, place, len(left) == 0
}

// Missing returns what of a static path is not in root: the offset of the last
// value on the way that is there, and the names of the members to add to it in
// one another. It is false if there are no such members: if the path is not
// static, is all there, or leads through an index or into what is no object.
func (p *Path) Missing(root doc.Value) (place int, names [][]byte, ok bool) {
	if !p.Static() {
		return 0, nil, false
	}
	v, place, left := p.query.lookup(root, 0)
	if len(left) == 0 || v.Kind() != doc.Object {
		return 0, nil, false
	}
	for _, s := range left {
		if s.selectors[0].kind != selectName {
			return 0, nil, false
		}
		names = append(names, s.selectors[0].name)
	}
	return place, names, true
}
