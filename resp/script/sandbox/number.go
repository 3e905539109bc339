package sandbox

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// digits is how many digits Lua 5.1 shows of a number.
const digits = 14

// FormatNumber returns f as tostring shows it: as "%.14g" of C.
func FormatNumber(f float64) string {
	const exact = 1e14 // below it a whole number has all its digits shown
	if f == math.Trunc(f) && math.Abs(f) < exact && (f != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return FormatG(f, digits)
}

// FormatG returns f as "%.<precision>g" of C.
func FormatG(f float64, precision int) string {
	switch {
	case math.IsNaN(f) && math.Signbit(f):
		return "-nan"
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'g', precision, 64)
}

// ParseNumber reads a number as Lua 5.1 does: like strtod, with white space
// around it, and besides hexadecimal integers.
func ParseNumber(s string) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	if s == "" {
		return 0, false
	}
	if f, ok := parsePlain(s); ok {
		return f, true
	}
	sign, rest := 1.0, s
	if rest[0] == '-' || rest[0] == '+' {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	if len(rest) > 2 && rest[0] == '0' && rest[1]|0x20 == 'x' {
		return parseHex(sign, rest)
	}
	switch strings.ToLower(rest) {
	case "inf", "infinity":
		return math.Inf(int(sign)), true
	case "nan":
		return math.Copysign(math.NaN(), sign), true
	}
	if strings.ContainsAny(rest, "_xXpPiInN") { // Go knows more notations than C
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// parsePlain reads the common case: up to 15 decimal digits and nothing else.
func parsePlain(s string) (float64, bool) {
	const exact = 15
	if len(s) > exact {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return float64(n), true
}

// parseHex reads a hexadecimal number, with a fraction or exponent if it has
// one.
func parseHex(sign float64, s string) (float64, bool) {
	if strings.Contains(s, "_") {
		return 0, false
	}
	if n, err := strconv.ParseUint(s[2:], 16, 64); err == nil {
		return sign * float64(n), true
	}
	if !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return sign * f, true
}

// ToInt returns f as C casts a double to a 64-bit integer on the machines that
// Redis runs on: what does not fit, and what is no number, is the least integer.
func ToInt(f float64) int64 {
	if f >= math.MinInt64 && f < math.MaxInt64 {
		return int64(f)
	}
	return math.MinInt64
}

// toNumber returns a number, or a string that is one, as a number.
func toNumber(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return ParseNumber(string(v))
	}
	return 0, false
}

// toString returns a string, or a number as tostring shows it.
func toString(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return FormatNumber(float64(v)), true
	}
	return "", false
}

// Text returns a string as it is and a number as tostring shows it; ok is false
// for other values.
func Text(v lua.LValue) (text string, ok bool) { return toString(v) }
