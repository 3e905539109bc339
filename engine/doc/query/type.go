package query

import (
	"bytes"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Type says which strings are more than text. Values of other JSON types compare
// by these whatever the type is, so none is ever left out.
type Type uint8

const (
	// UntypedValues compare by their JSON type.
	UntypedValues Type = iota
	// Strings compare like UntypedValues; the name says what an index is made for.
	Strings
	// Numbers compare like UntypedValues, too.
	Numbers
	// Bools compare like UntypedValues, too.
	Bools
	// Times makes instants of the strings that are times as RFC 3339 writes them.
	Times
	// Decimals makes exact numbers of the strings that are decimal numbers.
	Decimals
)

var typeNames = [...]string{"", "string", "number", "bool", "time", "decimal"}

// String returns the name that DOC.INDEX has for the type, "" for UntypedValues.
func (t Type) String() string { return typeNames[t] }

// ParseType returns the type with the name, in any case, and whether there is
// one.
func ParseType(name string) (Type, bool) {
	for t, known := range typeNames {
		if t > 0 && strings.EqualFold(name, known) {
			return Type(t), true
		}
	}
	return UntypedValues, false
}

// MarshalText implements encoding.TextMarshaler.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Type) UnmarshalText(name []byte) error {
	known, ok := ParseType(string(name))
	if !ok && len(name) > 0 {
		return errType
	}
	*t = known
	return nil
}

var errType = errors.New("unknown type of an index")

// plain says whether the type compares values by their JSON type alone.
func (t Type) plain() bool { return t < Times }

// parseTime reads a time as RFC 3339 writes it.
func parseTime(text []byte) (at time.Time, ok bool) {
	const shortest, longest = len("2006-01-02T15:04:05Z"), 64
	if len(text) < shortest || len(text) > longest || text[4] != '-' {
		return at, false
	}
	at, err := time.Parse(time.RFC3339Nano, string(text))
	return at, err == nil
}

// isDecimal says whether text is a decimal number: a sign or none, digits with
// or without a point, an exponent or none.
func isDecimal(text []byte) bool {
	text = afterSign(text)
	whole := leadingDigits(text)
	n, rest := whole, text[whole:]
	if len(rest) > 0 && rest[0] == '.' {
		fraction := leadingDigits(rest[1:])
		n += fraction
		rest = rest[1+fraction:]
	}
	if n == 0 || len(rest) == 0 {
		return n > 0
	}
	if rest[0]|0x20 != 'e' {
		return false
	}
	rest = afterSign(rest[1:])
	return len(rest) > 0 && leadingDigits(rest) == len(rest)
}

func afterSign(text []byte) []byte {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[1:]
	}
	return text
}

func leadingDigits(text []byte) int {
	other := bytes.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if other < 0 {
		return len(text)
	}
	return other
}

func validUTF8(text []byte) bool { return utf8.Valid(text) }
