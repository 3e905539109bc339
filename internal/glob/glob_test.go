package glob_test

import (
	"bytes"
	"strings"
	"testing"

	"kvd/internal/glob"
)

func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		pattern  string
		yes, not []string
	}{
		{"", []string{""}, []string{"a"}},
		{"*", []string{"", "a", "\xff\x00"}, nil},
		{"**", []string{"a", "ab"}, []string{""}},
		{"a**", []string{"a", "abc"}, []string{"", "b"}},
		{"a*", []string{"a", "a\xff"}, []string{"", "ba"}},
		{"*a", []string{"a", "\xffa"}, []string{"", "ab"}},
		{"a*c", []string{"ac", "abc", "a\xe9c"}, []string{"a", "c", "acb"}},
		{"aa*aa", []string{"aaaa", "aaxaa"}, []string{"aa", "aaa"}},
		{"a*b*c", []string{"abc", "axbxc", "abcbc"}, []string{"acb", "ab"}},
		{"h?llo", []string{"hello", "h\xffllo"}, []string{"hllo", "héllo"}},
		{"h[ae]llo", []string{"hello", "hallo"}, []string{"hillo", "h[ae]llo"}},
		{"h[^e]llo", []string{"hallo", "h^llo"}, []string{"hello"}},
		{"h[a-b]llo", []string{"hallo", "hbllo"}, []string{"hcllo"}},
		{"h[b-a]llo", []string{"hallo", "hbllo"}, []string{"hcllo", "h-llo"}},
		{"*[bc]", []string{"b", "abc"}, []string{"a", "ba"}},
		{"a[^b]*", []string{"acd", "ac"}, []string{"ab", "a"}},
		{"[!a]", []string{"a", "!"}, []string{"b"}},
		{"[a", []string{"a"}, []string{"[a", "b", "["}},
		{"[a-", []string{"a", "-"}, []string{"b"}},
		{"[a-]", []string{"a", "]", "^"}, []string{"-", "b"}},
		{"[^]", []string{"a", "^", "]"}, []string{"", "ab"}},
		{"[^", []string{"a"}, []string{"", "ab"}},
		{"[", nil, []string{"[", "a", ""}},
		{"[]", nil, []string{"]", "[]"}},
		{"[]a]", nil, []string{"a", "]", "a]"}},
		{`[\]]`, []string{"]"}, []string{`\`}},
		{`[\a]`, []string{"a"}, []string{`\`}},
		{`[\*]`, []string{"*"}, []string{`\`, "a"}},
		{`[\`, []string{`\`}, []string{"["}},
		{`[a-\]]`, []string{"a]", `\]`}, []string{"a"}},
		{"a[b]c", []string{"abc"}, []string{"a[b]c"}},
		{`\`, []string{`\`}, []string{""}},
		{`\*`, []string{"*"}, []string{"a", `\*`}},
		{`a\`, []string{`a\`}, []string{"a"}},
		{`a\\b`, []string{`a\b`}, []string{`a\\b`}},
		{"?", []string{"a", "\xff"}, []string{"é", ""}},
		{"a??c", []string{"aéc"}, []string{"aéxc"}},
		{"日???", []string{"日本"}, []string{"日x"}},
		{"a\xe9c", []string{"a\xe9c"}, []string{"a\xffc"}},
	} {
		for _, s := range tc.yes {
			if !glob.Match([]byte(tc.pattern), []byte(s)) {
				t.Errorf("%q does not match %q", tc.pattern, s)
			}
		}
		for _, s := range tc.not {
			if glob.Match([]byte(tc.pattern), []byte(s)) {
				t.Errorf("%q matches %q", tc.pattern, s)
			}
		}
	}
}

func TestMatchFold(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"MAX*", "maxmemory", true},
		{"*MemorY", "maxmemory", true},
		{"m[A-X]x*", "max", true},
		{"M?X", "max", true},
		{`m\Ax`, "max", true},
		{`m[\A]x`, "max", false},
		{"max", "maxi", false},
	} {
		if got := glob.MatchFold([]byte(tc.pattern), []byte(tc.s)); got != tc.want {
			t.Errorf("MatchFold(%q, %q) = %v", tc.pattern, tc.s, got)
		}
	}
}

func TestPrefix(t *testing.T) {
	for pattern, want := range map[string]string{
		"": "", "user:1": "user:1", "user:*": "user:", "a?c": "a", "a[bc]": "a", `a\*`: "a", "*": "", "é*": "é",
	} {
		if got := string(glob.Prefix([]byte(pattern))); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", pattern, got, want)
		}
	}
}

func TestRange(t *testing.T) {
	for _, tc := range []struct {
		pattern, lo, hi string
		ok              bool
	}{
		{"user:*", "user:", "user;", true},
		{"user:1", "user:1", "user:1", true},
		{"a?c", "a", "b", true},
		{"a[bc]*", "a", "b", true},
		{"", "", "", false},
		{"*", "", "", false},
		{"[ab]", "", "", false},
		{"é*", "", "", false},
	} {
		lo, hi, ok := glob.Range([]byte(tc.pattern))
		if string(lo) != tc.lo || string(hi) != tc.hi || ok != tc.ok {
			t.Errorf("Range(%q) = %q, %q, %v", tc.pattern, lo, hi, ok)
		}
	}
}

func TestTooLong(t *testing.T) {
	at := bytes.Repeat([]byte("a"), glob.MaxPattern)
	if glob.TooLong(at) || !glob.TooLong(append(at, 'a')) {
		t.Error("the limit is not at MaxPattern")
	}
}

// TestHostilePattern would take years with a matcher that tries every way to
// share the subject between the stars.
func TestHostilePattern(t *testing.T) {
	pattern := []byte(strings.Repeat("a*", 30) + "b*c*")
	if glob.Match(pattern, bytes.Repeat([]byte("a"), 100_000)) {
		t.Error("matched a subject without b and c")
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	s := []byte("user:1000:name")
	for _, p := range []string{"user:*", "*:na[lm]e", "user:?*", `u\ser*`, "user:1000:name"} {
		pattern := []byte(p)
		if n := testing.AllocsPerRun(100, func() { glob.Match(pattern, s); glob.MatchFold(pattern, s) }); n != 0 {
			t.Errorf("%q: %v allocations", p, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	s := []byte("user:1000:name")
	for _, p := range []string{"user:*", "user:*:name", "user:*:n*", "user:[0-9]*"} {
		pattern := []byte(p)
		b.Run(p, func(b *testing.B) {
			for b.Loop() {
				glob.Match(pattern, s)
			}
		})
	}
}
