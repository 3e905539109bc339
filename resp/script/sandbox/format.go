package sandbox

import (
	"fmt"
	"math"
	"strings"
)

// directive is one "%-05.2f" of a format, in parts.
type directive struct {
	flags, width, precision string // precision with its point
	verb                    byte
}

// strFormat implements string.format as C's printf prints.
func strFormat(c Call) int {
	format := c.Str(1)
	var out strings.Builder
	arg := 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			out.WriteByte(format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			out.WriteByte('%')
			continue
		}
		var d directive
		d, i = c.directive(format, i)
		arg++
		text := c.formatOne(d, arg)
		c.Charge(len(text))
		out.WriteString(text)
	}
	c.PushStr(out.String())
	return 1
}

// directive reads what follows a percent sign at i; it returns where it ends.
func (c Call) directive(format string, i int) (directive, int) {
	const flags = "-+ #0"
	start := i
	for i < len(format) && strings.IndexByte(flags, format[i]) >= 0 {
		i++
	}
	d := directive{flags: format[start:i]}
	if len(d.flags) > len(flags) {
		c.Fail("invalid format (repeated flags)")
	}
	twoDigits := func() string {
		from := i
		for i < len(format) && i < from+2 && format[i] >= '0' && format[i] <= '9' {
			i++
		}
		return format[from:i]
	}
	d.width = twoDigits()
	if i < len(format) && format[i] == '.' {
		i++
		d.precision = "." + twoDigits()
	}
	if i < len(format) && format[i] >= '0' && format[i] <= '9' {
		c.Fail("invalid format (width or precision too long)")
	}
	if i < len(format) {
		d.verb = format[i]
	}
	return d, i
}

func (c Call) formatOne(d directive, arg int) string {
	if arg > c.GetTop() {
		c.BadArg(arg, "no value")
	}
	switch d.verb {
	case 'c':
		return d.print('s', string([]byte{byte(c.Integer(arg))}))
	case 'd', 'i':
		return d.print('d', c.Integer(arg))
	case 'u':
		return d.print('d', unsigned(c.Num(arg)))
	case 'o', 'x', 'X':
		return d.print(d.verb, unsigned(c.Num(arg)))
	case 'e', 'E', 'f', 'g', 'G':
		return d.float(c.Num(arg))
	case 'q':
		return quote(c.Str(arg))
	case 's':
		return d.text(c.Str(arg))
	}
	if d.verb == 0 {
		c.Fail("invalid option '%%' to 'format'")
	}
	c.Fail("invalid option '%%%c' to 'format'", d.verb)
	return ""
}

// print formats as Go does, which is as C does for these verbs.
func (d directive) print(verb byte, v any) string {
	return fmt.Sprintf("%"+d.flags+d.width+d.precision+string(rune(verb)), v)
}

// float prints a number. Go prints as many digits as are needed where C prints
// six, and words what is no number in its own way.
func (d directive) float(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text := FormatG(f, digits)
		if strings.Contains(d.flags, "+") && !math.Signbit(f) {
			text = "+" + text
		}
		d.flags = strings.ReplaceAll(d.flags, "0", "")
		return directive{flags: strings.ReplaceAll(d.flags, "+", ""), width: d.width}.print('s', text)
	}
	switch d.precision {
	case "":
		d.precision = ".6"
	case ".":
		d.precision = ".0"
	}
	return d.print(d.verb, f)
}

// text prints a string. A long one without a precision is taken as it is; others
// go through C, which sees the end of a string at a zero byte.
func (d directive) text(s string) string {
	const long = 100
	if d.precision == "" && len(s) >= long {
		return s
	}
	s, _, _ = strings.Cut(s, "\x00")
	if d.precision != "" {
		n := 0
		_, _ = fmt.Sscanf(d.precision, ".%d", &n)
		s = s[:min(n, len(s))]
	}
	width := 0
	_, _ = fmt.Sscanf(d.width, "%d", &width)
	pad := strings.Repeat(" ", max(0, width-len(s)))
	if strings.Contains(d.flags, "-") {
		return s + pad
	}
	return pad + s
}

// unsigned casts as C does for %u and %x.
func unsigned(f float64) uint64 {
	if f >= math.MaxInt64 && f < math.MaxUint64 {
		return uint64(f)
	}
	return uint64(ToInt(f))
}

// quote writes a string as a literal that Lua reads back.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, ch := range []byte(s) {
		switch ch {
		case '"', '\\', '\n':
			b.WriteByte('\\')
			b.WriteByte(ch)
		case '\r':
			b.WriteString(`\r`)
		case 0:
			b.WriteString(`\000`)
		default:
			b.WriteByte(ch)
		}
	}
	b.WriteByte('"')
	return b.String()
}
