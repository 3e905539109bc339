// Package conformance plays files of commands and replies against a server, as
// FORMAT.md describes, and compares every reply with the one that is written.
package conformance

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// kind is the first byte of a reply on the wire.
type kind byte

// The kinds of replies. Both spellings of null in RESP2 become kindNull, with
// the byte they begin with as text.
const (
	kindStatus   kind = '+'
	kindError    kind = '-'
	kindInt      kind = ':'
	kindBulk     kind = '$'
	kindArray    kind = '*'
	kindNull     kind = '_'
	kindDouble   kind = ','
	kindBool     kind = '#'
	kindBig      kind = '('
	kindVerbatim kind = '='
	kindMap      kind = '%'
	kindSet      kind = '~'
	kindPush     kind = '>'
)

// value is one reply. Items of a map are key, value, key, value …
type value struct {
	kind  kind
	text  string
	items []value
}

// maxItems bounds what a broken length can make us allocate.
const maxItems = 1 << 24

// readValue reads one reply.
func readValue(r *bufio.Reader) (value, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return value{}, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return value{}, fmt.Errorf("an empty line instead of a reply")
	}
	v := value{kind: kind(line[0]), text: line[1:]}
	switch v.kind {
	case kindBulk, kindVerbatim:
		return v, v.readText(r)
	case kindArray, kindSet, kindPush, kindMap:
		return v, v.readItems(r)
	case kindStatus, kindError, kindInt, kindNull, kindDouble, kindBool, kindBig:
		return v, nil
	}
	return value{}, fmt.Errorf("%q does not begin a reply", line)
}

// length reads the length in v.text; -1 makes v a null.
func (v *value) length() (int, error) {
	n, err := strconv.Atoi(v.text)
	switch {
	case err != nil || n < -1 || n > 1<<30:
		return 0, fmt.Errorf("bad length %q", v.text)
	case n == -1:
		v.text, v.kind = string(v.kind), kindNull
	}
	return n, nil
}

func (v *value) readText(r *bufio.Reader) error {
	n, err := v.length()
	if err != nil || n < 0 {
		return err
	}
	b := make([]byte, n+2)
	if _, err := io.ReadFull(r, b); err != nil {
		return fmt.Errorf("read a string of %d bytes: %w", n, err)
	}
	v.text = string(b[:n])
	if v.kind == kindVerbatim {
		v.text = strings.TrimPrefix(v.text, "txt:")
	}
	return nil
}

func (v *value) readItems(r *bufio.Reader) error {
	n, err := v.length()
	if err != nil || n < 0 {
		return err
	}
	v.text = ""
	if v.kind == kindMap {
		n *= 2
	}
	if n > maxItems {
		return fmt.Errorf("a reply of %d items", n)
	}
	for range n {
		item, err := readValue(r)
		if err != nil {
			return fmt.Errorf("read an item: %w", err)
		}
		v.items = append(v.items, item)
	}
	return nil
}

// appendCommand appends a command as clients send it.
func appendCommand(b []byte, args []string) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b
}
