package doc

import (
	"bytes"
	"fmt"
	"slices"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func writeSpecs() []command.Spec {
	const flags = command.Write | command.DenyOOM | command.InCollection
	return []command.Spec{
		{
			Name: "doc.insert", Syntax: "collection id json" + writeSyntax, Arity: -4, Flags: flags, Keys: writeKey,
			Owns: makesID, Since: sinceKvd, Complexity: perDocument, Handler: insert,
			Summary: "Adds a document, with * under an id that the server makes.",
		},
		{
			Name: "doc.replace", Syntax: "collection id json" + writeSyntax, Arity: -4, Flags: flags, Keys: writeKey,
			Since: sinceKvd, Complexity: perDocument, Handler: replace,
			Summary: "Replaces a document that is there.",
		},
		{
			Name: "doc.set", Syntax: "collection id json [NX | XX]{condition}" + writeSyntax, Arity: -4, Flags: flags, Keys: writeKey,
			Since: sinceKvd, Complexity: perDocument, Handler: set,
			Summary: "Adds a document or replaces the one that is there.",
		},
	}
}

// makesID reports whether a DOC.INSERT wants an id, and with it a key, that is yet
// to be made.
func makesID(args [][]byte) bool { return len(args) > 2 && string(args[2]) == "*" }

// writeOptions are the options of writes of whole documents.
type writeOptions struct {
	when   string // NX or XX
	expiry engine.Expiry
	meta   doc.Value
	note   note
	cond   command.Guard
	reply  string // RETURN
}

// option reads one of the options of writeSyntax, and reports whether it is one.
func (o *writeOptions) option(c *command.Ctx, s *command.Options, ttl *string) bool {
	switch s.Option() {
	case "META":
		var err error
		o.meta, err = parseJSON(s.Arg())
		s.Fail(err)
	case "EX", "PX", "EXAT", "PXAT":
		s.Once(ttl)
		o.expiry = s.Expiry(c.Command.Name)
	case "KEEPTTL":
		s.Once(ttl)
		o.expiry = engine.Keep
	case "PERSIST":
		s.Once(ttl)
		o.expiry = engine.NoExpiry
	case "AUTHOR", "MSG":
		o.note.option(s)
	case "IFREV", "IFVER":
		o.cond.Read(s)
	case "RETURN":
		o.reply = returned(s)
	default:
		return false
	}
	return true
}

// returned reads the argument of RETURN.
func returned(s *command.Options) string {
	word := s.Arg()
	for _, known := range [...]string{"REV", "ID", "DOC", "META"} {
		if isWord(word, known) {
			return known
		}
	}
	if word != nil {
		s.Fail(command.SyntaxNear(word))
	}
	return ""
}

func parseWrite(c *command.Ctx, expiry engine.Expiry) (writeOptions, error) {
	o := writeOptions{expiry: expiry, reply: "REV"}
	var ttl string
	s := c.Options(4)
	for s.Next() {
		switch word := s.Option(); {
		case (word == "NX" || word == "XX") && c.Command.Name == "doc.set":
			s.Once(&o.when)
		case !o.option(c, &s, &ttl):
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	return o, s.Err()
}

// insert implements DOC.INSERT.
func insert(c *command.Ctx) error {
	o, err := parseWrite(c, engine.NoExpiry)
	if err != nil {
		return err
	}
	if !makesID(c.Args) {
		coll, err := collection(c)
		if err != nil {
			return err
		}
		return o.insert(c, coll, c.Key(2))
	}
	coll, err := collectionOf(c)
	if err != nil {
		return err
	}
	if !slices.Contains(returnWords(c.Args), "RETURN") {
		o.reply = "ID"
	}
	id := schema.Source{Now: c.Now.UnixMilli()}.ULID()
	key := coll.AppendKey(nil, []byte(id))
	return c.Within([][]byte{key}, func(tx *engine.Tx) error {
		now := c.Services.Engine.Collection(tx.DB(), c.Args[1])
		if now == nil || now.Prefix != coll.Prefix {
			return engine.NoCollection(c.Args[1])
		}
		return o.insert(c, now, key)
	})
}

// returnWords are the words of a line that stand where RETURN may stand.
func returnWords(args [][]byte) (words []string) {
	for _, word := range args[4:] {
		words = append(words, string(bytes.ToUpper(word)))
	}
	return words
}

func (o *writeOptions) insert(c *command.Ctx, coll *engine.DocCollection, key []byte) error {
	d, err := c.Tx.Document(key)
	if err != nil {
		return err
	}
	if err := o.cond.Check(&d); err != nil {
		return err
	}
	if d.Exists() {
		return rediserr.Coded("EXISTS", rediserr.OneLine(fmt.Sprintf("document '%s' in '%s'", coll.ID(key), coll.Name)))
	}
	return o.write(c, coll, key, "doc.insert")
}

// replace implements DOC.REPLACE.
func replace(c *command.Ctx) error {
	o, err := parseWrite(c, engine.Keep)
	if err != nil {
		return err
	}
	coll, d, err := document(c)
	if err != nil {
		return err
	}
	if !d.Exists() {
		return noDocument(coll, c.Args[2])
	}
	if err := o.cond.Check(&d); err != nil {
		return err
	}
	return o.write(c, coll, c.Key(2), "doc.replace")
}

// set implements DOC.SET.
func set(c *command.Ctx) error {
	o, err := parseWrite(c, engine.NoExpiry)
	if err != nil {
		return err
	}
	coll, d, err := document(c)
	if err != nil {
		return err
	}
	if err := o.cond.Check(&d); err != nil {
		return err
	}
	if o.when == "NX" && d.Exists() || o.when == "XX" && !d.Exists() {
		c.Out.Null()
		return nil
	}
	return o.write(c, coll, c.Key(2), "doc.set")
}

// write writes the document of the line and answers.
func (o *writeOptions) write(c *command.Ctx, coll *engine.DocCollection, key []byte, event string) error {
	v, err := parseAt(c, c.Tx.DocumentBuffer(), 3)
	if err != nil {
		return err
	}
	defer c.Tx.Note(c.Tx.Note(o.note.change()))
	put := engine.DocumentPut{Key: key, Value: v, Expire: o.expiry, Event: event, Author: o.note.author, Meta: o.meta}
	if err := c.Tx.PutDocuments(put); err != nil {
		return err
	}
	return answer(c, coll, key, o.reply)
}

// answer writes what RETURN asks for, of a document that was just written.
func answer(c *command.Ctx, coll *engine.DocCollection, key []byte, what string) error {
	d, err := c.Tx.PeekDocument(key)
	if err != nil {
		return err
	}
	switch what {
	case "ID":
		c.Out.Bulk(coll.ID(key))
	case "DOC":
		writeText(c, d.Value())
	case "META":
		writeMeta(c, coll, key, &d)
	default:
		c.Out.Int(int64(d.Info().Rev))
	}
	return nil
}
