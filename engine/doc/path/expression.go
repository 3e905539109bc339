package path

import (
	"strings"

	"kvd/engine/doc"
)

// Expression is a compiled condition on a document, or a value calculated from
// one. Its language is that of RedisJSON's filters with `@` for the document,
// parameters `:name`, and functions that tell of more than the document itself.
// It never changes, so any number of goroutines may use it.
type Expression struct {
	text   string
	expr   *expr
	params []string
}

// Document is what an expression is evaluated on.
type Document struct {
	Root doc.Value
	// ID is what id() returns.
	ID []byte
	// Rev and Version are what rev() and ver() return.
	Rev, Version uint64
	// Created and Changed are what created_at() and updated_at() return, in
	// milliseconds since 1970.
	Created, Changed int64
	// Meta is what the paths given to meta() lead into; it may be absent.
	Meta doc.Value
}

// CompileExpression compiles an expression. It fails with a SyntaxError,
// ErrTooLong or ErrPattern.
func CompileExpression(text []byte) (*Expression, error) {
	return compileExpression(string(text), 0)
}

// CompileTerm compiles an expression that names values of a document, or that is
// one of the functions without a calculation: what can be indexed, sorted by and
// grouped by. Beside `$.a`, `@.a` and `created_at()` it takes `a` and `.a`.
func CompileTerm(text []byte) (*Expression, error) {
	s, added := string(text), 0
	if strings.IndexByte("$@", firstByte(s)) < 0 && !strings.HasSuffix(s, ")") {
		s, added = rooted(s)
	}
	x, err := compileExpression(s, added)
	if err != nil {
		return nil, err
	}
	if x.Canonical() == "" {
		return nil, &SyntaxError{Why: "expected a path without conditions"}
	}
	x.text = string(text)
	return x, nil
}

func firstByte(s string) byte {
	if s == "" {
		return '.'
	}
	return s[0]
}

func compileExpression(text string, added int) (*Expression, error) {
	if len(text)-added > MaxLength {
		return nil, ErrTooLong
	}
	x := &Expression{text: text}
	p := parser{text: text, added: added, dialect: RedisJSON, document: x}
	if at := invalidUTF8(text); at >= 0 {
		p.at = at
		return nil, p.fail("invalid UTF-8")
	}
	var err error
	if x.expr, err = p.filter(); err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(text) {
		return nil, p.fail("unexpected character")
	}
	return x, nil
}

// String returns the text that the expression was compiled from.
func (x *Expression) String() string { return x.text }

// Parameters returns the names of the parameters, each once, in the order in
// which they come.
func (x *Expression) Parameters() []string { return x.params }

// Test says whether the condition x holds for a document; a value does where
// there is one. Parameters that were not bound are no values. It fails with
// ErrSteps.
func (e *Evaluator) Test(x *Expression, d *Document) (bool, error) {
	e.begin(d.Root)
	e.document = d
	holds := e.test(x.expr, d.Root, 0)
	return holds, e.err
}

// Evaluate returns the values that x names or calculates for a document: none for
// a calculation without a result, true or false for a condition. They are good
// until the next evaluation. It fails with ErrSteps.
func (e *Evaluator) Evaluate(x *Expression, d *Document) ([]doc.Value, error) {
	e.begin(d.Root)
	e.document = d
	got := e.operand(x.expr, d.Root, 0)
	if e.err != nil {
		return nil, e.err
	}
	if got.kind == one {
		e.lists = append(e.lists[:0], got.value)
		return e.lists, nil
	}
	return got.list, nil
}
