package query

import (
	"bytes"
	"strconv"
	"strings"

	"kvd/engine/doc"
)

// Reducer is a function of the values in a group.
type Reducer struct {
	kind reducerKind
	// part is the part of the values that lies below a quantile.
	part float64
}

type reducerKind uint8

const (
	reduceCount reducerKind = iota
	reduceSum
	reduceAvg
	reduceMin
	reduceMax
	reduceStddev
	reduceDistinct
	reduceFirst
	reduceLast
	reduceQuantile
	reduceList
)

var reducerNames = [...]string{
	"COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV", "DISTINCT", "FIRST", "LAST", "QUANTILE", "LIST",
}

// ParseReducer returns the reducer with the name, in any case, and whether there
// is one. QUANTILE has its part behind a colon: from 0 to 1.
func ParseReducer(name string) (Reducer, bool) {
	name, part, parted := strings.Cut(name, ":")
	for kind, known := range reducerNames {
		if !strings.EqualFold(name, known) {
			continue
		}
		r := Reducer{kind: reducerKind(kind)}
		if parted != (r.kind == reduceQuantile) {
			return Reducer{}, false
		}
		if parted {
			var err error
			if r.part, err = strconv.ParseFloat(part, 64); err != nil || !(r.part >= 0 && r.part <= 1) {
				return Reducer{}, false
			}
		}
		return r, true
	}
	return Reducer{}, false
}

// TakesDocuments says whether the reducer can count documents instead of values.
func (r Reducer) TakesDocuments() bool { return r.kind == reduceCount }

// Form says how a cell of a row is to be written.
type Form uint8

const (
	// JSON is the text of the value.
	JSON Form = iota
	// Integer is a number without fraction that fits an int64.
	Integer
	// Double is the number as a float64.
	Double
	// Text is a number that neither can hold, or a decimal: its digits.
	Text
)

// Cell is a value of a row; one without a value is nothing.
type Cell struct {
	Value doc.Value
	Form  Form
}

// reducer is a Reducer at work. Values that it keeps are copied.
type reducer interface {
	// add counts a value; false says that it is of a type that is left out.
	add(v doc.Value) (taken bool, err error)
	result() (Cell, error)
}

// start returns the reducer at work for the values of a term.
func (r *Reduce) start(a *Aggregation) reducer {
	switch r.kind {
	case reduceSum:
		return &sum{typ: r.Type}
	case reduceAvg:
		return &average{sum: sum{typ: r.Type}}
	case reduceMin:
		return &extreme{typ: r.Type, in: a, sign: -1}
	case reduceMax:
		return &extreme{typ: r.Type, in: a, sign: 1}
	case reduceStddev:
		return &deviation{typ: r.Type}
	case reduceDistinct:
		return &variety{typ: r.Type, in: a, seen: make(map[string]struct{})}
	case reduceFirst:
		return &edgeValue{in: a, first: true}
	case reduceLast:
		return &edgeValue{in: a}
	case reduceQuantile:
		return &quantile{typ: r.Type, in: a, part: r.part}
	case reduceList:
		return &list{in: a}
	}
	return new(counter)
}

func integerCell(n int) Cell {
	return Cell{doc.AppendNumber(nil, strconv.Itoa(n)), Integer}
}

// counter counts all values.
type counter struct{ n int }

func (c *counter) add(doc.Value) (bool, error) {
	c.n++
	return true, nil
}

func (c *counter) result() (Cell, error) { return integerCell(c.n), nil }

// variety counts different values.
type variety struct {
	typ  Type
	in   *Aggregation
	seen map[string]struct{}
	key  []byte
}

func (d *variety) add(v doc.Value) (bool, error) {
	d.key = appendValue(d.key[:0], v, d.typ, cut)
	if _, known := d.seen[string(d.key)]; known {
		return true, nil
	}
	const perValue = 48
	d.seen[string(d.key)] = struct{}{}
	return true, d.in.take(perValue + len(d.key))
}

func (d *variety) result() (Cell, error) { return integerCell(len(d.seen)), nil }

// edgeValue is the first or the last value, in the order of the documents.
type edgeValue struct {
	in    *Aggregation
	first bool
	value doc.Value
}

func (e *edgeValue) add(v doc.Value) (bool, error) {
	if e.first && e.value != nil {
		return true, nil
	}
	before := cap(e.value)
	e.value = append(e.value[:0], v...)
	return true, e.in.take(cap(e.value) - before)
}

func (e *edgeValue) result() (Cell, error) { return Cell{Value: e.value}, nil }

// list is an array of all values.
type list struct {
	in     *Aggregation
	values []byte // one after the other
	ends   []int
}

func (l *list) add(v doc.Value) (bool, error) {
	const perValue = 2*8 + 8
	l.values = append(l.values, v...)
	l.ends = append(l.ends, len(l.values))
	return true, l.in.take(perValue + 2*len(v))
}

func (l *list) result() (Cell, error) {
	b := doc.NewBuilder(nil)
	b.BeginArray()
	from := 0
	for _, end := range l.ends {
		b.Value(l.values[from:end])
		from = end
	}
	b.End()
	return Cell{Value: b.Bytes()}, nil
}

// extreme is the least or the greatest of the values that are booleans, numbers,
// strings, times or decimals, in the order that sorting has.
type extreme struct {
	typ   Type
	in    *Aggregation
	sign  int
	value doc.Value
	best  []byte
	key   []byte
}

func (x *extreme) add(v doc.Value) (bool, error) {
	if v.Kind() == doc.Null || v.IsContainer() {
		return false, nil
	}
	x.key = appendValue(x.key[:0], v, x.typ, whole)
	if x.value == nil || bytes.Compare(x.key, x.best) == x.sign {
		before := cap(x.value)
		x.value = append(x.value[:0], v...)
		x.best, x.key = x.key, x.best
		return true, x.in.take(3 * (cap(x.value) - before)) // with the two keys
	}
	return true, nil
}

func (x *extreme) result() (Cell, error) { return Cell{Value: x.value}, nil }
