package link

import (
	"strconv"
)

// Reply is what a server answers, in the second version of the protocol.
type Reply struct {
	// Kind is the first byte: + - : $ or *.
	Kind byte
	// Text is that of a status, an error or a string.
	Text []byte
	Int  int64
	List []Reply
	// Null is set for a string or a list that there is none of.
	Null bool
}

// Error is an error that a server answers.
type Error struct{ Text string }

// Error implements error.
func (e *Error) Error() string { return e.Text }

// Err returns the *Error that the reply is, or nil.
func (r Reply) Err() error {
	if r.Kind == '-' {
		return &Error{Text: string(r.Text)}
	}
	return nil
}

// Strings returns the texts of a list.
func (r Reply) Strings() [][]byte {
	list := make([][]byte, len(r.List))
	for i := range r.List {
		list[i] = r.List[i].Text
	}
	return list
}

// maxDepth is how deep a reply may nest.
const maxDepth = 8

// Receive reads a reply. An error that the server answers is a Reply.
func (c *Conn) Receive() (Reply, error) { return c.receive(0) }

func (c *Conn) receive(depth int) (Reply, error) {
	line, err := c.Line()
	if err != nil {
		return Reply{}, err
	}
	if line == "" || depth > maxDepth {
		return Reply{}, errProtocol
	}
	r := Reply{Kind: line[0]}
	if r.Kind == '+' || r.Kind == '-' {
		r.Text = []byte(line[1:])
		return r, nil
	}
	if r.Int, err = strconv.ParseInt(line[1:], 10, 64); err != nil {
		return r, errProtocol
	}
	switch {
	case r.Kind == ':':
	case r.Int < 0:
		r.Null = true
	case r.Kind == '$':
		r.Text, err = c.full(int(r.Int))
	case r.Kind == '*':
		r.List, err = c.list(int(r.Int), depth)
	default:
		err = errProtocol
	}
	return r, err
}

func (c *Conn) list(n, depth int) ([]Reply, error) {
	const growth = 1 << 10 // a count costs its sender nothing
	list := make([]Reply, 0, min(n, growth))
	for range n {
		r, err := c.receive(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// Command reads a command, as a server that is followed sends them. Empty lines
// between commands are passed over.
func (c *Conn) Command() ([][]byte, error) {
	line, err := c.firstLine()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(line[1:])
	if line[0] != '*' || err != nil || n < 1 {
		return nil, errProtocol
	}
	const growth = 1 << 10
	words := make([][]byte, 0, min(n, growth))
	for range n {
		r, err := c.receive(0)
		if err != nil {
			return nil, err
		}
		if r.Kind != '$' || r.Null {
			return nil, errProtocol
		}
		words = append(words, r.Text)
	}
	return words, nil
}
