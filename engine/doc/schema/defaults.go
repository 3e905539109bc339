package schema

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"kvd/engine/doc"
)

// auto is a default that is made anew each time (x-kvd-default).
type auto uint8

const (
	autoNone auto = iota
	autoNow
	autoUUID
	autoULID
)

var errAuto = errors.New("x-kvd-default is now, uuid or ulid")

// defaultOf fills in the defaults of a node and of its members.
func (n *node) defaultOf(raw doc.Value) error {
	n.value = raw.Member([]byte("default"))
	if v := raw.Member([]byte("x-kvd-default")); v != nil {
		switch string(v.Text()) {
		case "now":
			n.auto = autoNow
		case "uuid":
			n.auto = autoUUID
		case "ulid":
			n.auto = autoULID
		default:
			return errAuto
		}
	}
	if n.object == nil {
		return nil
	}
	for it := raw.Member([]byte("properties")).Items(); it.Next(); {
		if p := n.object.properties[string(it.Name())]; p.node != nil {
			n.object.ordered = append(n.object.ordered, namedNode{slices.Clone(it.Name()), p.node})
		}
	}
	return nil
}

// source returns the schema that has the default for a value of this one: itself
// or the one that it refers to.
func (n *node) source() *node {
	for range maxNesting {
		if n.value != nil || n.auto != autoNone || n.ref == nil {
			break
		}
		n = n.ref
	}
	return n
}

func (n *node) hasDefault() bool {
	s := n.source()
	return s.value != nil || s.auto != autoNone
}

// markFills notes which schemas may add a default somewhere in a value.
func markFills(nodes map[*jsonschema.Schema]*node) {
	for changed := true; changed; {
		changed = false
		for _, n := range nodes {
			if !n.fills && n.mayFill() {
				n.fills, changed = true, true
			}
		}
	}
}

func (n *node) mayFill() bool {
	fills := func(n *node) bool { return n != nil && n.fills }
	if fills(n.ref) || slices.ContainsFunc(n.allOf, fills) {
		return true
	}
	if r := n.array; r != nil && (fills(r.items) || slices.ContainsFunc(r.prefix, fills)) {
		return true
	}
	if n.object == nil {
		return false
	}
	return fills(n.object.additional) || slices.ContainsFunc(n.object.ordered, func(p namedNode) bool {
		return p.node.fills || p.node.hasDefault()
	})
}

// Source is where defaults that are made anew come from.
type Source struct {
	// Now is the time, in unix milliseconds.
	Now int64
	// Random is where random bytes come from; nil: the system.
	Random io.Reader
}

// maxFilled is how many defaults one document gets.
const maxFilled = 10_000

// AppendWithDefaults appends v to dst, with the defaults for what is missing in
// its objects, behind their own members. It fails with ErrSteps, or doc.ErrDepth,
// for a schema whose defaults need defaults without end.
func (s *Schema) AppendWithDefaults(dst []byte, v doc.Value, from Source) ([]byte, error) {
	filled, err := s.WithDefaults(v, from)
	if err != nil {
		return dst, err
	}
	return append(dst, filled...), nil
}

// WithDefaults is AppendWithDefaults for who needs no copy: it returns v itself if
// nothing is missing.
func (s *Schema) WithDefaults(v doc.Value, from Source) (doc.Value, error) {
	if !s.root.fills {
		return v, nil
	}
	f := filler{from: from, left: maxFilled}
	filled := f.fill(s.root, v, doc.DefaultDepth)
	return filled, f.err
}

// filler adds defaults to one document.
type filler struct {
	from Source
	left int
	err  error
}

