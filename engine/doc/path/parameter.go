package path

import (
	"slices"

	"kvd/engine/doc"
)

// parameter reads `:name`.
func (p *parser) parameter() (*expr, error) {
	p.at++
	from := p.at
	for c := p.peek(); isLetter(c) || isDigit(c) || c == '_'; c = p.peek() {
		p.at++
	}
	if from == p.at {
		return nil, p.fail("expected the name of a parameter")
	}
	name := p.text[from:p.at]
	if !slices.Contains(p.document.params, name) {
		p.document.params = append(p.document.params, name)
	}
	return &expr{op: opParameter, value: doc.AppendString(nil, name)}, nil
}

// Bind returns the expression with values in place of its parameters. A
// parameter that value returns nothing for stays, and is no value when it is
// evaluated. It fails with ErrPattern.
func (x *Expression) Bind(value func(name string) doc.Value) (*Expression, error) {
	if len(x.params) == 0 {
		return x, nil
	}
	b := binder{value: value}
	bound := &Expression{text: x.text, expr: b.expr(x.expr)}
	return bound, b.err
}

// binder copies expressions with values for their parameters.
type binder struct {
	value func(name string) doc.Value
	err   error
}

func (b *binder) expr(x *expr) *expr {
	if x == nil {
		return nil
	}
	bound := *x
	if x.op == opParameter {
		if v := b.value(string(x.value.Text())); v != nil {
			bound.op, bound.value = opLiteral, v
		}
		return &bound
	}
	bound.a, bound.b = b.expr(x.a), b.expr(x.b)
	bound.args = slices.Clone(x.args)
	for i, arg := range x.args {
		bound.args[i] = b.expr(arg)
	}
	bound.query = b.query(x.query)
	b.pattern(&bound)
	return &bound
}

// pattern compiles a regular expression that came as a parameter.
func (b *binder) pattern(x *expr) {
	text, how := x.b, searchAnywhere
	if x.op == opCall && x.fn.pattern {
		text, how = x.args[1], x.fn.anchors
	} else if x.op != opMatch {
		return
	}
	if text.op != opLiteral || x.pattern != nil {
		return
	}
	var err error
	if x.pattern, err = literalPattern(text, how); err != nil {
		b.err = err
	}
}

func (b *binder) query(q *query) *query {
	if q == nil {
		return nil
	}
	bound := *q
	bound.segments = slices.Clone(q.segments)
	for i, s := range q.segments {
		bound.segments[i].selectors = slices.Clone(s.selectors)
		for j, sel := range s.selectors {
			bound.segments[i].selectors[j].filter = b.expr(sel.filter)
		}
	}
	return &bound
}
