package schema

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kvd/engine/doc"
)

const (
	// toldFaults is how many faults a text has.
	toldFaults = 10
	// shownLength is how much of a value a message shows, in bytes.
	shownLength = 64
	// shownValues is how many values of an enum a message lists.
	shownValues = 10
)

// Text returns the faults in one line, at most ten of them:
// "(root) required: missing 'title'; /tags type: got string, want array (+1 more)".
func Text(faults []Fault) string {
	var b strings.Builder
	for i, f := range faults {
		if i == toldFaults {
			b.WriteString(" (+" + strconv.Itoa(len(faults)-i) + " more)")
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// String returns the fault as Text has it.
func (f Fault) String() string {
	pointer := "(root)"
	if f.Pointer != "" {
		pointer = shown([]byte(f.Pointer))
	}
	return pointer + " " + f.Keyword + ": " + f.Message
}

// display returns a value as a message shows it: a string in single quotes, a
// scalar as JSON, a container by its type.
func (c *checker) display(v doc.Value) string {
	switch {
	case v.Kind() == doc.String:
		return "'" + shown(v.Text()) + "'"
	case v.IsContainer():
		return "the " + v.TypeName()
	}
	c.scratch = doc.AppendText(c.scratch[:0], v)
	return shown(c.scratch)
}

// shown returns the beginning of a text, without control characters.
func shown(text []byte) string {
	cut := ""
	if len(text) > shownLength {
		end := shownLength
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text, cut = text[:end], "..."
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, string(text)) + cut
}

// quoted lists names in single quotes.
func quoted(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i == shownValues {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("'" + shown([]byte(name)) + "'")
	}
	return b.String()
}

// listValues lists the values of an enum.
func listValues(values []doc.Value) string {
	var c checker
	var b strings.Builder
	for i, v := range values {
		if i == shownValues {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.display(v))
	}
	return b.String()
}
