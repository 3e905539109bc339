// Package glob matches keys, channels and names against Redis's patterns.
//
// The language is that of KEYS in Redis 7.0: `*` is any run of bytes, `?` one
// byte, `[ab]`, `[^ab]` and `[a-z]` one byte of a class, and `\` takes the next
// byte literally. Everything is bytes, never runes. A class that is not closed
// ends with the pattern.
//
// Invariant: no pattern costs more than len(pattern)·len(s) steps and none
// allocates, so a hostile pattern is slow at worst by its own length; callers
// refuse patterns over MaxPattern before they begin.
package glob

import (
	"bytes"
	"unsafe"

	"github.com/tidwall/match"
)

// MaxPattern is the longest pattern, in bytes, that a client may send.
const MaxPattern = 4 << 10

// special are the bytes that are not literal.
const special = `*?[\`

// TooLong reports whether pattern is over MaxPattern.
func TooLong(pattern []byte) bool { return len(pattern) > MaxPattern }

// Match reports whether all of s fits pattern.
func Match(pattern, s []byte) bool {
	if simple(pattern) {
		return match.Match(text(s), text(pattern))
	}
	return matcher{pattern: pattern, letters: exact}.match(s)
}

// MatchFold is Match with ASCII letters compared without case. As in Redis, an
// escaped byte inside a class still has to agree exactly.
func MatchFold(pattern, s []byte) bool {
	if simple(pattern) {
		return match.MatchNoCase(text(s), text(pattern))
	}
	return matcher{pattern: pattern, letters: folded}.match(s)
}

// Prefix returns the bytes with which everything that fits pattern begins: a
// slice of pattern, up to its first special byte.
func Prefix(pattern []byte) []byte {
	if i := bytes.IndexAny(pattern, special); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// Range returns bounds for an ordered scan: whatever fits pattern is not below
// lo and not above hi. The bounds are necessary, not sufficient: Match decides.
// Without a literal ASCII beginning there are none and ok is false.
func Range(pattern []byte) (lo, hi []byte, ok bool) {
	prefix := Prefix(pattern)
	if len(prefix) == 0 || !ascii(prefix) {
		return nil, nil, false
	}
	bounded := string(prefix)
	if len(prefix) < len(pattern) {
		bounded += "*"
	}
	first, last := match.Allowable(bounded)
	return []byte(first), []byte(last), true
}

// simple reports whether pattern is ASCII literals around at most one star.
// There tidwall/match speaks Redis's language and takes linear time; with more
// stars it can take exponential time, and its `?` is a rune.
func simple(pattern []byte) bool {
	stars := 0
	for _, c := range pattern {
		switch {
		case c == '*':
			stars++
		case c == '?', c == '[', c == '\\', c >= 0x80:
			return false
		}
	}
	return stars <= 1
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// text views b as a string without a copy; it must not outlive the call.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
