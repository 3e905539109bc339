package glob_test

import (
	"bytes"
	"testing"

	"kvd/internal/glob"
)

// naive tries every way a star can end: short, obviously right, exponential.
func naive(pattern, s []byte) bool {
	if len(pattern) == 0 {
		return len(s) == 0
	}
	if pattern[0] == '*' {
		for i := range len(s) + 1 {
			if naive(pattern[1:], s[i:]) {
				return true
			}
		}
		return false
	}
	if len(s) == 0 {
		return false
	}
	rest, members := firstItem(pattern)
	return members[s[0]] && naive(rest, s[1:])
}

// firstItem turns the first item of a pattern into the set of its bytes.
func firstItem(pattern []byte) (rest []byte, members [256]bool) {
	switch {
	case pattern[0] == '?':
		for c := range members {
			members[c] = true
		}
	case pattern[0] == '[':
		return classItem(pattern[1:])
	case pattern[0] == '\\' && len(pattern) > 1:
		members[pattern[1]] = true
		return pattern[2:], members
	default:
		members[pattern[0]] = true
	}
	return pattern[1:], members
}

func classItem(pattern []byte) (rest []byte, members [256]bool) {
	rest = pattern
	negated := bytes.HasPrefix(rest, []byte("^"))
	if negated {
		rest = rest[1:]
	}
	for len(rest) > 0 && rest[0] != ']' {
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			members[rest[1]] = true
			rest = rest[2:]
		case len(rest) > 2 && rest[1] == '-':
			for c := int(min(rest[0], rest[2])); c <= int(max(rest[0], rest[2])); c++ {
				members[c] = true
			}
			rest = rest[3:]
		default:
			members[rest[0]] = true
			rest = rest[1:]
		}
	}
	if negated {
		for c := range members {
			members[c] = !members[c]
		}
	}
	return bytes.TrimPrefix(rest, []byte("]")), members
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"*", ""}, {"**", "a"}, {"a*b*c", "abcbc"}, {"[a-c]?", "b\xff"}, {`[^\]]`, "a"}, {`\`, `\`}, {"[", "["}, {"aa*aa", "aaa"},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, pattern, s []byte) {
		pattern, s = pattern[:min(len(pattern), 12)], s[:min(len(s), 12)]
		want := naive(pattern, s)
		if len(s) == 0 && len(pattern) > 1 {
			want = false // Redis matches the empty subject with a lone star only
		}
		if got := glob.Match(pattern, s); got != want {
			t.Fatalf("Match(%q, %q) = %v", pattern, s, got)
		}
		if !want {
			return
		}
		if !bytes.HasPrefix(s, glob.Prefix(pattern)) {
			t.Fatalf("%q matches %q, which has not its prefix", pattern, s)
		}
		lo, hi, ok := glob.Range(pattern)
		if ok && (bytes.Compare(s, lo) < 0 || bytes.Compare(s, hi) > 0) {
			t.Fatalf("%q matches %q, which is not between %q and %q", pattern, s, lo, hi)
		}
	})
}
