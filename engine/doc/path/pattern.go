package path

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"

	"kvd/engine/doc"
)

// pattern is a compiled regular expression (RE2, which RFC 9485 is part of).
type pattern struct {
	re *regexp.Regexp // nil matches nothing: the text is no regular expression
	// size is the number of instructions: matching takes at most so many steps
	// for each byte.
	size int
}

type anchors uint8

const (
	searchAnywhere anchors = iota
	matchWhole
)

// literalPattern compiles the pattern that a path has as a literal. One that is
// too long is a fault of the path; one that is no regular expression matches
// nothing, as RFC 9535 has it.
func literalPattern(e *expr, a anchors) (*pattern, error) {
	if e.value.Kind() != doc.String {
		return &pattern{}, nil
	}
	text := e.value.Text()
	if len(text) > MaxPattern {
		return nil, ErrPattern
	}
	return compilePattern(string(text), a), nil
}

func compilePattern(text string, a anchors) *pattern {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return &pattern{}
	}
	dotsWithoutReturns(parsed)
	text = parsed.String()
	if a == matchWhole {
		text = `\A(?:` + text + `)\z`
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return &pattern{}
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return &pattern{}
	}
	return &pattern{re: re, size: len(prog.Inst)}
}

// dotsWithoutReturns makes a point match neither \n nor \r, as RFC 9485 has it:
// in RE2 it matches \r.
func dotsWithoutReturns(re *syntax.Regexp) {
	if re.Op == syntax.OpAnyCharNotNL {
		re.Op = syntax.OpCharClass
		re.Rune = []rune{0, '\n' - 1, '\n' + 1, '\r' - 1, '\r' + 1, utf8.MaxRune}
	}
	for _, sub := range re.Sub {
		dotsWithoutReturns(sub)
	}
}

// patternCost is what compiling a pattern of a document costs, in steps.
const patternCost = 500

// maxPatterns is how many patterns of documents are remembered in an evaluation.
const maxPatterns = 16

// patternKey is a pattern as a document has it.
type patternKey struct {
	text    string
	anchors anchors
}

// dynamicPattern returns the pattern that a document has as text.
func (e *Evaluator) dynamicPattern(text []byte, a anchors) *pattern {
	if len(text) > MaxPattern {
		return &pattern{}
	}
	if p := e.patterns[patternKey{string(text), a}]; p != nil {
		return p
	}
	if !e.spend(patternCost) {
		return &pattern{}
	}
	if e.patterns == nil || len(e.patterns) >= maxPatterns {
		e.patterns = make(map[patternKey]*pattern)
	}
	p := compilePattern(string(text), a)
	e.patterns[patternKey{string(text), a}] = p
	return p
}

// match says whether the pattern, or the one that the string v is, matches text.
func (e *Evaluator) match(p *pattern, text, v doc.Value, a anchors) bool {
	if text.Kind() != doc.String || p == nil && v.Kind() != doc.String {
		return false
	}
	if p == nil {
		p = e.dynamicPattern(v.Text(), a)
	}
	const perStep = 64 // instructions and bytes
	if p.re == nil || !e.spend(text.Len()*p.size/perStep) {
		return false
	}
	return p.re.Match(text.Text())
}
