package json

import (
	"bytes"
	"errors"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func getSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "json.get", Arity: -2, Flags: command.ReadOnly, Keys: readKey, Since: sinceRedis, Complexity: perSize,
			Syntax:  "key [INDENT indent] [NEWLINE newline] [SPACE space] [NOESCAPE] [FORMAT <STRING | EXPAND1 | EXPAND>{format}] [path [path ...]]",
			Summary: "Returns the values that paths name in a document, as JSON.", Handler: get,
		},
		{
			Name: "json.mget", Syntax: "key [key ...] path", Arity: -3, Flags: command.ReadOnly,
			Keys:  command.KeyRange(1, -2, 1, command.RO|command.Access),
			Since: sinceRedis, Complexity: "O(M*N) for M keys, where N is the size of the values that the path names", SlowArgs: 1000,
			Tips:    []string{"request_policy:multi_shard"},
			Summary: "Returns the values that a path names in many documents.", Handler: mget,
		},
	}
}

// getOptions are the words of JSON.GET.
type getOptions struct {
	layout doc.Format
	format replyFormat
	paths  []*path.Path
}

// list says whether every path is answered with the list of what it names, because
// one of them is no legacy path.
func (o *getOptions) list() bool {
	for _, p := range o.paths {
		if !p.Legacy() {
			return true
		}
	}
	return false
}

// get implements JSON.GET.
func get(c *command.Ctx) error {
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	opt := getOptions{paths: s.Compiled}
	if err := opt.parse(c); err != nil {
		return err
	}
	s.Compiled = opt.paths
	d, err := c.Tx.Document(c.Args[1])
	switch {
	case err != nil:
		return err
	case !d.Exists():
		c.Out.Null()
		return nil
	case opt.format != asText:
		return opt.expand(c, s, d.Value())
	}
	w := doc.Writer{Buf: s.Text, Format: opt.layout}
	err = opt.write(c, s, &w, d.Value())
	if s.Text = w.Buf; err == nil {
		c.Out.Bulk(w.Buf)
	}
	return err
}

// parse reads the options and the paths, in any order.
func (o *getOptions) parse(c *command.Ctx) (err error) {
	for i, words := 2, 0; i < len(c.Args); i += words {
		if words, err = o.option(c, i); err != nil {
			return err
		}
		if words > 0 {
			continue
		}
		p, err := pathAt(c, i)
		if err != nil {
			return err
		}
		o.paths = append(o.paths, p)
		words = 1
	}
	if len(o.paths) > 0 {
		return nil
	}
	p, err := pathAt(c, len(c.Args))
	o.paths = append(o.paths, p)
	return err
}

// option reads the option that argument i may be, and returns how many words it has.
func (o *getOptions) option(c *command.Ctx, i int) (words int, err error) {
	var into *string
	switch word := c.Args[i]; {
	case isWord(word, "NOESCAPE"):
		return 1, nil // only what must be escaped ever is
	case isWord(word, "FORMAT"):
		if c.Out.Protocol() < 3 {
			return 0, errFormatRESP2
		}
	case isWord(word, "INDENT"):
		into = &o.layout.Indent
	case isWord(word, "NEWLINE"):
		into = &o.layout.Newline
	case isWord(word, "SPACE"):
		into = &o.layout.Space
	default:
		return 0, nil
	}
	if i+1 == len(c.Args) {
		return 0, wrongArgs(c)
	}
	value := c.Args[i+1]
	if into != nil {
		*into = string(value)
		return 2, nil
	}
	format, ok := parseReplyFormat(value)
	if !ok || isWord(value, "STRINGS") {
		return 0, errReplyFormat
	}
	o.format = format
	return 2, nil
}

// write writes what the paths name as one text: an object with an entry for each
// path if there are several.
func (o *getOptions) write(c *command.Ctx, s *command.DocumentScratch, w *doc.Writer, root doc.Value) error {
	list := o.list()
	if len(o.paths) == 1 {
		return writeMatches(c, s, w, o.paths[0], root, list)
	}
	w.BeginObject()
	for i, p := range o.paths {
		if o.named(i) {
			continue
		}
		w.Name([]byte(p.String()))
		if err := writeMatches(c, s, w, p, root, list); err != nil {
			return err
		}
	}
	w.EndObject()
	return nil
}

// named says whether path i stands before i already.
func (o *getOptions) named(i int) bool {
	for _, p := range o.paths[:i] {
		if p.String() == o.paths[i].String() {
			return true
		}
	}
	return false
}

// writeMatches writes what a path names: the list, or the first, which must be
// there.
func writeMatches(c *command.Ctx, s *command.DocumentScratch, w *doc.Writer, p *path.Path, root doc.Value, list bool) error {
	if !p.Static() {
		if err := heavy(c, len(root)); err != nil {
			return err
		}
	}
	found, err := values(s, p, root)
	if err != nil {
		return err
	}
	if !list {
		if len(found) == 0 {
			return errNoPath
		}
		found = found[:1]
	}
	if err := writable(c, found); err != nil {
		return err
	}
	if !list {
		w.Value(found[0])
		return nil
	}
	w.BeginArray()
	for _, v := range found {
		w.Value(v)
	}
	w.EndArray()
	return nil
}

// maxReply is how many bytes of values a reply may have: a path can name the same
// large value very often.
const maxReply = 512 << 20

var errReplyTooLarge = rediserr.Coded("LIMIT", "the reply is larger than 536870912 bytes")

// writable looks whether values are too much for a reply, or for an event loop.
func writable(c *command.Ctx, found []doc.Value) error {
	size := 0
	for _, v := range found {
		size += len(v)
	}
	if size > maxReply {
		return errReplyTooLarge
	}
	return heavy(c, size)
}

// mget implements JSON.MGET. A key that has no document, or none of which the
// legacy path names something, has null.
func mget(c *command.Ctx) error {
	last := len(c.Args) - 1
	p, err := pathAt(c, last)
	if err != nil {
		return err
	}
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	c.Out.Array(last - 1)
	for _, key := range c.Args[1:last] {
		d, err := c.Tx.Document(key)
		if err != nil && !errors.Is(err, rediserr.WrongType) {
			return err
		}
		if !d.Exists() {
			c.Out.Null()
			continue
		}
		w := doc.Writer{Buf: s.Text[:0]}
		err = writeMatches(c, s, &w, p, d.Value(), !p.Legacy())
		s.Text = w.Buf
		switch {
		case err == nil:
			c.Out.Bulk(w.Buf)
		case errors.Is(err, errNoPath):
			c.Out.Null()
		default:
			return err
		}
	}
	return nil
}

// isWord reports whether an argument is a word, in any case.
func isWord(arg []byte, word string) bool { return bytes.EqualFold(arg, []byte(word)) }