// fill returns v with its defaults: v itself if it needs none.
func (f *filler) fill(n *node, v doc.Value, depth int) doc.Value {
	if depth == 0 {
		f.err = doc.ErrDepth
	}
	if !n.fills || f.err != nil {
		return v
	}
	switch {
	case v.Kind() == doc.Object && n.object != nil:
		v = f.object(n.object, v, depth)
	case v.Kind() == doc.Array && n.array != nil:
		v = f.array(n.array, v, depth)
	}
	if n.ref != nil {
		v = f.fill(n.ref, v, depth)
	}
	for _, sub := range n.allOf {
		v = f.fill(sub, v, depth)
	}
	return v
}

// object fills the members of an object, and adds those that are missing.
func (f *filler) object(r *objectRules, v doc.Value, depth int) doc.Value {
	changed := false
	b := doc.NewBuilder(make([]byte, 0, len(v)+len(v)/4))
	b.BeginObject()
	for it := v.Items(); it.Next(); {
		of := r.additional
		if p := r.properties[string(it.Name())]; p.node != nil {
			of = p.node
		}
		member := it.Value()
		if of != nil {
			member = f.fill(of, member, depth-1)
		}
		changed = changed || !same(member, it.Value())
		b.Name(string(it.Name()))
		b.Value(member)
	}
	for _, p := range r.ordered {
		if !p.node.hasDefault() || v.Member(p.name) != nil || f.err != nil {
			continue
		}
		if f.left--; f.left < 0 {
			f.err = ErrSteps
			break
		}
		changed = true
		b.Name(string(p.name))
		b.Value(f.fill(p.node, f.made(p.node.source()), depth-1))
	}
	if !changed {
		return v
	}
	b.End()
	return doc.Value(b.Bytes())
}

// array fills the elements of an array.
func (f *filler) array(r *arrayRules, v doc.Value, depth int) doc.Value {
	changed := false
	b := doc.NewBuilder(make([]byte, 0, len(v)+len(v)/4))
	b.BeginArray()
	i := 0
	for it := v.Items(); it.Next(); i++ {
		of := r.items
		if i < len(r.prefix) {
			of = r.prefix[i]
		}
		e := it.Value()
		if of != nil {
			e = f.fill(of, e, depth-1)
		}
		changed = changed || !same(e, it.Value())
		b.Value(e)
	}
	if !changed {
		return v
	}
	b.End()
	return doc.Value(b.Bytes())
}

// same says whether two values are one piece of memory.
func same(a, b doc.Value) bool { return len(a) == len(b) && &a[0] == &b[0] }

// made returns the default of a schema.
func (f *filler) made(n *node) doc.Value {
	switch n.auto {
	case autoNow:
		return f.now(n)
	case autoUUID:
		var id [16]byte
		f.random(id[:])
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4 (RFC 9562, 5.4)
		text := fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
		return doc.AppendString(nil, text)
	case autoULID:
		return doc.AppendString(nil, f.from.ULID())
	}
	return n.value
}

// now returns the time as the schema wants it: as a date-time of RFC 3339, a date,
// a time, or unix milliseconds.
func (f *filler) now(n *node) doc.Value {
	t := time.UnixMilli(f.from.Now).UTC()
	if n.types != 0 && n.types&typeString == 0 {
		return doc.AppendNumber(nil, fmt.Sprint(f.from.Now))
	}
	text := t.Format("2006-01-02T15:04:05.000Z")
	if n.format != nil && n.format.name == "date" {
		text = text[:len(time.DateOnly)]
	} else if n.format != nil && n.format.name == "time" {
		text = text[len(time.DateOnly)+1:]
	}
	return doc.AppendString(nil, text)
}

func (f *filler) random(b []byte) {
	if _, err := io.ReadFull(f.from.reader(), b); err != nil {
		f.err = err
	}
}

func (s Source) reader() io.Reader {
	if s.Random == nil {
		return rand.Reader
	}
	return s.Random
}

// ULID returns a new ULID of the time of s.
func (s Source) ULID() string {
	id, err := ulid.New(uint64(max(s.Now, 0)), s.reader())
	if err != nil {
		return strings.Repeat("0", ulid.EncodedSize) // only a clock beyond the year 10889 does this
	}
	return id.String()
}
