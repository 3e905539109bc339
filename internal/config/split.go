package config

import (
	"errors"
	"strconv"
	"strings"
)

var errQuotes = errors.New("unbalanced quotes")

// splitLine cuts a line into words. A word in double quotes knows \n \r \t \a
// \b, \xHH and a backslash before any other character; one in single quotes
// only \'. A closing quote ends its word.
func splitLine(line string) ([]string, error) {
	var all []string
	for {
		line = strings.TrimLeft(line, spaces)
		if line == "" {
			return all, nil
		}
		word, rest, err := firstWord(line)
		if err != nil {
			return nil, err
		}
		all, line = append(all, word), rest
	}
}

const spaces = " \t\r\n\v\f\x00"

// firstWord takes the first word off a line that begins with one.
func firstWord(line string) (word, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case strings.IndexByte(spaces, c) >= 0:
			return b.String(), line[i:], nil
		case c == '"' || c == '\'':
			n, ok := quoted(&b, line[i:])
			end := i + n
			if !ok || end < len(line) && strings.IndexByte(spaces, line[end]) < 0 {
				return "", "", errQuotes
			}
			return b.String(), line[end:], nil
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", nil
}

// quoted writes what is between the quotes with which s begins, and returns
// the length of it all.
func quoted(b *strings.Builder, s string) (n int, closed bool) {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return i + 1, true
		case c == '\\' && quote == '"' && i+1 < len(s):
			i += escape(b, s[i+1:])
		case c == '\\' && strings.HasPrefix(s[i:], `\'`):
			b.WriteByte('\'')
			i++
		default:
			b.WriteByte(c)
		}
	}
	return len(s), false
}

// escape writes the character that s, after a backslash, stands for and
// returns how many bytes of s that took.
func escape(b *strings.Builder, s string) int {
	if s[0] == 'x' && len(s) >= 3 {
		if v, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			b.WriteByte(byte(v))
			return 3
		}
	}
	if i := strings.IndexByte("nrtab", s[0]); i >= 0 {
		b.WriteByte("\n\r\t\a\b"[i])
	} else {
		b.WriteByte(s[0])
	}
	return 1
}

// quoteWord spells a word so that splitLine gives it back.
func quoteWord(word string) string {
	if word != "" && !strings.ContainsFunc(word, needsQuotes) {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(word) {
		switch c := word[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			b.WriteString(`\x`)
			b.WriteByte("0123456789abcdef"[c>>4])
			b.WriteByte("0123456789abcdef"[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func needsQuotes(r rune) bool {
	return r <= ' ' || r >= 0x7f || r == '"' || r == '\'' || r == '\\' || r == '#'
}
