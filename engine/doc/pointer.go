package doc

import (
	"bytes"
	"errors"
	"strconv"
)

var errPointer = errors.New("invalid JSON pointer")

// Pointer is a JSON pointer (RFC 6901), taken apart: its names, unescaped.
type Pointer [][]byte

// ParsePointer reads a pointer: nothing for the whole document, else names with
// a slash before each, in which ~1 is a slash and ~0 a tilde.
func ParsePointer(text []byte) (Pointer, error) {
	if len(text) == 0 {
		return nil, nil
	}
	if text[0] != '/' {
		return nil, errPointer
	}
	var p Pointer
	for rest, more := text[1:], true; more; {
		var name []byte
		name, rest, more = bytes.Cut(rest, []byte{'/'})
		name, ok := unescapePointer(name)
		if !ok {
			return nil, errPointer
		}
		p = append(p, name)
	}
	return p, nil
}

func unescapePointer(name []byte) ([]byte, bool) {
	if bytes.IndexByte(name, '~') < 0 {
		return name, true
	}
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '~' {
			i++
			if i == len(name) || name[i] != '0' && name[i] != '1' {
				return nil, false
			}
			c = "~/"[name[i]-'0']
		}
		out = append(out, c)
	}
	return out, true
}

// AppendPointerName adds a slash and the name, escaped, to a pointer.
func AppendPointerName(dst, name []byte) []byte {
	dst = append(dst, '/')
	for _, c := range name {
		switch c {
		case '~':
			dst = append(dst, '~', '0')
		case '/':
			dst = append(dst, '~', '1')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// Find returns the value at the pointer in v, or no value.
func (p Pointer) Find(v Value) Value {
	for _, name := range p {
		switch v.Kind() {
		case Object:
			v = v.Member(name)
		case Array:
			i, ok := pointerIndex(name)
			if !ok {
				return nil
			}
			v = v.Element(i)
		default:
			return nil
		}
	}
	return v
}

// pointerIndex reads the index of an array in a pointer: digits without leading
// zeros.
func pointerIndex(name []byte) (int, bool) {
	if len(name) == 0 || len(name) > 9 || name[0] == '0' && len(name) > 1 {
		return 0, false
	}
	if digits(name, 0) < len(name) {
		return 0, false
	}
	i, err := strconv.Atoi(string(name))
	return i, err == nil
}
