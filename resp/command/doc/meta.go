package doc

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/resp/command"
)

// metadata is what is known of a document beside its value.
type metadata struct {
	id       []byte
	info     engine.DocumentInfo
	typeName string
	ttl      int64 // in milliseconds; -1: it does not expire
}

// metadataOf returns the metadata of a document that expires at a time. It is valid
// as long as the document is.
func metadataOf(coll *engine.DocCollection, id []byte, d *engine.Document, at engine.Expiry, now int64) metadata {
	m := metadata{id: id, info: d.Info(), typeName: coll.TypeOf(d.Value()), ttl: -1}
	if at != engine.NoExpiry {
		m.ttl = int64(at) - now
	}
	return m
}

// writeMeta writes what is known of a document beside its value.
func writeMeta(c *command.Ctx, coll *engine.DocCollection, key []byte, d *engine.Document) {
	at, _ := c.Tx.Deadline(key)
	m := metadataOf(coll, coll.ID(key), d, at, c.Tx.Now())
	m.write(c)
}

// write writes the map that DOC.META replies.
func (m *metadata) write(c *command.Ctx) {
	const fields = 12
	i := &m.info
	c.Out.Map(fields)
	c.Out.Text("id")
	c.Out.Bulk(m.id)
	for _, n := range [...]struct {
		name  string
		value int64
	}{
		{"rev", int64(i.Rev)},
		{"crev", int64(i.CreatedRev)},
		{"ver", int64(i.Version)},
		{"ctime", i.Created},
		{"mtime", i.Changed},
		{"ttl", m.ttl},
	} {
		c.Out.Text(n.name)
		c.Out.Int(n.value)
	}
	c.Out.Text("type")
	textOrNull(c, m.typeName)
	c.Out.Text("version")
	c.Out.Int(int64(i.Schema))
	c.Out.Text("sv")
	textOrNull(c, i.Migration)
	c.Out.Text("author")
	textOrNull(c, i.Author)
	c.Out.Text("meta")
	if len(i.Meta) == 0 {
		c.Out.Null()
	} else {
		writeText(c, i.Meta)
	}
}

func textOrNull(c *command.Ctx, text string) {
	if text == "" {
		c.Out.Null()
		return
	}
	c.Out.Text(text)
}

// metaOptions are the options of DOC.META.
type metaOptions struct {
	how   string // SET or MERGE
	value doc.Value
	note  note
	cond  command.Guard
}

func parseMeta(c *command.Ctx) (o metaOptions, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "SET", "MERGE":
			s.Once(&o.how)
			o.value, err = parseJSON(s.Arg())
			s.Fail(err)
		case "AUTHOR":
			o.note.option(&s)
		case "IFREV", "IFVER":
			o.cond.Read(&s)
		default:
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	return o, s.Err()
}

// meta implements DOC.META.
func meta(c *command.Ctx) error {
	o, err := parseMeta(c)
	if err != nil {
		return err
	}
	coll, d, err := document(c)
	if err != nil {
		return err
	}
	if !d.Exists() && o.how == "" {
		c.Out.Null()
		return nil
	}
	if !d.Exists() {
		return noDocument(coll, c.Args[2])
	}
	if err := o.cond.Check(&d); err != nil {
		return err
	}
	if o.how != "" {
		if err := o.write(c, &d); err != nil {
			return err
		}
	}
	if d, err = c.Tx.PeekDocument(c.Key(2)); err != nil {
		return err
	}
	writeMeta(c, coll, c.Key(2), &d)
	return nil
}

// write gives the document other metadata.
func (o *metaOptions) write(c *command.Ctx, d *engine.Document) error {
	value := o.value
	if o.how == "MERGE" {
		value = doc.AppendMerged(nil, d.Info().Meta, o.value)
	}
	return c.Tx.PutDocuments(engine.DocumentPut{
		Key: c.Key(2), Value: append(c.Tx.DocumentBuffer(), d.Value()...), Expire: engine.Keep,
		Event: "doc.meta", Author: o.note.author, Meta: value,
	})
}
