package keys

import (
	"bytes"
	"errors"

	"kvd/engine"
	"kvd/internal/rediserr"
)

const (
	// wildcard is what stands for the element in a pattern of SORT.
	wildcard = '*'
	// itself is the pattern for the element.
	itself = "#"
	// arrow comes before the field of a hash.
	arrow = "->"
)

// sortPattern is a pattern of BY or GET: a key, or a field of a hash, whose name
// has the element in place of the first "*".
type sortPattern struct {
	itself         bool
	named          bool // there is a "*"
	prefix, suffix []byte
	field          []byte // nil: the key is a string
	names          blocks
}

func newSortPattern(p []byte) sortPattern {
	if string(p) == itself {
		return sortPattern{itself: true}
	}
	prefix, rest, named := bytes.Cut(p, []byte{wildcard})
	s := sortPattern{named: named, prefix: prefix, suffix: rest}
	if suffix, field, ok := bytes.Cut(rest, []byte(arrow)); ok && len(field) > 0 {
		s.suffix, s.field = suffix, field
	}
	return s
}

// sortValue is what a pattern leads to: nothing, a string or other bytes.
type sortValue struct {
	text  engine.String
	other []byte
}

// bytes returns the value; nil if there is none.
func (v *sortValue) bytes() []byte {
	if v.text.Exists() {
		return v.text.Bytes()
	}
	return v.other
}

// follow returns what the pattern leads to for an element. A key of another type
// counts as missing.
func (p *sortPattern) follow(tx *engine.Tx, element []byte) (sortValue, error) {
	if p.itself {
		return sortValue{other: element}, nil
	}
	if !p.named {
		return sortValue{}, nil
	}
	key := p.names.keep(p.prefix, element, p.suffix)
	if p.field == nil {
		s, err := tx.String(key)
		if err != nil && !errors.Is(err, rediserr.WrongType) {
			return sortValue{}, err
		}
		return sortValue{text: s}, nil
	}
	h, err := tx.Hash(key)
	if err != nil {
		return sortValue{}, nil //nolint:nilerr // not a hash, which is no fault
	}
	value, ok := h.Get(p.field)
	if ok && value == nil {
		value = []byte{}
	}
	return sortValue{other: value}, nil
}
