package blackbox

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Value is a reply. Kind is the byte that it began with.
type Value struct {
	Kind  byte
	Text  string // of what has no items; without the mark and the end
	Null  bool
	Items []Value // of a map keys and values in turn
}

// IsError reports whether the reply is an error.
func (v Value) IsError() bool { return v.Kind == '-' }

// Int returns the number in the reply, or 0.
func (v Value) Int() int64 {
	n, _ := strconv.ParseInt(v.Text, 10, 64)
	return n
}

// String shows the reply as redis-cli would, on one line: OK, "text",
// (integer) 1, (nil), (error) ERR …, [a, b], {k, v}.
func (v Value) String() string {
	if v.Null {
		return "(nil)"
	}
	switch v.Kind {
	case '+':
		return v.Text
	case '-':
		return "(error) " + v.Text
	case ':':
		return "(integer) " + v.Text
	case '$', '=':
		return strconv.Quote(v.Text)
	case ',', '#', '(':
		return string(v.Kind) + v.Text
	}
	items := make([]string, len(v.Items))
	for i, item := range v.Items {
		items[i] = item.String()
	}
	list := strings.Join(items, ", ")
	if v.Kind == '%' {
		return "{" + list + "}"
	}
	return "[" + list + "]"
}

// readValue reads one reply of RESP2 or RESP3.
func readValue(in *bufio.Reader) (Value, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return Value{}, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return Value{}, fmt.Errorf("an empty line where a reply should begin")
	}
	v := Value{Kind: line[0], Text: line[1:]}
	switch v.Kind {
	case '+', '-', ':', ',', '#', '(':
		return v, nil
	case '_':
		v.Null = true
		return v, nil
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil || !strings.ContainsRune("$=*%~>", rune(v.Kind)) {
		return v, fmt.Errorf("%.100q is no reply", line)
	}
	v.Text = ""
	if n < 0 {
		v.Null = true
		return v, nil
	}
	return v, v.readBody(in, n)
}

// readBody reads n bytes, or n items.
func (v *Value) readBody(in *bufio.Reader, n int) error {
	switch v.Kind {
	case '$', '=':
		b := make([]byte, n+2)
		_, err := io.ReadFull(in, b)
		v.Text = string(b[:n])
		return err
	case '%':
		n *= 2
	}
	v.Items = make([]Value, n)
	for i := range v.Items {
		var err error
		if v.Items[i], err = readValue(in); err != nil {
			return err
		}
	}
	return nil
}
