package query

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/doc"
)

func parse(t testing.TB, text string) doc.Value {
	t.Helper()
	v, err := doc.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// Values in ascending order; those on one line are equal.
var ascending = [][]string{
	{"null"},
	{"false"},
	{"true"},
	{"-1e400"},
	{"-123456789012345678901234567890.5"},
	{"-123456789012345678901234567890"},
	{"-10"},
	{"-9.99"},
	{"-1", "-1.0", "-10e-1"},
	{"-0.5"},
	{"-1e-80"},
	{"-1e-400"},
	{"0", "-0", "0.0", "0e9"},
	{"1e-400"},
	{"1e-80"},
	{"1e-62"},
	{"0.001"},
	{"0.01"},
	{"0.1", "1e-1"},
	{"0.11"},
	{"1"},
	{"1.00000000000000000001"},
	{"5", "5.0", "50e-1", "0.5e1"},
	{"9"},
	{"10"},
	{"12"},
	{"120"},
	{"121"},
	{"9007199254740993"},
	{"9007199254740994"},
	{"1e54"},
	{"1e55"},
	{"1e56"},
	{"1e400"},
	{"1e99999999999999999999"},
	{`""`},
	{`"\u0000"`},
	{`"\u0000a"`},
	{`"\u0001"`},
	{`"5"`},
	{`"a"`},
	{`"a\u0000"`},
	{`"a\u0000b"`},
	{`"ab"`},
	{`"b"`},
	{`"ÿ"`},
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for _, e := range []extent{cut, whole} {
		last := appendValue(nil, nil, UntypedValues, e)
		for _, equal := range ascending {
			var first []byte
			for _, text := range equal {
				key := appendValue(nil, parse(t, text), UntypedValues, e)
				if n := skip(string(key) + "rest"); n != len(key) {
					t.Errorf("%s: skip says %d of %d bytes", text, n, len(key))
				}
				if first == nil {
					first = key
				}
				if !bytes.Equal(key, first) {
					t.Errorf("%s is not %s", text, equal[0])
				}
			}
			if bytes.Compare(last, first) >= 0 {
				t.Errorf("%s is not above what stands before it", equal[0])
			}
			if bytes.HasPrefix(first, last) {
				t.Errorf("%s begins with another", equal[0])
			}
			last = first
		}
	}
}

func TestTypedOrder(t *testing.T) {
	t.Parallel()
	for typ, lines := range map[Type][][]string{
		Times: {
			{`"2026-11-23"`}, // no time, so a string
			{`"2026-11-23T00:00:00+02:00"`, `"2026-11-22T22:00:00Z"`},
			{`"2026-11-22T22:00:00.000000001Z"`},
			{`"2026-11-22T23:00:00Z"`},
			{`"9999-12-31T23:59:59Z"`},
		},
		Decimals: {
			{`"1.2.3"`},
			{`"x"`},
			{`"-12.5"`, `"-12.50"`, `"-0012.5"`, `"-1.25e1"`},
			{`"0"`, `"-0.00"`},
			{`".5"`, `"0.5"`},
			{`"1"`, `"1."`, `"+1.000"`},
			{`"12345678901234567890123456789012345678.01"`},
			{`"12345678901234567890123456789012345678.011"`},
		},
	} {
		var last []byte
		for _, equal := range lines {
			key := appendValue(nil, parse(t, equal[0]), typ, cut)
			for _, text := range equal {
				if other := appendValue(nil, parse(t, text), typ, cut); !bytes.Equal(key, other) {
					t.Errorf("%v: %s is not %s", typ, text, equal[0])
				}
			}
			if bytes.Compare(last, key) >= 0 {
				t.Errorf("%v: %s is not above what stands before it", typ, equal[0])
			}
			last = key
		}
	}
}

// Long values are equal to themselves alone and stand where their beginning does.
func TestLongValues(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", keptBytes)
	digits := strings.Repeat("7", 2*keptPairs)
	for _, values := range [][]string{
		{`"` + long[1:] + `"`, `"` + long + `"`, `"` + long + `a"`, `"y"`},
		{digits[1:], digits, digits + "1", digits + "22"},
		{"-" + digits + "22", "-" + digits, "-" + digits[1:]},
	} {
		for i := range values[1:] {
			low := appendValue(nil, parse(t, values[i]), UntypedValues, cut)
			high := appendValue(nil, parse(t, values[i+1]), UntypedValues, cut)
			if bytes.Compare(low, high) >= 0 {
				t.Errorf("%.20s… of %d bytes is not below the next", values[i], len(values[i]))
			}
			for _, key := range [][]byte{low, high} {
				if len(key) > 2*keptBytes || skip(string(key)+"\x00") != len(key) {
					t.Errorf("key of %d bytes, skip says %d", len(key), skip(string(key)))
				}
			}
		}
	}
	a := appendValue(nil, parse(t, `"`+long+`aaa"`), UntypedValues, cut)
	b := appendValue(nil, parse(t, `"`+long+`aab"`), UntypedValues, cut)
	if bytes.Equal(a, b) || !bytes.Equal(a[:len(a)-32], b[:len(b)-32]) {
		t.Error("long strings that differ at their ends do not differ in the hash alone")
	}
}

// The order of encoded numbers is that of the numbers.
func TestNumbersAgainstBig(t *testing.T) {
	t.Parallel()
	number := rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,12})?`).Draw(t, "digits")
		if rapid.Bool().Draw(t, "has exponent") {
			s += fmt.Sprintf("e%d", rapid.IntRange(-90, 90).Draw(t, "exponent"))
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		k := appendNumber(nil, []byte(a), cut)
		l := appendNumber(nil, []byte(b), cut)
		if got := bytes.Compare(k, l); got != x.Cmp(y) {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, x.Cmp(y))
		}
	})
}

func FuzzPosition(f *testing.F) {
	f.Add([]byte("\x05\x80id"))
	f.Add([]byte("\x06abc\x00\x01id"))
	f.Add([]byte("\x06abc\x00\x02"))
	f.Add([]byte("\x05\x07"))
	f.Add([]byte("\x08\xf8"))
	f.Add([]byte("\x07123"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := string(b)
		n, ok := scanValue(s)
		if ok && (n < 1 || n > len(s) || skip(s) != n) {
			t.Errorf("%q: %d", s, n)
		}
	})
}
