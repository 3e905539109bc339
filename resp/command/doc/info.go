package doc

import (
	"kvd/engine"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// info implements DOC.INFO.
func info(c *command.Ctx) error {
	coll, err := collectionOf(c)
	if err != nil {
		return err
	}
	c.Out.Map(17)
	field := func(name string, write func()) {
		c.Out.Text(name)
		write()
	}
	text := func(name, value string) { field(name, func() { textOrNull(c, value) }) }
	number := func(name string, n int64) { field(name, func() { c.Out.Int(n) }) }
	text("name", coll.Name)
	text("prefix", coll.Prefix)
	number("docs", int64(coll.Len()))
	number("bytes", coll.Bytes())
	field("indexes", func() { writeIndexes(c, coll) })
	text("type", coll.Type)
	number("version", int64(coll.SchemaVersion()))
	field("lock", c.Out.Null)
	text("idfield", coll.IDField)
	text("mode", string(coll.Mode))
	text("defaults", yesNo(!coll.NoDefaults))
	number("ttl", coll.TTL/1000)
	text("history", string(coll.History))
	text("durability", coll.Durability)
	text("rich", richName(coll))
	text("typefield", coll.TypeField)
	number("unfit", int64(coll.Unfit()))
	return nil
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func richName(coll *engine.DocCollection) string {
	if coll.Dialect == schema.Kajson {
		return "kajson"
	}
	return ""
}

// colls implements DOC.COLLS.
func colls(c *command.Ctx) error {
	list := c.Services.Engine.Collections(c.DB())
	c.Out.Array(len(list))
	for _, coll := range list {
		c.Out.Text(coll.Name)
	}
	return nil
}

// checkPage is how many documents a page of DOC.CHECK looks at, and checkSlice how
// many it does at a time.
const (
	checkPage  = 1000
	checkSlice = 100
)

// checkOptions are the options of DOC.CHECK.
type checkOptions struct {
	as    *schema.Schema
	from  engine.Place
	count int
}

func parseCheck(c *command.Ctx) (o checkOptions, err error) {
	o.count = checkPage
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "TYPE":
			o.as, err = c.Services.Engine.Schema(string(s.Arg()))
			s.Fail(err)
		case "CURSOR":
			o.from, err = placeOf(s.Arg())
			s.Fail(err)
		case "COUNT":
			n := s.Int()
			if n < 1 {
				s.Fail(rediserr.Syntax)
			}
			o.count = int(min(n, maxPage))
		default:
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	return o, s.Err()
}

// unfit is a document that a type does not allow.
type unfit struct {
	id     string
	faults []schema.Fault
}

// check implements DOC.CHECK. It looks at each document by itself, a slice of them
// at a time, so that others can write meanwhile.
func check(c *command.Ctx) error {
	coll, err := collectionOf(c)
	if err != nil {
		return err
	}
	o, err := parseCheck(c)
	if err != nil {
		return err
	}
	var rows []unfit
	next := "0"
	for left := o.count; ; {
		ids := coll.IDs(o.from, min(left, checkSlice), engine.Ascending)
		if len(ids) == 0 {
			break
		}
		found, err := o.slice(c, coll, ids)
		if err != nil {
			return err
		}
		rows = append(rows, found...)
		o.from = engine.Place{After: true, ID: ids[len(ids)-1]}
		if left -= len(ids); left == 0 {
			next = formatCursor(o.from.ID)
			break
		}
	}
	writeUnfit(c, next, rows)
	return nil
}

// slice checks some documents under their locks.
func (o *checkOptions) slice(c *command.Ctx, coll *engine.DocCollection, ids []string) (rows []unfit, err error) {
	keys := make([][]byte, len(ids))
	for i, id := range ids {
		keys[i] = coll.AppendKey(nil, []byte(id))
	}
	err = c.Within(keys, func(tx *engine.Tx) error {
		rows = nil
		for i, key := range keys {
			d, err := tx.PeekDocument(key)
			if err != nil {
				return err
			}
			if !d.Exists() {
				continue
			}
			faults, err := coll.Fit([]byte(ids[i]), d.Value(), o.as)
			if err != nil {
				return err
			}
			if len(faults) > 0 {
				rows = append(rows, unfit{ids[i], faults})
			}
		}
		return nil
	})
	return rows, err
}

func writeUnfit(c *command.Ctx, next string, rows []unfit) {
	c.Out.Array(2)
	c.Out.Text(next)
	c.Out.Array(len(rows))
	for _, row := range rows {
		c.Out.Array(2)
		c.Out.Text(row.id)
		c.Out.Array(len(row.faults))
		for i := range row.faults {
			command.WriteFault(c.Out, &row.faults[i])
		}
	}
}
