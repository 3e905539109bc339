package diff

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/redcon"
)

// value is one reply. Its kind is the byte that begins it on the wire; the nulls
// of RESP2 are told apart by their texts.
type value struct {
	kind  byte
	text  string
	items []value // of a map, keys and values in turn
}

// null is the kind of a missing string or array, of RESP3 and of RESP2.
const null = '_'

// readValue reads one reply of either protocol.
func readValue(in *bufio.Reader) (value, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return value{}, err
	}
	if len(line) < 3 {
		return value{}, errors.New("a reply begins with an empty line")
	}
	v := value{kind: line[0], text: string(line[1 : len(line)-2])}
	if !strings.ContainsRune("$=*~%>", rune(v.kind)) {
		return v, nil
	}
	if v.text == "-1" {
		return value{kind: null, text: string(v.kind)}, nil
	}
	n, err := strconv.Atoi(v.text)
	if err != nil {
		return v, fmt.Errorf("reply %q: %w", line, err)
	}
	v.text = ""
	if v.kind == '$' || v.kind == '=' {
		b := make([]byte, n+2)
		_, err := io.ReadFull(in, b)
		v.text = string(b[:n])
		return v, err
	}
	if v.kind == '%' {
		n *= 2
	}
	v.items = make([]value, n)
	for i := range v.items {
		if v.items[i], err = readValue(in); err != nil {
			return v, err
		}
	}
	return v, nil
}

// equal reports whether two replies are the same.
func equal(a, b value) bool {
	return a.kind == b.kind && a.text == b.text && slices.EqualFunc(a.items, b.items, equal)
}

// String shows the reply.
func (v value) String() string {
	if v.items == nil {
		return string(v.kind) + strconv.Quote(v.text)
	}
	items := make([]string, len(v.items))
	for i := range items {
		items[i] = v.items[i].String()
	}
	return string(v.kind) + "[" + strings.Join(items, " ") + "]"
}

// compare gives values an order of some kind.
func (v value) compare(o value) int {
	if c := cmp.Or(cmp.Compare(v.kind, o.kind), strings.Compare(v.text, o.text)); c != 0 {
		return c
	}
	return slices.CompareFunc(v.items, o.items, value.compare)
}

// conn is a connection to a server.
type conn struct {
	net.Conn
	in  *bufio.Reader
	out []byte
}

func dial(network, address string) (*conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	const buffer = 256 << 10
	return &conn{Conn: c, in: bufio.NewReaderSize(c, buffer)}, nil
}

// do sends lines in one go and returns their replies.
func (c *conn) do(lines []line) ([]value, error) {
	c.out = c.out[:0]
	for _, l := range lines {
		c.out = redcon.AppendArray(c.out, len(l))
		for _, w := range l {
			c.out = redcon.AppendBulkString(c.out, w)
		}
	}
	if _, err := c.Write(c.out); err != nil {
		return nil, err
	}
	replies := make([]value, len(lines))
	for i := range replies {
		var err error
		if replies[i], err = readValue(c.in); err != nil {
			return nil, fmt.Errorf("the reply to %v: %w", lines[i], err)
		}
	}
	return replies, nil
}

// line is one command.
type line []string

// String shows a line as a client would type it.
func (l line) String() string {
	words := make([]string, len(l))
	for i, w := range l {
		words[i] = w
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
			words[i] = strconv.Quote(w)
		}
	}
	return strings.Join(words, " ")
}
