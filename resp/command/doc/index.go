package doc

import (
	"errors"

	"kvd/engine"
	"kvd/engine/doc/path"
	"kvd/engine/doc/query"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func indexSpecs() []command.Spec {
	return []command.Spec{{
		Name: "doc.index", Arity: -3, Flags: command.Write | command.DenyOOM | command.Slow | command.OwnTx | command.InCollection,
		Keys: writePrefix,
		Syntax: "collection <ADD name path [path ...] [TYPE <string | number | bool | time | decimal>{type}] [UNIQUE] [SPARSE] | " +
			"DROP name | LIST | REBUILD name>{action}",
		Since: sinceKvd, Complexity: "O(N*log(N)) for N documents to build an index, O(1) to list them",
		Summary: "Adds, drops, lists or rebuilds indexes of a collection.", Handler: index,
	}}
}

// index implements DOC.INDEX. An index is built a few documents at a time, while
// other clients go on, and is used when it is complete; then the reply comes.
func index(c *command.Ctx) error {
	coll, err := collectionOf(c)
	if err != nil {
		return err
	}
	switch action := c.Args[2]; {
	case isWord(action, "LIST") && len(c.Args) == 3:
		writeIndexes(c, coll)
		return nil
	case isWord(action, "ADD") && len(c.Args) > 4:
		return addIndex(c, coll)
	case isWord(action, "DROP") && len(c.Args) == 4:
		return dropIndex(c, coll)
	case isWord(action, "REBUILD") && len(c.Args) == 4:
		ix := coll.Index(string(c.Args[3]))
		if ix == nil {
			return noIndex(c.Args[3])
		}
		return buildIndex(c, coll, ix.Definition)
	}
	return command.SyntaxNear(c.Args[2])
}

func noIndex(name []byte) error {
	return rediserr.Coded("NOTFOUND", rediserr.OneLine("no index '"+string(name)+"'"))
}

// addIndex implements DOC.INDEX coll ADD.
func addIndex(c *command.Ctx, coll *engine.DocCollection) error {
	def := query.Definition{Name: string(c.Args[3])}
	o := c.Options(4)
	for o.Next() {
		switch o.Option() {
		case "TYPE":
			name := string(o.Arg())
			t, ok := query.ParseType(name)
			if !ok && o.Err() == nil {
				o.Fail(rediserr.New(rediserr.OneLine("unknown type of an index: '" + name + "'")))
			}
			def.Type = t
		case "UNIQUE":
			def.Unique = true
		case "SPARSE":
			def.Sparse = true
		default:
			def.Paths = append(def.Paths, string(c.Args[o.Pos()-1]))
		}
	}
	switch {
	case o.Err() != nil:
		return o.Err()
	case coll.Index(def.Name) != nil:
		return rediserr.Coded("EXISTS", rediserr.OneLine("index '"+def.Name+"' exists"))
	}
	return buildIndex(c, coll, def)
}

// buildIndex builds an index, in the place of the one with its name if there is one.
func buildIndex(c *command.Ctx, coll *engine.DocCollection, def query.Definition) error {
	var ix, replaced *engine.DocIndex
	err := c.WithinAll(func(tx *engine.Tx) (err error) {
		ix, err = tx.BeginIndex(coll, def)
		return indexError(err)
	})
	if err != nil {
		return err
	}
	err = eachSlice(c, coll, func(tx *engine.Tx, ids []string) error { return tx.FillIndex(coll, ix, ids) })
	if err == nil {
		err = c.WithinAll(func(tx *engine.Tx) (err error) {
			replaced, err = tx.EndIndex(coll, ix)
			return err
		})
	}
	if err != nil {
		return errors.Join(err, cancelIndex(c, coll, ix))
	}
	if replaced != nil {
		err = forgetIndex(c, coll, replaced)
	}
	if err == nil {
		c.Out.OK()
	}
	return err
}

// cancelIndex takes back an index that could not be built.
func cancelIndex(c *command.Ctx, coll *engine.DocCollection, ix *engine.DocIndex) error {
	err := c.WithinAll(func(tx *engine.Tx) error {
		tx.CancelIndex(coll, ix)
		return nil
	})
	if err != nil {
		return err
	}
	return forgetIndex(c, coll, ix)
}

func forgetIndex(c *command.Ctx, coll *engine.DocCollection, ix *engine.DocIndex) error {
	return eachSlice(c, coll, func(tx *engine.Tx, ids []string) error { return tx.ForgetIndex(coll, ix, ids) })
}

// eachSlice calls do for the ids of all documents, a few at a time, with no lock
// held between them.
func eachSlice(c *command.Ctx, coll *engine.DocCollection, do func(tx *engine.Tx, ids []string) error) error {
	for from := (engine.Place{}); ; {
		ids := coll.IDs(from, slice, engine.Ascending)
		if len(ids) == 0 {
			return nil
		}
		if err := c.Within(nil, func(tx *engine.Tx) error { return do(tx, ids) }); err != nil {
			return err
		}
		from = engine.Place{After: true, ID: ids[len(ids)-1]}
	}
}

// indexError is what a client is told of an index that cannot be.
func indexError(err error) error {
	if errors.Is(err, query.ErrTerms) {
		return rediserr.New(query.ErrTerms.Error())
	}
	if fault := (*path.SyntaxError)(nil); errors.As(err, &fault) {
		return rediserr.New(rediserr.OneLine(fault.Error()))
	}
	return command.DocumentError(err)
}

// dropIndex implements DOC.INDEX coll DROP.
func dropIndex(c *command.Ctx, coll *engine.DocCollection) error {
	var ix *engine.DocIndex
	err := c.WithinAll(func(tx *engine.Tx) error {
		ix = tx.RemoveIndex(coll, string(c.Args[3]))
		return nil
	})
	switch {
	case err != nil:
		return err
	case ix == nil:
		return noIndex(c.Args[3])
	}
	if err := forgetIndex(c, coll, ix); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// writeIndexes implements DOC.INDEX coll LIST: an array of maps.
func writeIndexes(c *command.Ctx, coll *engine.DocCollection) {
	list := coll.Indexes()
	c.Out.Array(len(list))
	for _, ix := range list {
		writeIndex(c, ix)
	}
}

func writeIndex(c *command.Ctx, ix *engine.DocIndex) {
	state := "building"
	if ix.Ready.Load() {
		state = "ready"
	}
	c.Out.Map(8)
	c.Out.Text("name")
	c.Out.Text(ix.Name)
	c.Out.Text("paths")
	c.Out.Array(len(ix.Paths))
	for _, p := range ix.Paths {
		c.Out.Text(p)
	}
	c.Out.Text("type")
	c.Out.Text(ix.Type.String())
	c.Out.Text("unique")
	c.Out.Bool(ix.Unique)
	c.Out.Text("sparse")
	c.Out.Bool(ix.Sparse)
	c.Out.Text("state")
	c.Out.Text(state)
	c.Out.Text("entries")
	c.Out.Int(int64(ix.Len()))
	c.Out.Text("bytes")
	c.Out.Int(int64(ix.Bytes()))
}
