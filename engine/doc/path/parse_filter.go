package path

import "strings"

// filter reads the condition of a filter.
func (p *parser) filter() (*expr, error) {
	p.space()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	return e, p.checkTest(e)
}

// checkTest fails if e is no condition.
func (p *parser) checkTest(e *expr) error {
	if p.extended() || e.testable() {
		return nil
	}
	return p.fail("a value must be compared")
}

func (p *parser) or() (*expr, error) { return p.chain("||", opOr, p.and) }

func (p *parser) and() (*expr, error) { return p.chain("&&", opAnd, p.not) }

// chain reads conditions with a word between each two.
func (p *parser) chain(word string, op opcode, operand func() (*expr, error)) (*expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	first, err := operand()
	if err != nil {
		return nil, err
	}
	all := []*expr{first}
	for p.takeAfterSpace(word) {
		p.space()
		next, err := operand()
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	if len(all) == 1 {
		return first, nil
	}
	for _, e := range all {
		if err := p.checkTest(e); err != nil {
			return nil, err
		}
	}
	return &expr{op: op, args: all}, nil
}

// takeAfterSpace passes over blanks and the word, or over nothing.
func (p *parser) takeAfterSpace(word string) bool {
	before := p.at
	p.space()
	if p.take(word) {
		return true
	}
	p.at = before
	return false
}

// not reads a condition with or without a negation.
func (p *parser) not() (*expr, error) {
	if p.peek() != '!' {
		return p.comparison()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.at++
	p.space()
	operand := p.not
	if !p.extended() {
		operand = p.primary
	}
	e, err := operand()
	if err != nil {
		return nil, err
	}
	return &expr{op: opNot, a: e}, p.checkTest(e)
}

// operators are the signs between two values, those that begin like others
// first.
var operators = []struct {
	sign string
	op   opcode
}{
	{"==", opEqual}, {"!=", opNotEqual}, {"<=", opLessEqual}, {">=", opGreaterEqual}, {"<", opLess}, {">", opGreater},
}

// redisOperators are those that RedisJSON adds.
var redisOperators = []struct {
	sign string
	op   opcode
}{
	{"=~", opMatch},
	{"in", opIn},
	{"nin", opNotIn},
	{"subsetof", opSubset},
	{"anyof", opAnyOf},
	{"noneof", opNoneOf},
	{"sizeof", opSize},
	{"size", opSize},
	{"empty", opEmpty},
}

// comparison reads a comparison, or the value alone that might begin one.
func (p *parser) comparison() (*expr, error) {
	a, err := p.sum()
	if err != nil {
		return nil, err
	}
	before := p.at
	p.space()
	op, found := p.operator()
	if !found {
		p.at = before
		return a, nil
	}
	p.space()
	b, err := p.sum()
	if err != nil {
		return nil, err
	}
	return p.compare(op, a, b)
}

// compare joins the sides of a comparison.
func (p *parser) compare(op opcode, a, b *expr) (*expr, error) {
	e := &expr{op: op, a: a, b: b}
	for _, side := range []*expr{a, b} {
		if p.extended() && side.op >= opOr && side.op <= opEmpty {
			return nil, p.fail("a condition cannot be compared")
		}
		if !p.extended() && (side.parens || !side.comparable()) {
			return nil, p.fail("cannot be compared")
		}
	}
	if op == opMatch && b.op == opLiteral {
		var err error
		if e.pattern, err = literalPattern(b, searchAnywhere); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (p *parser) operator() (opcode, bool) {
	for _, o := range operators {
		if p.take(o.sign) {
			return o.op, true
		}
	}
	if !p.extended() {
		return 0, false
	}
	for _, o := range redisOperators {
		before := p.at
		if p.take(o.sign) {
			if o.op == opMatch || !isLetter(p.peek()) && !isDigit(p.peek()) && p.peek() != '_' {
				return o.op, true
			}
			p.at = before
		}
	}
	return 0, false
}

// sum reads a value: in the standard what may be compared, else a sum.
func (p *parser) sum() (*expr, error) {
	if !p.extended() {
		return p.primary()
	}
	return p.arithmetic("+-", []opcode{opAdd, opSubtract}, p.product)
}

func (p *parser) product() (*expr, error) {
	return p.arithmetic("*/%", []opcode{opMultiply, opDivide, opRemainder}, p.signed)
}

// arithmetic reads values with signs between them, from left to right.
func (p *parser) arithmetic(signs string, ops []opcode, operand func() (*expr, error)) (*expr, error) {
	e, err := operand()
	if err != nil {
		return nil, err
	}
	for depth := 0; ; depth++ {
		before := p.at
		p.space()
		i := -1
		if p.at < len(p.text) {
			i = strings.IndexByte(signs, p.peek())
		}
		if i < 0 || depth > maxNesting {
			p.at = before
			return e, nil
		}
		if e.logical() && e.op != opCall {
			return nil, p.fail("a condition is no number")
		}
		p.at++
		p.space()
		b, err := operand()
		if err != nil {
			return nil, err
		}
		e = &expr{op: ops[i], a: e, b: b}
	}
}

// signed reads a value with or without signs before it.
func (p *parser) signed() (*expr, error) {
	sign := p.peek()
	if sign != '-' && sign != '+' || sign == '-' && isDigit(p.peekAt(1)) {
		return p.postfix()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.at++
	p.space()
	e, err := p.signed()
	if err != nil || sign == '+' {
		return e, err
	}
	return &expr{op: opNegate, a: e}, nil
}
