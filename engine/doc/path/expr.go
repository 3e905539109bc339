package path

import "kvd/engine/doc"

type opcode uint8

const (
	opLiteral opcode = iota
	opQuery
	opCall
	opKeys   // a~
	opFailed // a call with the wrong number of arguments
	opParameter

	opOr
	opAnd
	opNot

	opEqual
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opMatch
	opIn
	opNotIn
	opSubset
	opAnyOf
	opNoneOf
	opSize
	opEmpty

	opAdd
	opSubtract
	opMultiply
	opDivide
	opRemainder
	opNegate
)

// expr is an expression: a value, a condition, or a query.
type expr struct {
	op      opcode
	a, b    *expr
	args    []*expr
	value   doc.Value // of a literal; the name of a parameter
	query   *query
	fn      *function
	pattern *pattern // of the regular expression, if that is a literal
	parens  bool     // written in parentheses
}

// logical says whether the expression is true or false rather than a value.
func (e *expr) logical() bool {
	return e.op >= opOr && e.op <= opEmpty || e.op == opCall && e.fn.result == logicalType
}

// comparable says whether RFC 9535 allows the expression at the side of a
// comparison.
func (e *expr) comparable() bool {
	switch e.op {
	case opLiteral:
		return true
	case opQuery:
		return e.query.singular
	case opCall:
		return e.fn.result == valueType
	}
	return false
}

// testable says whether RFC 9535 allows the expression as a condition.
func (e *expr) testable() bool {
	return e.op == opQuery || e.logical()
}
