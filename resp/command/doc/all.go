package doc

import (
	"encoding/base64"
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxPage is how many documents a page may have.
const maxPage = 10_000

// allOptions are the options of DOC.ALL.
type allOptions struct {
	from     engine.Place
	count    int
	order    engine.Order
	withMeta bool
}

func parseAll(c *command.Ctx) (o allOptions, err error) {
	o.count = defaultPage
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "COUNT":
			n := s.Int()
			if n < 1 {
				s.Fail(rediserr.Syntax)
			}
			o.count = int(min(n, maxPage))
		case "CURSOR":
			o.from, err = placeOf(s.Arg())
			s.Fail(err)
		case "DESC":
			o.order = engine.Descending
		case "WITHMETA":
			o.withMeta = true
		default:
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	return o, s.Err()
}

// placeOf reads a cursor: 0 at the beginning, else one that formatCursor made of the
// last id.
func placeOf(text []byte) (engine.Place, error) {
	if string(text) == "0" || text == nil {
		return engine.Place{}, nil
	}
	id, err := base64.RawURLEncoding.DecodeString(string(text[min(1, len(text)):]))
	if len(text) == 0 || text[0] != 'c' || err != nil {
		return engine.Place{}, rediserr.InvalidCursor
	}
	return engine.Place{After: true, ID: string(id)}, nil
}

// all implements DOC.ALL. The documents of a page are as they were at one time.
func all(c *command.Ctx) error {
	o, err := parseAll(c)
	if err != nil {
		return err
	}
	for {
		coll, err := collectionOf(c)
		if err != nil {
			return err
		}
		ids := coll.IDs(o.from, o.count+1, o.order)
		keys := make([][]byte, len(ids))
		for i, id := range ids {
			keys[i] = coll.AppendKey(nil, []byte(id))
		}
		retry := false
		err = c.Within(keys, func(tx *engine.Tx) error {
			now := c.Services.Engine.Collection(tx.DB(), c.Args[1])
			if retry = !coll.Is(now) || !slices.Equal(ids, coll.IDs(o.from, o.count+1, o.order)); retry {
				return nil // others have come or gone, which may not be locked
			}
			return o.page(c, coll, ids, keys)
		})
		if err != nil || !retry {
			return err
		}
	}
}

// page writes a page of documents, all of which are locked.
func (o *allOptions) page(c *command.Ctx, coll *engine.DocCollection, ids []string, keys [][]byte) error {
	next := "0"
	if len(ids) > o.count {
		ids = ids[:o.count]
		next = formatCursor(ids[o.count-1])
	}
	docs := make([]engine.Document, len(ids))
	n := 0
	for i := range ids {
		d, err := c.Tx.Document(keys[i])
		if err != nil {
			return err
		}
		if docs[i] = d; d.Exists() {
			n++
		}
	}
	c.Out.Array(2)
	c.Out.Text(next)
	c.Out.Array(n)
	for i := range ids {
		if docs[i].Exists() {
			o.row(c, coll, keys[i], &docs[i])
		}
	}
	return nil
}

func (o *allOptions) row(c *command.Ctx, coll *engine.DocCollection, key []byte, d *engine.Document) {
	if o.withMeta {
		c.Out.Array(3)
	} else {
		c.Out.Array(2)
	}
	c.Out.Bulk(coll.ID(key))
	writeText(c, d.Value())
	if o.withMeta {
		writeMeta(c, coll, key, d)
	}
}
