package doc

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func numberText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?`),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.0{0,2}[0-9]0{0,2})?(e-?[0-3])?`),
	)
}

func rational(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func TestCompareNumbersModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := numberText().Draw(t, "a"), numberText().Draw(t, "b")
		if got, want := CompareNumbers([]byte(a), []byte(b)), rational(t, a).Cmp(rational(t, b)); got != want {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, want)
		}
	})
}

func TestCompareNumbers(t *testing.T) {
	inOrder := []string{
		"-1e999999999999999999999", "-1e400", "-9007199254740993", "-9007199254740992.5", "-5.01", "-5", "-1e-400", "0",
		"1e-999999999999999999999", "1e-400", "0.000001", "5", "5.00000000000000000000000001", "9007199254740992", "9007199254740993",
		"1e400", "2e400", "1e999999999999999999999",
	}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got, want := CompareNumbers([]byte(a), []byte(b)), compareInts(int64(i), int64(j)); got != want {
				t.Errorf("%s and %s: %d, want %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][]string{{"0", "-0", "0.0", "-0e5", "0e-999"}, {"5", "5.0", "50e-1", "0.5E1", "5e+0"}, {"1e2", "100", "100.00"}} {
		for _, b := range same {
			if CompareNumbers([]byte(same[0]), []byte(b)) != 0 {
				t.Errorf("%s is not %s", same[0], b)
			}
		}
	}
}

func TestIsNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0": true, "10": true, "1.5": true, "1e5": true, "1E-5": true, "-1.5e+10": true,
		"": false, "-": false, "01": false, "1.": false, ".5": false, "1e": false, "1e+": false, "+1": false, "1 ": false, "0x1": false, "--1": false,
	} {
		if IsNumber([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestCalculate(t *testing.T) {
	nines := strings.Repeat("9", 30)
	for _, c := range []struct {
		a    string
		op   Operator
		b    string
		want string
	}{
		{"1", Plus, "2", "3"},
		{"-0", Plus, "0", "0"},
		{"1", Plus, "0.5", "1.5"},
		{"5.0", Plus, "2", "7.0"},
		{"9223372036854775807", Plus, "1", "9223372036854775808"},
		{"-9223372036854775808", Plus, "-1", "-9223372036854775809"},
		{"-9223372036854775808", Minus, "1", "-9223372036854775809"},
		{"0", Minus, "-9223372036854775808", "9223372036854775808"},
		{"18446744073709551615", Plus, "1", "18446744073709551616"},
		{nines, Plus, "1", "1" + strings.Repeat("0", 30)},
		{"3037000500", Times, "3037000500", "9223372037000250000"},
		{"-9223372036854775808", Times, "-1", "9223372036854775808"},
		{"2", Times, "1.5", "3.0"},
		{"0.1", Plus, "0.2", "0.30000000000000004"},
		{"7", Divide, "2", "3.5"},
		{"6", Divide, "2", "3.0"},
		{"1", Divide, "0", ""},
		{"0", Divide, "0", ""},
		{"7", Remainder, "3", "1"},
		{"-7", Remainder, "3", "-1"},
		{"7.5", Remainder, "2", "1.5"},
		{"7", Remainder, "0", ""},
		{"-9223372036854775808", Remainder, "-1", "0"},
		{"2", Power, "10", "1024"},
		{"2", Power, "64", "18446744073709551616"},
		{"2", Power, "-1", "0.5"},
		{"2", Power, "0.5", "1.4142135623730951"},
		{"0", Power, "0", "1"},
		{"-1", Power, "99999999999999999999", "-1"},
		{"1", Power, "99999999999999999998", "1"},
		{"0", Power, "99999999999999999999", "0"},
		{"10", Power, "100000", ""},
		{"3", Power, "99999999999999999999", ""},
		{"0", Power, "-1", ""},
		{"1e308", Times, "10", ""},
		{"1e400", Plus, "1", ""},
		{"-1e308", Minus, "1e308", ""},
		{strings.Repeat("9", MaxDigits), Plus, "0", strings.Repeat("9", MaxDigits)},
		{strings.Repeat("9", MaxDigits+1), Plus, "0", ""},
		{strings.Repeat("9", MaxDigits-1), Times, strings.Repeat("9", MaxDigits-1), ""},
		{"1e16", Plus, "0", "1e16"},
		{"1e15", Plus, "0", "1000000000000000.0"},
		{"1e-7", Times, "1", "1e-7"},
		{"1.5e300", Times, "1", "1.5e300"},
		{"0.00001", Times, "1", "0.00001"},
	} {
		out, err := Calculate([]byte("x"), []byte(c.a), c.op, []byte(c.b))
		if c.want == "" {
			if err != ErrOverflow || string(out) != "x" {
				t.Errorf("%.30s %c %.30s: %s, %v", c.a, c.op, c.b, out, err)
			}
			continue
		}
		if err != nil || string(out) != "x"+c.want {
			t.Errorf("%.30s %c %.30s: %s, %v, want %s", c.a, c.op, c.b, out, err, c.want)
		}
	}
}

// Integers are calculated exactly, and every result is a number again.
func TestCalculateModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})`).Draw(t, "a")
		b := rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})`).Draw(t, "b")
		var x, y big.Int
		x.SetString(a, 10)
		y.SetString(b, 10)
		for op, want := range map[Operator]*big.Int{
			Plus: new(big.Int).Add(&x, &y), Minus: new(big.Int).Sub(&x, &y), Times: new(big.Int).Mul(&x, &y),
		} {
			got, err := Calculate(nil, []byte(a), op, []byte(b))
			if err != nil || string(got) != want.String() {
				t.Fatalf("%s %c %s: %s, %v, want %s", a, op, b, got, err, want)
			}
		}
		for _, op := range []Operator{Divide, Remainder, Power} {
			got, err := Calculate(nil, []byte(a), op, []byte(b+".5"))
			if err == nil && !IsNumber(got) {
				t.Fatalf("%s %c %s: %s", a, op, b, got)
			}
		}
	})
}
