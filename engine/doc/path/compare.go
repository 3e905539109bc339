package path

import (
	"bytes"

	"kvd/engine/doc"
)

// compare says whether a comparison holds between any of the values on one side
// and any on the other.
func (e *Evaluator) compare(x *expr, a, b operand) bool {
	if a.kind == failed || b.kind == failed {
		return false
	}
	switch x.op {
	case opIn, opNotIn:
		return a.each(func(v doc.Value) bool {
			return v != nil && e.in(v, b) == (x.op == opIn)
		})
	case opSubset, opAnyOf, opNoneOf:
		return e.relate(x.op, a, b)
	case opSize:
		n, ok := truncated(b.plain())
		size, sized := e.size(a)
		return ok && sized && size == n
	case opEmpty:
		want := b.plain().Kind()
		size, sized := e.size(a)
		return sized && (size == 0 && want == doc.True || size > 0 && want == doc.False)
	}
	return a.each(func(v doc.Value) bool {
		return b.each(func(w doc.Value) bool {
			return e.spendBytes(min(len(v), len(w))) && e.holds(x, v, w)
		})
	})
}

// holds says whether a comparison of two values holds. No value is equal to no
// value and to nothing else.
func (e *Evaluator) holds(x *expr, v, w doc.Value) bool {
	switch x.op {
	case opEqual:
		return doc.Equal(v, w)
	case opNotEqual:
		return !doc.Equal(v, w)
	case opLess:
		return less(v, w)
	case opLessEqual:
		return less(v, w) || doc.Equal(v, w)
	case opGreater:
		return less(w, v)
	case opGreaterEqual:
		return less(w, v) || doc.Equal(v, w)
	}
	return e.match(x.pattern, v, w, searchAnywhere)
}

// less compares two numbers or two strings; other values have no order.
func less(v, w doc.Value) bool {
	kind := v.Kind()
	if kind != w.Kind() {
		return false
	}
	switch kind {
	case doc.Number:
		return doc.CompareNumbers(v.Text(), w.Text()) < 0
	case doc.String:
		return bytes.Compare(v.Text(), w.Text()) < 0
	}
	return false
}

// elements returns what an operand has as a list: its values, or the elements of
// the one array that it is.
func (e *Evaluator) elements(o operand) ([]doc.Value, bool) {
	v := o.plain()
	if v.Kind() != doc.Array {
		return o.list, o.isList()
	}
	if !e.spend(v.Len()) {
		return nil, false
	}
	from := len(e.lists)
	for it := v.Items(); it.Next(); {
		e.lists = append(e.lists, it.Value())
	}
	return e.lists[from:len(e.lists):len(e.lists)], true
}

// in says whether v is an element of the list o.
func (e *Evaluator) in(v doc.Value, o operand) bool {
	if array := o.plain(); array.Kind() == doc.Array {
		for it := array.Items(); it.Next(); {
			if !e.spendBytes(len(v)) || doc.Equal(v, it.Value()) {
				return e.err == nil
			}
		}
		return false
	}
	return o.isList() && e.among(v, o.list)
}

// isList says whether an operand is several values or none rather than one.
func (o operand) isList() bool {
	return o.kind == listed || o.kind == many && len(o.list) != 1
}

func (e *Evaluator) among(v doc.Value, list []doc.Value) bool {
	for _, w := range list {
		if !e.spendBytes(len(v)) {
			return false
		}
		if doc.Equal(v, w) {
			return true
		}
	}
	return false
}

// relate compares two lists as sets.
func (e *Evaluator) relate(op opcode, a, b operand) bool {
	left, ok := e.elements(a)
	if !ok {
		return false
	}
	right, ok := e.elements(b)
	if !ok {
		return false
	}
	for _, v := range left {
		if e.among(v, right) != (op == opSubset) {
			return op == opAnyOf && e.err == nil
		}
	}
	return op != opAnyOf && e.err == nil
}

// size returns the size of a string in characters, of a container in elements,
// of a list in values.
func (e *Evaluator) size(o operand) (int, bool) {
	if o.isList() {
		return len(o.list), true
	}
	switch v := o.plain(); v.Kind() {
	case doc.String:
		return v.Runes(), e.spendBytes(len(v))
	case doc.Array, doc.Object:
		return v.Len(), true
	}
	return 0, false
}

// truncated returns the number v without its fraction.
func truncated(v doc.Value) (int, bool) {
	if v.Kind() != doc.Number {
		return 0, false
	}
	if n, ok := doc.Int(v.Text()); ok {
		return int(n), true
	}
	f := doc.Float(v.Text())
	if f >= 1<<53 || f <= -1<<53 {
		return 0, false
	}
	return int(f), true
}
