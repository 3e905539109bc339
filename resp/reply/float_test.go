package reply

import (
	"math"
	"testing"
)

func TestAppendFloat(t *testing.T) {
	tests := []struct {
		f    float64
		want string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "-0"},
		{1, "1"},
		{-17, "-17"},
		{math.Inf(1), "inf"},
		{math.Inf(-1), "-inf"},
		{math.NaN(), "nan"},
		{3.14, "3.14"},
		{-0.5, "-0.5"},
		{10.6, "10.6"},
		{100000000, "100000000"},
		{1e15, "1000000000000000"},
		{1e20, "1e+20"},
		{1e21, "1e+21"},
		{123456789012345680000, "123456789012345680000"},
		{0.000001, "0.000001"},
		{1e-7, "1e-7"},
		{1.5e-7, "1.5e-7"},
		{0.00012345678, "1.2345678e-4"},
		{0.0012345678, "0.0012345678"},
		{1.5e300, "1.5e+300"},
		{-2.5e-310, "-2.5e-310"},
	}
	for _, tt := range tests {
		if got := string(AppendFloat(nil, tt.f)); got != tt.want {
			t.Errorf("AppendFloat(%g) = %q, want %q", tt.f, got, tt.want)
		}
	}
}
