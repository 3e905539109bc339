package command

import (
	"math"
	"strconv"
	"testing"
	"time"

	"kvd/internal/rediserr"
)

func appendInt(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

func TestParseInt(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 10, 1234567890, math.MaxInt64, math.MinInt64} {
		if got, err := ParseInt(appendInt(n)); err != nil || got != n {
			t.Errorf("%d: %d, %v", n, got, err)
		}
	}
	for _, s := range []string{
		"", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1a", "a", "9223372036854775808",
		"-9223372036854775809", "18446744073709551615", "99999999999999999999999", "1.0", "0x1", "--1", "1\x00",
	} {
		if n, err := ParseInt([]byte(s)); err != rediserr.NotInteger {
			t.Errorf("%q: %d, %v", s, n, err)
		}
	}
	if n, err := ParseUint([]byte("18446744073709551615")); err != nil || n != math.MaxUint64 {
		t.Error(n, err)
	}
	for _, s := range []string{"18446744073709551616", "-1", "00", "20000000000000000000"} {
		if n, err := ParseUint([]byte(s)); err == nil {
			t.Errorf("%q: %d", s, n)
		}
	}
}

func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"0", "-1", "9223372036854775807", "-9223372036854775808", "+1", "01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseInt([]byte(s))
		want, wantErr := strconv.ParseInt(s, 10, 64)
		// Strict: exactly the text that the number is printed as.
		strict := wantErr == nil && strconv.FormatInt(want, 10) == s
		if (err == nil) != strict || err == nil && got != want {
			t.Fatalf("%q: %d, %v", s, got, err)
		}
	})
}

func TestParseFloat(t *testing.T) {
	for s, want := range map[string]float64{
		"0": 0, "1": 1, "-1": -1, "1.5": 1.5, "+1.5": 1.5, ".5": .5, "5.": 5, "1e3": 1000, "1E-2": .01,
		"0x10": 16, "0x1p-2": .25, "0x.8": .5, "-0XAp0": -10, "inf": math.Inf(1), "-INF": math.Inf(-1), "Infinity": math.Inf(1),
		"1e-310": 1e-310, "0e5": 0, "0.000e-999": 0, "007": 7, "9007199254740993": 9007199254740992,
		"123456789012345678901234567890": 123456789012345678901234567890,
	} {
		if got, err := ParseFloat([]byte(s)); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	if z, err := ParseFloat([]byte("-0")); err != nil || !math.Signbit(z) {
		t.Errorf("-0: %v, %v", z, err)
	}
	for _, s := range []string{
		"", " 1", "1 ", "nan", "NaN", "1e", "1_0", "0x", "0x_1p0", "abc", ".", "1e400", "-1e400",
		"1e-400", "0x1p-2000", "1\x00", "e5", "--1", "infi",
	} {
		if f, err := ParseFloat([]byte(s)); err != rediserr.NotFloat {
			t.Errorf("%q: %v, %v", s, f, err)
		}
	}
}

func TestParseCursor(t *testing.T) {
	for s, want := range map[string]uint64{
		"": 0, "0": 0, "12": 12, "007": 7, "+1": 1, "-1": math.MaxUint64,
		"18446744073709551615": math.MaxUint64,
	} {
		if got, err := ParseCursor([]byte(s)); err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"a", "1a", " 1", "18446744073709551616", "-", "+", "1.5"} {
		if n, err := ParseCursor([]byte(s)); err != rediserr.InvalidCursor {
			t.Errorf("%q: %d, %v", s, n, err)
		}
	}
}

func TestParseTimeout(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "0.001": time.Millisecond, "0.0001": time.Millisecond, "1.5": 1500 * time.Millisecond,
		"1e12": math.MaxInt64, "-0": 0, "1e-400": time.Millisecond,
	} {
		if got, err := ParseTimeout([]byte(s)); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for s, want := range map[string]error{
		"-1": rediserr.NegativeTimeout, "abc": rediserr.BadTimeout, "nan": rediserr.BadTimeout, "": rediserr.BadTimeout,
		"1e300": rediserr.NegativeTimeout, "1e400": rediserr.NegativeTimeout, "inf": rediserr.NegativeTimeout,
	} {
		if got, err := ParseTimeout([]byte(s)); err != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

func TestArguments(t *testing.T) {
	c := &Ctx{Args: line("x 5 -5 1.5 0.25 12")}
	if n, err := c.Int(2); n != -5 || err != nil {
		t.Error(n, err)
	}
	if _, err := c.Count(2); err != errNotPositive {
		t.Error(err)
	}
	if n, err := c.Count(1); n != 5 || err != nil {
		t.Error(n, err)
	}
	if f, err := c.Float(3); f != 1.5 || err != nil {
		t.Error(f, err)
	}
	if d, err := c.Timeout(4); d != 250*time.Millisecond || err != nil {
		t.Error(d, err)
	}
	if n, err := c.Cursor(5); n != 12 || err != nil {
		t.Error(n, err)
	}
}
