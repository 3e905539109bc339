package doc

import (
	"encoding/binary"
	"unicode/utf8"
)

// Check says whether b, which comes from a disk or another server, is one value
// in the form of the package: nil, ErrCorrupt, or ErrDepth or ErrTooLarge for
// one that exceeds the limits. The methods of Value may panic on bytes that
// were not checked.
func Check(b []byte, limits Limits) error {
	if err := limits.fits(len(b)); err != nil {
		return err
	}
	c := checker{depth: limits.depth()}
	n, err := c.value(b)
	if err == nil && n != len(b) {
		err = ErrCorrupt
	}
	return err
}

type checker struct {
	depth int // nesting that is refused from here on
	names nameSet
}

// value checks the value that b begins with and returns its length.
func (c *checker) value(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, ErrCorrupt
	}
	if b[0] < tagNumber {
		if b[0] < tagNull || b[0] > tagTrue {
			return 0, ErrCorrupt
		}
		return 1, nil
	}
	payload, n, err := payload(b)
	if err != nil {
		return 0, err
	}
	ok := true
	switch b[0] & kindMask {
	case tagNumber:
		ok = IsNumber(payload)
	case tagString:
		ok = utf8.Valid(payload)
	case tagArray, tagObject:
		err = c.elements(payload, b[0]&kindMask == tagObject)
	default:
		ok = false
	}
	if !ok {
		err = ErrCorrupt
	}
	return n, err
}

// payload returns what the value that b begins with holds, and its length. It
// fails if the size is not in its shortest form or reaches beyond b.
func payload(b []byte) ([]byte, int, error) {
	if extra := int(b[0]&sizeMask) - size8; extra >= 0 && len(b) < 1+1<<extra {
		return nil, 0, ErrCorrupt
	}
	at, n := header(b)
	if at != headerLen(n) || n > len(b)-at {
		return nil, 0, ErrCorrupt
	}
	return b[at : at+n], at + n, nil
}

// elements checks what a container holds.
func (c *checker) elements(b []byte, named bool) error {
	c.depth--
	defer func() { c.depth++ }()
	if c.depth <= 0 {
		return ErrDepth
	}
	if len(b) == 0 {
		return nil
	}
	count, length := binary.Uvarint(b)
	if length <= 0 || count == 0 || count > uint64(len(b)) || length > 1 && b[length-1] == 0 {
		return ErrCorrupt
	}
	rest := b[length:]
	for ; count > 0; count-- {
		n, err := c.element(rest, named)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 || named && c.repeatsName(b[length:]) {
		return ErrCorrupt
	}
	return nil
}

// element checks one element, with its name in an object, and returns its length.
func (c *checker) element(b []byte, named bool) (int, error) {
	nameLen := 0
	if named {
		if len(b) == 0 || b[0]&kindMask != tagString {
			return 0, ErrCorrupt
		}
		n, err := c.value(b)
		if err != nil {
			return 0, err
		}
		nameLen = n
	}
	n, err := c.value(b[nameLen:])
	return nameLen + n, err
}

// repeatsName says whether two of the members have one name.
func (c *checker) repeatsName(members []byte) bool {
	first := len(c.names.spans)
	for it := (Items{in: members, named: true}); it.Next(); {
		c.names.add(it.at-len(it.name), len(it.name))
	}
	repeated := c.names.repeat(members, first)
	c.names.spans = c.names.spans[:first]
	return repeated
}
