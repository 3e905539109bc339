package path

import (
	"kvd/engine/doc"
)

// operandKind is what an expression came to.
type operandKind uint8

const (
	// nothing is what a query for one place finds if there is none.
	nothing operandKind = iota
	// failed is a calculation without a result: no comparison with it holds.
	failed
	one
	// many are the values of a query for more than one place.
	many
	// listed is a list that was computed, such as the names of an object.
	listed
)

type operand struct {
	kind  operandKind
	value doc.Value
	list  []doc.Value
}

func single(v doc.Value) operand {
	if v == nil {
		return operand{}
	}
	return operand{kind: one, value: v}
}

// truth makes a condition a value.
func truth(b bool) operand {
	if b {
		return single(trueValue[:])
	}
	return single(falseValue[:])
}

// The two booleans as values.
var (
	trueValue  = [1]byte(doc.AppendBool(nil, true))
	falseValue = [1]byte(doc.AppendBool(nil, false))
)

// plain returns the one value that an operand is, also if a query for more found
// only that.
func (o operand) plain() doc.Value {
	switch {
	case o.kind == one:
		return o.value
	case o.kind == many && len(o.list) == 1:
		return o.list[0]
	}
	return nil
}

// exists says whether an operand is anything at all.
func (o operand) exists() bool {
	return o.kind == one || len(o.list) > 0
}

// operand evaluates an expression at v, which begins at place.
func (e *Evaluator) operand(x *expr, v doc.Value, place int) operand {
	if !e.spend(1) {
		return operand{kind: failed}
	}
	switch {
	case x.op == opLiteral:
		return single(x.value)
	case x.op == opQuery:
		return e.find(x.query, v, place)
	case x.op == opKeys:
		return e.keys(e.find(x.a.query, v, place))
	case x.op == opFailed || x.op == opParameter:
		return operand{kind: failed}
	case x.op == opNegate:
		return e.negate(e.operand(x.a, v, place))
	case x.op >= opAdd:
		return e.calculate(x.op, e.operand(x.a, v, place), e.operand(x.b, v, place))
	case x.logical():
		return truth(e.test(x, v, place))
	}
	return e.call(x, v, place)
}

// find evaluates a query in an expression.
func (e *Evaluator) find(q *query, v doc.Value, place int) operand {
	if q.singular {
		if !q.relative {
			v = e.root
		}
		for i := range q.segments {
			if !e.spend(1 + v.Len()/passed) {
				return operand{}
			}
			if v, _ = q.segments[i].selectors[0].child(v); v == nil {
				return operand{}
			}
		}
		return single(v)
	}
	first, from := len(e.places), len(e.lists)
	e.run(q, v, place)
	for _, at := range e.places[first:] {
		e.lists = append(e.lists, e.root.At(at))
	}
	e.places = e.places[:first]
	return operand{kind: many, list: e.lists[from:len(e.lists):len(e.lists)]}
}

// test says whether the condition x holds at v, which begins at place.
func (e *Evaluator) test(x *expr, v doc.Value, place int) bool {
	if !e.spend(1) {
		return false
	}
	used := len(e.lists)
	holds := false
	switch x.op {
	case opOr:
		for i := 0; i < len(x.args) && !holds; i++ {
			holds = e.test(x.args[i], v, place)
		}
	case opAnd:
		holds = true
		for i := 0; i < len(x.args) && holds; i++ {
			holds = e.test(x.args[i], v, place)
		}
	case opNot:
		holds = !e.test(x.a, v, place)
	default:
		holds = e.testValue(x, v, place)
	}
	e.lists = e.lists[:used]
	return holds && e.err == nil
}

// testValue tests a comparison, a call or a value.
func (e *Evaluator) testValue(x *expr, v doc.Value, place int) bool {
	switch {
	case x.op >= opEqual && x.op <= opEmpty:
		return e.compare(x, e.operand(x.a, v, place), e.operand(x.b, v, place))
	case x.op == opLiteral:
		return x.value.Kind() != doc.False
	case x.op == opCall:
		got := e.call(x, v, place)
		if x.fn.result == logicalType {
			return got.value.Kind() == doc.True
		}
		return got.exists()
	}
	return e.operand(x, v, place).exists()
}

// each calls do for each value that the operand is, one without a value
// included if a query for one place found none, until it returns true.
func (o operand) each(do func(v doc.Value) bool) bool {
	switch o.kind {
	case nothing, one:
		return do(o.value)
	case many, listed:
		for _, v := range o.list {
			if do(v) {
				return true
			}
		}
	}
	return false
}
