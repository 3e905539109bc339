package schema

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

var errPatternLength = fmt.Errorf("regular expression is longer than %d bytes", MaxPattern)

// compilePattern compiles a regular expression of a schema: RE2, which matches in
// linear time and therefore has neither look-around nor back-references.
func compilePattern(text string) (*pattern, error) {
	if len(text) > MaxPattern {
		return nil, errPatternLength
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, patternError(text, err)
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, patternError(text, err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, patternError(text, err)
	}
	return &pattern{re: re, size: len(prog.Inst)}, nil
}

// patternError says why a text is no regular expression, in words that help those
// who come from other dialects.
func patternError(text string, err error) error {
	for _, look := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.Contains(text, look) {
			return errors.New("look-ahead and look-behind '" + look + "' are not supported: patterns are RE2")
		}
	}
	var fault *syntax.Error
	if errors.As(err, &fault) {
		return fmt.Errorf("%s '%s': patterns are RE2", fault.Code, shown([]byte(fault.Expr)))
	}
	return err
}
