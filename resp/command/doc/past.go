package doc

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/resp/command"
)

// getPast implements DOC.GET AT: a version is read on disk, for which an event loop
// has no time. A document that was deleted by then is as one that is missing.
func (o *getOptions) getPast(c *command.Ctx) error {
	coll, err := collection(c)
	if err != nil {
		return err
	}
	if c.OnLoop {
		return command.ErrHeavy
	}
	_, past, err := command.LoadVersion(c.Tx, c.Key(2), o.at)
	if err != nil {
		return err
	}
	if past.Tombstone() {
		c.Out.Null()
		return nil
	}
	v, err := past.Document()
	if err != nil {
		return err
	}
	return o.show(c, coll, v, func() { writePastMeta(c, coll, v, &past) })
}

// writePastMeta is writeMeta for a version, which has the value only and who wrote
// it when and why: of the other fields there is none.
func writePastMeta(c *command.Ctx, coll *engine.DocCollection, v doc.Value, past *engine.Version) {
	const fields = 7
	c.Out.Map(fields)
	c.Out.Text("id")
	c.Out.Bulk(c.Args[2])
	for _, n := range [...]struct {
		name  string
		value int64
	}{
		{"at", int64(past.Number)},
		{"rev", int64(past.Rev)},
		{"mtime", past.Time},
	} {
		c.Out.Text(n.name)
		c.Out.Int(n.value)
	}
	for _, t := range [...]struct{ name, value string }{
		{"type", coll.TypeOf(v)}, {"author", past.Author}, {"message", past.Message},
	} {
		c.Out.Text(t.name)
		textOrNull(c, t.value)
	}
}
