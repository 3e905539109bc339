package json

import (
	"kvd/engine/doc"
	"kvd/resp/command"
)

func aboutSpecs() []command.Spec {
	spec := func(name, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: "key [path]", Arity: -2, Flags: command.ReadOnly, Keys: readKey, Since: sinceRedis,
			Complexity: perMatch, Summary: summary, Handler: h,
		}
	}
	resp := spec("json.resp", "Returns the values that a path names as replies of their own types.", respCommand)
	resp.Complexity, resp.Deprecated = perSize, &command.Deprecation{Since: sinceRedis, ReplacedBy: "`JSON.GET`"}
	return []command.Spec{
		spec("json.type", "Returns the types of the values that a path names.", typeCommand),
		spec("json.strlen", "Returns the lengths of the strings that a path names, in bytes.", strlen),
		spec("json.arrlen", "Returns the lengths of the arrays that a path names.", arrlen),
		spec("json.objlen", "Returns how many members the objects have that a path names.", objlen),
		spec("json.objkeys", "Returns the names of the members of the objects that a path names.", objkeys),
		resp,
		{
			Name: "json.arrindex", Syntax: "key path json [start{integer} [stop{integer}]]{range}", Arity: -4, Flags: command.ReadOnly,
			Keys: readKey, Since: sinceRedis, Complexity: "O(N) where N is the size of the arrays",
			Summary: "Returns where arrays first have a value.", Handler: arrindex,
		},
	}
}

// each reads `key [path]` and answers with what about says of the values that the
// path names, which must be of the kind: a list with null for others, or the one of
// a legacy path.
type each struct {
	kind doc.Kind
	// about writes what is to be said of a value of the kind.
	about func(*command.Ctx, doc.Value)
	// noKey is the error for a missing key where the path is no legacy path.
	noKey error
	// noPath and otherKind are those of a legacy path that leads to nothing, or to
	// something else; noPath nil: null.
	noPath, otherKind error
}

func (e *each) run(c *command.Ctx) error {
	if err := optionalPath(c); err != nil {
		return err
	}
	r, err := read(c)
	defer r.done()
	switch {
	case err != nil:
		return err
	case r.doc.Exists():
		return e.reply(&r)
	case !r.path.Legacy():
		return e.noKey
	}
	c.Out.Null()
	return nil
}

func (e *each) reply(r *reading) error {
	found, err := r.named()
	if err != nil {
		return err
	}
	out := r.c.Out
	if !r.path.Legacy() {
		out.Array(len(found))
		for _, v := range found {
			if v.Kind() == e.kind {
				e.about(r.c, v)
			} else {
				out.Null()
			}
		}
		return nil
	}
	switch {
	case len(found) == 0 && e.noPath == nil:
		out.Null()
	case len(found) == 0:
		return e.noPath
	case found[0].Kind() != e.kind:
		return e.otherKind
	default:
		e.about(r.c, found[0])
	}
	return nil
}

func length(c *command.Ctx, v doc.Value) { c.Out.Int(int64(v.Len())) }

func strlen(c *command.Ctx) error {
	return (&each{kind: doc.String, about: length, noKey: errNoKey, noPath: errNoPath, otherKind: errWantString}).run(c)
}

func arrlen(c *command.Ctx) error {
	return (&each{kind: doc.Array, about: length, noKey: errNoKey, noPath: errNoPath, otherKind: errNotArray}).run(c)
}

func objlen(c *command.Ctx) error {
	return (&each{kind: doc.Object, about: length, noKey: errNotObject, otherKind: errWantObject}).run(c)
}

func objkeys(c *command.Ctx) error {
	return (&each{kind: doc.Object, about: names, noKey: errNoKey, otherKind: errNotObject}).run(c)
}

// names writes the names of the members of an object.
func names(c *command.Ctx, v doc.Value) {
	c.Out.Array(v.Len())
	for it := v.Items(); it.Next(); {
		c.Out.Bulk(it.Name())
	}
}

// typeCommand implements JSON.TYPE. With RESP3 its whole answer stands in a list,
// as in RedisJSON, which clients count on.
func typeCommand(c *command.Ctx) error {
	if err := optionalPath(c); err != nil {
		return err
	}
	r, err := read(c)
	defer r.done()
	if err != nil {
		return err
	}
	var found []doc.Value
	if r.doc.Exists() {
		if found, err = r.named(); err != nil {
			return err
		}
	}
	if c.Out.Protocol() == 3 {
		c.Out.Array(1)
	}
	switch {
	case !r.doc.Exists(), r.path.Legacy() && len(found) == 0:
		c.Out.Null()
	case r.path.Legacy():
		c.Out.Text(found[0].TypeName())
	default:
		c.Out.Array(len(found))
		for _, v := range found {
			c.Out.Text(v.TypeName())
		}
	}
	return nil
}

// respCommand implements JSON.RESP.
func respCommand(c *command.Ctx) error {
	if err := optionalPath(c); err != nil {
		return err
	}
	r, err := read(c)
	defer r.done()
	switch {
	case err != nil:
		return err
	case !r.doc.Exists():
		c.Out.Null()
		return nil
	}
	found, err := r.evaluate()
	if err != nil {
		return err
	}
	if err := writable(c, found); err != nil {
		return err
	}
	switch {
	case !r.path.Legacy():
		c.Out.Array(len(found))
		for _, v := range found {
			respValue(c.Out, v)
		}
	case len(found) == 0:
		return errNoPath
	default:
		respValue(c.Out, found[0])
	}
	return nil
}
