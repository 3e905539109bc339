package history

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/change"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
)

// get implements VER.GET.
func get(c *command.Ctx) error {
	var p *path.Path
	encoded := false
	s := c.Options(3)
	for s.Next() {
		switch word := s.Option(); word {
		case "PATH":
			found, err := c.Services.Documents.Path(s.Arg())
			s.Fail(err)
			p = found
		case "ENCODED":
			encoded = true
		default:
			s.Fail(command.SyntaxNear([]byte(word)))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	_, v, err := command.LoadVersion(c.Tx, c.Args[1], c.Args[2])
	switch {
	case err != nil:
		return err
	case v.Tombstone():
		c.Out.Null()
		return nil
	case p != nil:
		return writePath(c, &v, p)
	case encoded:
		return writeEncoded(c, &v)
	}
	return writeValue(c, &v)
}

// writePath writes what a path names in a document, as JSON.GET does.
func writePath(c *command.Ctx, v *engine.Version, p *path.Path) error {
	if v.Type != change.JSON {
		return rediserr.WrongType
	}
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	root, err := s.Parser.Append(nil, v.Content)
	if err != nil {
		return command.DocumentError(err)
	}
	found, err := s.Paths.Values(p, root)
	if err != nil {
		return command.DocumentError(err)
	}
	var w doc.Writer
	if p.Legacy() {
		if len(found) == 0 {
			return errNoPath
		}
		w.Value(found[0])
		c.Out.Bulk(w.Buf)
		return nil
	}
	w.BeginArray()
	for _, value := range found {
		w.Value(value)
	}
	w.EndArray()
	c.Out.Bulk(w.Buf)
	return nil
}

var errNoPath = rediserr.New("Path does not exist")

// writeValue writes a value as the commands of its type do.
func writeValue(c *command.Ctx, v *engine.Version) error {
	switch v.Type {
	case change.NoType:
		c.Out.Null()
		return nil
	case change.String, change.JSON:
		c.Out.Bulk(v.Content)
		return nil
	case change.Stream:
		return writeStream(c, v)
	}
	elements, err := v.Elements()
	if err != nil {
		return err
	}
	switch v.Type {
	case change.List:
		c.Out.Array(len(elements))
		for _, e := range elements {
			c.Out.Bulk(e.Value)
		}
	case change.SetType:
		c.Out.Set(len(elements))
		for _, e := range elements {
			c.Out.Bulk(e.Sub)
		}
	case change.Hash:
		c.Out.Map(len(elements))
		for _, e := range elements {
			c.Out.Bulk(e.Sub)
			c.Out.Bulk(e.Value)
		}
	case change.ZSet:
		return writeScored(c, elements)
	}
	return nil
}

// writeScored writes members and scores, as ZRANGE WITHSCORES does.
func writeScored(c *command.Ctx, elements []engine.VersionElement) error {
	scores := make([]float64, len(elements))
	for i, e := range elements {
		score, err := engine.ReadScore(e.Value)
		if err != nil {
			return err
		}
		scores[i] = score
	}
	pairs := c.Out.Protocol() == 3
	if pairs {
		c.Out.Array(len(elements))
	} else {
		c.Out.Array(2 * len(elements))
	}
	for i, e := range elements {
		if pairs {
			c.Out.Array(2)
		}
		c.Out.Bulk(e.Sub)
		c.Out.Double(scores[i])
	}
	return nil
}

// writeStream writes entries, as XRANGE does.
func writeStream(c *command.Ctx, v *engine.Version) error {
	s, err := streamValue(v)
	if err != nil {
		return err
	}
	c.Out.Array(len(s.Entries))
	for _, e := range s.Entries {
		c.Out.Array(2)
		c.Out.Text(entryID(e.ID))
		c.Out.Array(len(e.Fields))
		for _, field := range e.Fields {
			c.Out.Bulk(field)
		}
	}
	return nil
}

// writeEncoded writes a value as DUMP does.
func writeEncoded(c *command.Ctx, v *engine.Version) error {
	value, err := encodable(v)
	if err != nil {
		return err
	}
	c.Out.Bulk(rdb.Encode(nil, value))
	return nil
}
