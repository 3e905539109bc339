package query

import (
	"bytes"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// Query says which documents are looked for, and their order.
type Query struct {
	// Where must hold; nil always does. Its parameters are bound.
	Where *path.Expression
	// Equals and Between must all hold.
	Equals  []Equality
	Between []Interval
	// Sort is the order; documents that are equal in it, or all if there is none,
	// are in the order of their ids, in the direction of the last key.
	Sort []SortKey
}

// Equality holds for a document one of whose values for the term is Value, or is
// an array with such an element.
type Equality struct {
	Term
	Value doc.Value
}

// Interval holds for a document one of whose values for the term lies between the
// bounds, or is an array with such an element. A bound that is open is the end of
// the type of the other one; with two open ones any value lies between.
type Interval struct {
	Term
	Min, Max Bound
}

// Bound is an end of an interval.
type Bound struct {
	// Value is the end; nil is an open one.
	Value doc.Value
	// Excluded keeps the value itself out.
	Excluded bool
}

// SortKey is a term to sort by: by the least of the values of a document for it,
// and by the greatest if the direction is Descending. The elements of an array are
// values. No value is less than every other, and then come null, booleans,
// numbers, strings, times, decimals, arrays and objects.
type SortKey struct {
	Term
	Direction Direction
}

// Matcher tests documents. It belongs to one goroutine; what it holds is scratch.
// The zero Matcher is ready.
type Matcher struct {
	path.Evaluator

	values []doc.Value
	key    []byte
	other  []byte
	place  []byte
}

// keptScratch is how many bytes of a buffer are kept for the next search.
const keptScratch = 64 << 10

// release drops what a matcher holds of documents, and large buffers.
func (m *Matcher) release() {
	clear(m.values)
	m.values = m.values[:0]
	if cap(m.key)+cap(m.other)+cap(m.place) > keptScratch {
		m.key, m.other, m.place = nil, nil, nil
	}
}

// Match says whether a query finds a document. Each document has a budget of
// path.DefaultSteps; it fails with path.ErrSteps.
func (m *Matcher) Match(q *Query, d *path.Document) (bool, error) {
	m.Reset(0)
	for i := range q.Equals {
		if ok, err := m.equals(&q.Equals[i], d); !ok || err != nil {
			return false, err
		}
	}
	for i := range q.Between {
		if ok, err := m.between(&q.Between[i], d); !ok || err != nil {
			return false, err
		}
	}
	if q.Where == nil {
		return true, nil
	}
	return m.Test(q.Where, d)
}

// all returns the values of a term and the elements of those that are arrays.
func (m *Matcher) all(t *Term, d *path.Document) ([]doc.Value, error) {
	found, err := m.Evaluate(t.Expression, d)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	m.values = append(m.values[:0], found...)
	for _, v := range found {
		if v.Kind() != doc.Array {
			continue
		}
		for it := v.Items(); it.Next(); {
			m.values = append(m.values, it.Value())
		}
	}
	return m.values, nil
}

func (m *Matcher) equals(eq *Equality, d *path.Document) (bool, error) {
	values, err := m.all(&eq.Term, d)
	if err != nil {
		return false, err
	}
	typed := !eq.Type.plain() && eq.Value.Kind() == doc.String
	if typed {
		m.other = appendValue(m.other[:0], eq.Value, eq.Type, whole)
	}
	for _, v := range values {
		if typed && v.Kind() == doc.String {
			m.key = appendValue(m.key[:0], v, eq.Type, whole)
			if bytes.Equal(m.key, m.other) {
				return true, nil
			}
		} else if doc.Equal(v, eq.Value) {
			return true, nil
		}
	}
	return false, nil
}

func (m *Matcher) between(in *Interval, d *path.Document) (bool, error) {
	values, err := m.all(&in.Term, d)
	if err != nil {
		return false, err
	}
	for _, v := range values {
		m.key = appendValue(m.key[:0], v, in.Type, whole)
		if m.above(in) && m.below(in) {
			return true, nil
		}
	}
	return false, nil
}

// above says whether m.key is above the lower bound.
func (m *Matcher) above(in *Interval) bool {
	if in.Min.Value == nil {
		return in.Max.Value == nil || m.key[0] >= firstOf(m.tag(in.Max.Value, in.Type))
	}
	m.other = appendValue(m.other[:0], in.Min.Value, in.Type, whole)
	c := bytes.Compare(m.key, m.other)
	return c > 0 || c == 0 && !in.Min.Excluded
}

func (m *Matcher) below(in *Interval) bool {
	if in.Max.Value == nil {
		return in.Min.Value == nil || m.key[0] <= lastOf(m.tag(in.Min.Value, in.Type))
	}
	m.other = appendValue(m.other[:0], in.Max.Value, in.Type, whole)
	c := bytes.Compare(m.key, m.other)
	return c < 0 || c == 0 && !in.Max.Excluded
}

func (m *Matcher) tag(v doc.Value, t Type) byte {
	m.other = appendValue(m.other[:0], v, t, whole)
	return m.other[0]
}

// firstOf and lastOf return the tags between which the values of a type have
// theirs: booleans have two.
func firstOf(tag byte) byte {
	if tag == tagTrue {
		return tagFalse
	}
	return tag
}

func lastOf(tag byte) byte {
	if tag == tagFalse {
		return tagTrue
	}
	return tag
}

// Comparable says whether the bounds are of one type that has an order, so that
// values can lie between them; other intervals must not be asked for.
func (in *Interval) Comparable() bool {
	if in.Min.Value.IsContainer() || in.Max.Value.IsContainer() {
		return false
	}
	if in.Min.Value == nil || in.Max.Value == nil {
		return true
	}
	low := appendValue(nil, in.Min.Value, in.Type, whole)
	high := appendValue(nil, in.Max.Value, in.Type, whole)
	return firstOf(low[0]) == firstOf(high[0])
}
