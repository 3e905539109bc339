package path

import "kvd/engine/doc"

// Comparison is what a condition says of the values of a term.
type Comparison uint8

const (
	// Equal says that one of them, or of the elements of an array that one is, is one of
	// the condition's values.
	Equal Comparison = iota
	// Less says that one of them is of the type of the condition's value and less
	// than it.
	Less
	// LessEqual is Less for one that is less or equal.
	LessEqual
	// Greater is Less for one that is greater.
	Greater
	// GreaterEqual is Less for one that is greater or equal.
	GreaterEqual
	// Missing says that there are none.
	Missing
)

// Condition is a comparison of a term with literals.
type Condition struct {
	// Term is the canonical text of the term.
	Term string
	// Singular says whether the term has one value at most.
	Singular bool
	Is       Comparison
	// Values are one or more scalars for Equal, one number or string for an
	// order, none for Missing.
	Values []doc.Value
}

// Conditions returns comparisons that hold wherever the expression does: those
// in its conjunction that compare a term with a literal. They do not say all
// that it says.
func (x *Expression) Conditions() []Condition { return x.expr.conditions(nil) }

func (e *expr) conditions(all []Condition) []Condition {
	switch {
	case e.op == opAnd:
		for _, arg := range e.args {
			all = arg.conditions(all)
		}
		return all
	case e.op == opCall && e.fn.name == "missing" && len(e.args) == 1:
		return e.args[0].condition(all, Missing, nil)
	case e.op == opNot && e.a.op == opQuery:
		return e.a.condition(all, Missing, nil)
	case e.op == opIn:
		return e.membership(all)
	case e.op < opEqual || e.op > opGreaterEqual || e.op == opNotEqual:
		return all
	case e.b.op == opLiteral:
		return e.a.compared(all, e.op, e.b.value)
	case e.a.op == opLiteral:
		return e.b.compared(all, turned(e.op), e.a.value)
	}
	return all
}

// turned returns the comparison with its sides exchanged.
func turned(op opcode) opcode {
	switch op {
	case opLess:
		return opGreater
	case opLessEqual:
		return opGreaterEqual
	case opGreater:
		return opLess
	case opGreaterEqual:
		return opLessEqual
	}
	return op
}

// condition adds a comparison of the term e, if it is one.
func (e *expr) condition(all []Condition, is Comparison, values []doc.Value) []Condition {
	term := e.canonical()
	if term == "" {
		return all
	}
	return append(all, Condition{Term: term, Singular: e.single(), Is: is, Values: values})
}

// compared adds the comparison of the term e with a literal.
func (e *expr) compared(all []Condition, op opcode, v doc.Value) []Condition {
	if v.IsContainer() {
		return all
	}
	if op == opEqual {
		return e.condition(all, Equal, []doc.Value{v})
	}
	ordered := v.Kind() == doc.Number || v.Kind() == doc.String
	switch {
	case op == opLess && ordered:
		return e.condition(all, Less, []doc.Value{v})
	case op == opGreater && ordered:
		return e.condition(all, Greater, []doc.Value{v})
	case op == opLess || op == opGreater: // which never holds
		return all
	case !ordered:
		return e.condition(all, Equal, []doc.Value{v})
	case op == opLessEqual:
		return e.condition(all, LessEqual, []doc.Value{v})
	}
	return e.condition(all, GreaterEqual, []doc.Value{v})
}

// membership adds what `literal in term` and `term in [literals]` say.
func (e *expr) membership(all []Condition) []Condition {
	switch {
	case e.a.op == opLiteral:
		return e.b.compared(all, opEqual, e.a.value)
	case e.b.op != opLiteral || e.b.value.Kind() != doc.Array:
		return all
	}
	var values []doc.Value
	for it := e.b.value.Items(); it.Next(); {
		if it.Value().IsContainer() {
			return all
		}
		values = append(values, it.Value())
	}
	return e.a.condition(all, Equal, values)
}
