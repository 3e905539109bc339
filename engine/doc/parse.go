package doc

// Parser reads JSON texts (RFC 8259, nothing beside it) into values. One parser
// reads one text at a time; what it holds between texts is scratch.
type Parser struct {
	Limits Limits

	text  []byte
	at    int // what of text is read
	out   []byte
	base  int // where the value begins in out
	depth int
	names nameSet // of the members of all objects that are open
}

// Parse reads a text that is one JSON value, with the default limits.
func Parse(text []byte) (Value, error) {
	var p Parser
	return p.Append(nil, text)
}

// Append adds the value that text is to dst. A name that an object has twice
// keeps its first place and gets its last value. It fails with a SyntaxError,
// ErrDepth or ErrTooLarge and leaves dst as it was.
func (p *Parser) Append(dst, text []byte) ([]byte, error) {
	p.text, p.at, p.out, p.base, p.depth = text, 0, dst, len(dst), 0
	defer func() {
		p.text, p.out = nil, nil
		p.names.empty()
	}()

	err := p.value()
	if err == nil {
		p.space()
		if p.at < len(text) {
			err = p.fail("trailing characters")
		}
	}
	if err == nil {
		err = p.Limits.fits(len(p.out) - len(dst))
	}
	if err != nil {
		return dst, err
	}
	return p.out, nil
}

func (p *Parser) fail(why string) error {
	if p.at >= len(p.text) {
		why, p.at = "unexpected end", len(p.text)
	}
	return &SyntaxError{Why: why, Offset: p.at}
}

// space passes over white space.
func (p *Parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek passes over white space and returns the byte after it, 0 at the end.
func (p *Parser) peek() byte {
	p.space()
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// value reads one value.
func (p *Parser) value() error {
	switch c := p.peek(); c {
	case '{':
		return p.nested(p.object)
	case '[':
		return p.nested(p.array)
	case '"':
		return p.str()
	case 't':
		return p.literal("true", tagTrue)
	case 'f':
		return p.literal("false", tagFalse)
	case 'n':
		return p.literal("null", tagNull)
	default:
		if c == '-' || isDigit(c) {
			return p.number()
		}
		return p.fail("expected a value")
	}
}

func (p *Parser) literal(word string, tag byte) error {
	if len(p.text)-p.at < len(word) || string(p.text[p.at:p.at+len(word)]) != word {
		return p.fail("expected a value")
	}
	p.at += len(word)
	p.out = append(p.out, tag)
	return nil
}

func (p *Parser) number() error {
	n := ScanNumber(p.text[p.at:])
	if n <= 0 {
		p.at -= n
		return p.fail("invalid number")
	}
	p.out = AppendNumber(p.out, p.text[p.at:p.at+n])
	p.at += n
	return nil
}

// nested reads a container with read, one level deeper.
func (p *Parser) nested(read func() error) error {
	if p.depth+1 >= p.Limits.depth() {
		return ErrDepth
	}
	p.depth++
	p.at++
	err := read()
	p.depth--
	return err
}

// array reads the elements of an array after its bracket.
func (p *Parser) array() error {
	var c container
	p.out, c = begin(p.out, tagArray)
	if p.peek() == ']' {
		p.at++
		p.out = c.end(p.out)
		return nil
	}
	for {
		if err := p.value(); err != nil {
			return err
		}
		c.count++
		more, err := p.more(']')
		if err != nil {
			return err
		}
		if !more {
			p.out = c.end(p.out)
			return nil
		}
	}
}

// object reads the members of an object after its brace.
func (p *Parser) object() error {
	var c container
	p.out, c = begin(p.out, tagObject)
	if p.peek() == '}' {
		p.at++
		p.out = c.end(p.out)
		return nil
	}
	first := len(p.names.spans)
	for {
		if err := p.member(); err != nil {
			return err
		}
		c.count++
		more, err := p.more('}')
		if err != nil {
			return err
		}
		if !more {
			if p.names.repeat(p.out, first) {
				c.count = p.dropRepeated(c)
			}
			p.names.spans = p.names.spans[:first]
			p.out = c.end(p.out)
			return nil
		}
	}
}

// member reads a name, the colon and a value.
func (p *Parser) member() error {
	if p.peek() != '"' {
		return p.fail("expected a name")
	}
	from := len(p.out)
	if err := p.str(); err != nil {
		return err
	}
	at, n := header(p.out[from:])
	p.names.add(from+at, n)
	if p.peek() != ':' {
		return p.fail("expected ':'")
	}
	p.at++
	return p.value()
}

// more reads what follows an element: a comma, or what closes the container.
func (p *Parser) more(closing byte) (bool, error) {
	switch p.peek() {
	case ',':
		p.at++
		return true, p.Limits.fits(len(p.out) - p.base)
	case closing:
		p.at++
		return false, nil
	}
	return false, p.fail("expected ',' or '" + string(rune(closing)) + "'")
}
