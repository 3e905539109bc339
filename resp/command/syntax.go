package command

import (
	"errors"
	"fmt"
	"strings"
)

// The syntax of a command is written as manuals print it:
//
//	key value [NX | XX] [EX seconds | PX milliseconds]
//	key score member [score member ...]
//	<m | km> "literal" *
//
// Words with a small letter are arguments; words without any, and quoted ones,
// stand for themselves. [ ] is optional, < > and ( ) are groups, of which ( ) is
// not printed. `[x ...]` after x says that x may be repeated.
//
// Braces after an item refine what COMMAND DOCS says of it and are not printed:
// {integer} is its type, {@6.2.0} since when it is there, {#1} its key spec, and
// any other word its name: [NX | XX]{condition,@2.6.12}.

// parseSyntax returns the arguments that a syntax describes.
func parseSyntax(syntax string) ([]Argument, error) {
	list, err := parseElements(syntax)
	if err != nil {
		return nil, err
	}
	return join(list), nil
}

// Usage returns the line of a manual: the name in capital letters and the
// syntax without refinements.
func (c *Command) Usage() string {
	name := strings.ToUpper(strings.ReplaceAll(c.FullName, "|", " "))
	list, err := parseElements(c.Syntax)
	if err != nil || len(list) == 0 {
		return name
	}
	return name + " " + texts(list)
}

// element is a piece of a syntax before words are joined to arguments.
type element struct {
	// text is how it is printed.
	text string
	arg  Argument
	// token: a word that stands for itself and may belong to what follows.
	token bool
	// repeat: "[inner ...]".
	repeat bool
	inner  []element
	// refine are the words in braces.
	refine string
}

func parseElements(syntax string) ([]element, error) {
	p := syntaxParser{rest: syntax}
	alternatives, err := p.alternatives("")
	switch {
	case err != nil:
		return nil, err
	case len(alternatives) != 1:
		return nil, errors.New("'|' outside of a group")
	case hasDots(alternatives[0]):
		return nil, errors.New("'...' outside of brackets")
	}
	return alternatives[0], nil
}

// syntaxParser reads a syntax from the left.
type syntaxParser struct{ rest string }

const (
	dots     = "..."
	specials = " []<>()|{\""
)

// alternatives reads up to the closing mark, or to the end if there is none,
// and returns the sequences between the bars.
func (p *syntaxParser) alternatives(closing string) ([][]element, error) {
	all := [][]element{nil}
	for {
		p.rest = strings.TrimLeft(p.rest, " ")
		switch {
		case p.rest == "" && closing != "":
			return nil, fmt.Errorf("%q is missing", closing)
		case p.rest == "":
			return all, nil
		case closing != "" && strings.HasPrefix(p.rest, closing):
			p.rest = p.rest[1:]
			return all, nil
		case p.rest[0] == '|':
			p.rest = p.rest[1:]
			all = append(all, nil)
			continue
		}
		e, err := p.element()
		if err != nil {
			return nil, err
		}
		last := &all[len(all)-1]
		*last = append(*last, e)
	}
}

func (p *syntaxParser) element() (e element, err error) {
	switch p.rest[0] {
	case '[':
		e, err = p.group("]")
	case '<':
		e, err = p.group(">")
	case '(':
		e, err = p.group(")")
	case '"':
		text, rest, ok := strings.Cut(p.rest[1:], `"`)
		if !ok {
			return e, errors.New(`'"' is missing`)
		}
		p.rest = rest
		e = tokenElement(text, `"`+text+`"`)
	default:
		end := strings.IndexAny(p.rest, specials)
		if end == 0 {
			return e, fmt.Errorf("unexpected %q", p.rest[:1])
		}
		if end < 0 {
			end = len(p.rest)
		}
		e = wordElement(p.rest[:end])
		p.rest = p.rest[end:]
	}
	if err == nil && strings.HasPrefix(p.rest, "{") {
		err = p.refinement(&e)
	}
	return e, err
}

func (p *syntaxParser) refinement(e *element) error {
	text, rest, ok := strings.Cut(p.rest[1:], "}")
	if !ok {
		return errors.New("'}' is missing")
	}
	p.rest, e.refine = rest, text
	return e.arg.refine(text)
}

func tokenElement(token, text string) element {
	return element{text: text, token: true, arg: Argument{
		Name: strings.ToLower(token), Type: TypePureToken, Token: token, KeySpec: -1,
	}}
}

func wordElement(word string) element {
	if strings.ToUpper(word) == word {
		return tokenElement(word, word)
	}
	return element{text: word, arg: Argument{Name: word, Type: typeOf(word), KeySpec: -1}}
}

// group reads a group after its opening mark.
func (p *syntaxParser) group(closing string) (element, error) {
	open := p.rest[:1]
	p.rest = p.rest[1:]
	alternatives, err := p.alternatives(closing)
	if err != nil {
		return element{}, err
	}
	if first := alternatives[0]; closing == "]" && len(alternatives) == 1 &&
		len(first) > 1 && first[len(first)-1].text == dots {
		inner := first[:len(first)-1]
		if hasDots(inner) {
			return element{}, errors.New("'...' twice")
		}
		return element{text: "[" + texts(first) + "]", repeat: true, inner: inner}, nil
	}

	var printed []string
	var options []Argument
	for _, list := range alternatives {
		switch {
		case len(list) == 0:
			return element{}, errors.New("an empty group")
		case hasDots(list):
			return element{}, errors.New("'...' not at the end of brackets")
		}
		printed = append(printed, texts(list))
		options = append(options, block(list))
	}
	e := element{text: strings.Join(printed, " | "), arg: options[0]}
	if len(options) > 1 {
		e.arg = Argument{Name: joinNames(options), Type: TypeOneOf, KeySpec: -1, Args: options}
	}
	if closing == "]" {
		e.arg.Optional = true
	}
	if closing != ")" {
		e.text = open + e.text + closing
	}
	return e, nil
}

func hasDots(list []element) bool {
	for i := range list {
		if list[i].text == dots {
			return true
		}
	}
	return false
}

// texts prints elements.
func texts(list []element) string {
	words := make([]string, len(list))
	for i := range list {
		words[i] = list[i].text
	}
	return strings.Join(words, " ")
}
