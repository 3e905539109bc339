package longdouble

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"kvd/internal/rediserr"
)

// sum adds two numbers as they are written.
func sum(a, b string) ([]byte, error) {
	x, err := Parse([]byte(a))
	if err != nil {
		return nil, err
	}
	y, err := Parse([]byte(b))
	if err != nil {
		return nil, err
	}
	z, err := Add(x, y)
	if err != nil {
		return nil, err
	}
	return Format(z), nil
}

func TestAdd(t *testing.T) {
	tests := []struct {
		a, b, want string
		err        error
	}{
		{"10.50", "0.1", "10.6", nil},
		{"0.1", "0.2", "0.3", nil},
		{"5.0e3", "2.0e2", "5200", nil},
		{"0", "-0", "0", nil},
		{"-0", "-0", "0", nil},
		{"1", "-1", "0", nil},
		{"1e-18", "0", "0", nil},
		{"-1e-18", "0", "0", nil},
		{"18446744073709551616", "1", "18446744073709551616", nil},
		{"3.0", "1.000000000000000005", "4.00000000000000001", nil},
		{"17179869184.123456789012345678", "0", "17179869184.12345678918063641", nil},
		{"123456789012345678901234567890", "0", "123456789012345678899921813504", nil},
		{"0x1.8p1", "0x10", "19", nil},
		{"0X.8P+1", "0xa", "11", nil},
		{"0x1p-70000", "1", "", rediserr.NotFloat},
		{"0x0p999999999999999999999", "1", "1", nil},
		{"1.", ".5", "1.5", nil},
		{"0e999999999999999999999999", "1", "1", nil},
		{"1e-4940", "1", "1", nil},
		{"3.6e-4951", "1", "1", nil},
		{"1.8e-4951", "1", "", rediserr.NotFloat}, // under half of the smallest number
		{"1.2e4932", "1", "", rediserr.NotFloat},
		{"1.1e4932", "1.1e4932", "", rediserr.NaNOrInf},
		{"1e-5000", "1", "", rediserr.NotFloat},
		{"1e99999999999999999999", "1", "", rediserr.NotFloat},
		{"inf", "1", "", rediserr.NaNOrInf},
		{"inf", "-inf", "", rediserr.NaNOrInf},
		{"1", "-INFINITY", "", rediserr.NaNOrInf},
		{"nan", "1", "", rediserr.NotFloat},
		{"", "1", "", rediserr.NotFloat},
		{".", "1", "", rediserr.NotFloat},
		{"1e", "1", "", rediserr.NotFloat},
		{"1e+", "1", "", rediserr.NotFloat},
		{"0x", "1", "", rediserr.NotFloat},
		{"0xg", "1", "", rediserr.NotFloat},
		{"1_0", "1", "", rediserr.NotFloat},
		{"0b1", "1", "", rediserr.NotFloat},
		{"+-1", "1", "", rediserr.NotFloat},
		{"1 ", "1", "", rediserr.NotFloat},
		{strings.Repeat("1", maxNumber+1), "1", "", rediserr.NotFloat},
		{"0." + strings.Repeat("0", 4000) + "1e4000", "1", "1.1", nil},
	}
	for _, tt := range tests {
		got, err := sum(tt.a, tt.b)
		if string(got) != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%.40s + %.40s = %s, %v; want %s, %v", tt.a, tt.b, got, err, tt.want, tt.err)
		}
	}
}

// FuzzParse makes sure that no text takes the parser out of range, and
// compares what both understand with the parser of math/big.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-1.5e10", "0x1.8p3", "inf", "nan", ".", "1e99999999999", "0x.1p-99999", "1_0", "007", "1e-4951"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse([]byte(s))
		if err != nil {
			return
		}
		if got.Prec() != mantissaBits {
			t.Fatalf("%q has %d bits", s, got.Prec())
		}
		if strings.ContainsAny(s, "xXpPiI") {
			return
		}
		// More bits first, so that rounding twice is the only difference.
		want, _, err := big.ParseFloat(s, 10, 4096, big.ToNearestEven)
		if errors.Is(err, strconv.ErrRange) {
			return // an exponent beyond 64 bits, of zero
		}
		if err != nil {
			t.Fatalf("%q is read as %v, by math/big not: %v", s, got, err)
		}
		if want.SetPrec(mantissaBits); want.Cmp(got) != 0 {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
	})
}
