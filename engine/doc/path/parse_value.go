package path

import (
	"strings"

	"kvd/engine/doc"
)

// postfix reads a value with the methods and the ~ after it.
func (p *parser) postfix() (*expr, error) {
	e, err := p.primary()
	for depth := 0; err == nil; depth++ {
		switch {
		case p.peek() == '.' && p.isMethod() && depth < maxNesting:
			p.at++
			e, err = p.call(e)
		case p.peek() == '~' && e.op == opQuery:
			p.at++
			return &expr{op: opKeys, a: e}, nil
		default:
			return e, nil
		}
	}
	return nil, err
}

// primary reads a literal, a query, a call, or what parentheses hold.
func (p *parser) primary() (*expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	switch c := p.peek(); {
	case c == '(':
		return p.parentheses()
	case c == '$' || c == '@':
		return p.query()
	case c == '\'' || c == '"':
		s, err := p.quoted()
		return literal(doc.AppendString(nil, s)), err
	case c == '-' || isDigit(c):
		return p.number()
	case isLetter(c):
		return p.word()
	case p.extended() && (c == '[' || c == '{'):
		return p.json()
	case p.document != nil && c == ':':
		return p.parameter()
	}
	return nil, p.fail("expected a value")
}

func literal(v doc.Value) *expr { return &expr{op: opLiteral, value: v} }

func (p *parser) parentheses() (*expr, error) {
	p.at++
	p.space()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if err := p.checkTest(e); err != nil {
		return nil, err
	}
	p.space()
	if !p.take(")") {
		return nil, p.fail("expected ')'")
	}
	e.parens = true
	return e, nil
}

func (p *parser) number() (*expr, error) {
	n := doc.ScanNumber([]byte(p.text[p.at:]))
	if n <= 0 {
		return nil, p.fail("invalid number")
	}
	text := p.text[p.at : p.at+n]
	p.at += n
	return literal(doc.AppendNumber(nil, text)), nil
}

// word reads true, false, null or the call of a function.
func (p *parser) word() (*expr, error) {
	end := 0
	for c := p.peekAt(end); isLetter(c) || isDigit(c) || c == '_'; c = p.peekAt(end) {
		end++
	}
	if p.peekAt(end) == '(' {
		return p.call(nil)
	}
	switch word := p.text[p.at : p.at+end]; word {
	case "true", "false":
		p.at += end
		return literal(doc.AppendBool(nil, word == "true")), nil
	case "null":
		p.at += end
		return literal(doc.AppendNull(nil)), nil
	}
	return nil, p.fail("expected a value")
}

// json reads an array or object literal: JSON, whose strings may have single
// quotes as well.
func (p *parser) json() (*expr, error) {
	b := doc.NewBuilder(nil)
	if err := p.jsonValue(b); err != nil {
		return nil, err
	}
	v := doc.Value(b.Bytes())
	if doc.Check(v, doc.Limits{}) != nil {
		return nil, p.fail("a name twice in an object")
	}
	return literal(v), nil
}

func (p *parser) jsonValue(b *doc.Builder) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	switch p.peek() {
	case '[':
		p.at++
		b.BeginArray()
		return p.jsonElements(b, "]", p.jsonValue)
	case '{':
		p.at++
		b.BeginObject()
		return p.jsonElements(b, "}", p.jsonMember)
	case '(', '$', '@':
		return p.fail("expected a literal")
	}
	e, err := p.primary()
	if err != nil {
		return err
	}
	if e.op != opLiteral {
		return p.fail("expected a literal")
	}
	b.Value(e.value)
	return nil
}

// jsonElements reads elements up to the closing bracket.
func (p *parser) jsonElements(b *doc.Builder, closing string, element func(*doc.Builder) error) error {
	p.space()
	for first := true; !p.take(closing); first = false {
		if !first && !p.take(",") {
			return p.fail("expected ',' or '" + closing + "'")
		}
		p.space()
		if err := element(b); err != nil {
			return err
		}
		p.space()
	}
	b.End()
	return nil
}

func (p *parser) jsonMember(b *doc.Builder) error {
	if c := p.peek(); c != '"' && c != '\'' {
		return p.fail("expected a name")
	}
	name, err := p.quoted()
	if err != nil {
		return err
	}
	p.space()
	if !p.take(":") {
		return p.fail("expected ':'")
	}
	p.space()
	b.Name(string(name))
	return p.jsonValue(b)
}

// call reads the call of a function. A method has its first argument already.
func (p *parser) call(receiver *expr) (*expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	from := p.at
	paren := from + strings.IndexByte(p.text[from:], '(')
	fn := functions[p.text[from:paren]]
	if fn == nil && p.document != nil {
		fn = documentFunctions[p.text[from:paren]]
	}
	if fn == nil || !p.extended() && !fn.standard {
		return nil, p.fail("unknown function")
	}
	p.at = paren + 1
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if receiver != nil {
		args = append([]*expr{receiver}, args...)
	}
	return p.typed(fn, args)
}

// arguments reads the arguments of a call up to its closing parenthesis.
func (p *parser) arguments() ([]*expr, error) {
	var args []*expr
	p.space()
	for !p.take(")") {
		if len(args) > 0 && !p.take(",") {
			return nil, p.fail("expected ',' or ')'")
		}
		p.space()
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		args = append(args, e)
		p.space()
	}
	return args, nil
}

// typed makes a call of a function if the arguments fit.
func (p *parser) typed(fn *function, args []*expr) (*expr, error) {
	e := &expr{op: opCall, fn: fn, args: args}
	fits := len(args) == len(fn.params) || fn.variadic && len(args) >= len(fn.params)
	if fn.place {
		return e, p.metaPath(e)
	}
	if p.extended() {
		if !fits {
			return &expr{op: opFailed}, nil
		}
	} else if !fits {
		return nil, p.fail("wrong number of arguments")
	}
	for i, arg := range args {
		if !p.extended() && !fn.accepts(i, arg) {
			return nil, p.fail("argument of another type")
		}
	}
	if fn.pattern && args[1].op == opLiteral {
		var err error
		if e.pattern, err = literalPattern(args[1], fn.anchors); err != nil {
			return nil, err
		}
	}
	return e, nil
}
