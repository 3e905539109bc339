package doc

import (
	"bytes"
	"fmt"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// collection returns the collection that word 1 names; the Tx has locked what the
// command declared.
func collection(c *command.Ctx) (*engine.DocCollection, error) {
	if coll := c.Services.Engine.Collection(c.Tx.DB(), c.Args[1]); coll != nil {
		return coll, nil
	}
	return nil, engine.NoCollection(c.Args[1])
}

// collectionOf is collection for a command that begins its transactions itself: it
// may be another one by then.
func collectionOf(c *command.Ctx) (*engine.DocCollection, error) {
	if coll := c.Services.Engine.Collection(c.DB(), c.Args[1]); coll != nil {
		return coll, nil
	}
	return nil, engine.NoCollection(c.Args[1])
}

// document returns the collection of word 1 and the document of word 2, which may
// be missing.
func document(c *command.Ctx) (coll *engine.DocCollection, d engine.Document, err error) {
	if coll, err = collection(c); err == nil {
		d, err = c.Tx.Document(c.Key(2))
	}
	return coll, d, err
}

func noDocument(coll *engine.DocCollection, id []byte) error {
	return rediserr.Coded("NOTFOUND", rediserr.OneLine(fmt.Sprintf("no document '%s' in '%s'", id, coll.Name)))
}

// isWord reports whether b is the word s, letters in any case.
func isWord(b []byte, s string) bool { return len(b) == len(s) && bytes.EqualFold(b, []byte(s)) }

// perElement is about how many bytes of JSON are read in the time of one element,
// as Ctx.Heavy counts.
const perElement = 8

// parseAt appends the document that word i is to dst.
func parseAt(c *command.Ctx, dst []byte, i int) ([]byte, error) {
	if err := c.Heavy(len(c.Args[i]) / perElement); err != nil {
		return nil, err
	}
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	v, err := s.Parser.Append(dst, c.Args[i])
	return v, command.DocumentError(err)
}

// parseJSON reads a value that stays; nil is none.
func parseJSON(text []byte) (doc.Value, error) {
	if text == nil {
		return nil, nil
	}
	v, err := doc.Parse(text)
	return v, command.DocumentError(err)
}

// writeText writes a value as JSON, null if there is none.
func writeText(c *command.Ctx, v doc.Value) {
	if v == nil {
		c.Out.Null()
		return
	}
	s := c.Services.Documents.Scratch()
	s.Text = doc.AppendText(s.Text, v)
	c.Out.Bulk(s.Text)
	c.Services.Documents.Release(s)
}

// note is what a client says of a change: AUTHOR and MSG.
type note struct {
	author  *string // nil: nobody says
	message string
}

// option reads the argument of the current option, which is one of the two.
func (n *note) option(s *command.Options) {
	if s.Option() == "MSG" {
		n.message = s.Note("message")
		return
	}
	author := s.Note("author")
	n.author = &author
}

// change is the note for the versions that record the change.
func (n *note) change() engine.ChangeNote {
	out := engine.ChangeNote{Message: n.message}
	if n.author != nil {
		out.Author = *n.author
	}
	return out
}
