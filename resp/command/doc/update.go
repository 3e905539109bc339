package doc

import (
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func updateSpec() command.Spec {
	return command.Spec{
		Name: "doc.update", Arity: -4, Flags: command.Write | command.DenyOOM | command.InCollection, Keys: updateKeys(), Owns: updatesMany,
		Syntax: "collection <id | WHERE expression>{target} operation [operation ...]{changes} [WHEN expression] " +
			"[PARAMS count name value [name value ...]] [UPSERT json] [LIMIT count{integer}] [TIMEOUT milliseconds{integer}] " +
			"[SCANLIMIT count{integer}] [AUTHOR author] [MSG message]" + conditionSyntax + returnSyntax,
		Since: sinceKvd, Complexity: perDocument + "; O(D) for WHERE without an index", Handler: update,
		Summary: "Changes a document, or all that an expression is true of, by operations such as SET, INCR and PUSH.",
	}
}

// updatesMany reports whether a DOC.UPDATE is one of many documents.
func updatesMany(args [][]byte) bool { return len(args) > 2 && isWord(args[2], "WHERE") }

func updateKeys() []command.KeySpec {
	const flags = command.RW | command.Access | command.Update
	return []command.KeySpec{{
		Flags: flags, Search: command.SearchIndex, Index: 2, Find: command.FindUnknown,
		By: func(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
			if updatesMany(args) {
				return append(dst, command.KeyRef{Pos: 1, Flags: flags}), nil
			}
			return append(dst, command.KeyRef{Pos: 2, Flags: flags}), nil
		},
	}}
}

// updateOptions are the operations and options of a DOC.UPDATE.
type updateOptions struct {
	changes []change
	when    *path.Expression
	params  map[string]doc.Value
	upsert  doc.Value
	note    note
	cond    command.Guard
	reply   string
	// Of an update of many documents.
	limit, timeout, scanLimit int64
}

var errNoChange = rediserr.New("DOC.UPDATE takes one or more of SET, UNSET, INCR, MUL, MIN, MAX, PUSH, ADDTOSET, PULL, POP, RENAME, TOGGLE, NOW, EXPR, PATCH and MERGE")

// parseUpdate reads a line from word first on.
func parseUpdate(c *command.Ctx, first int) (*updateOptions, error) {
	o := &updateOptions{reply: "REV", limit: -1, timeout: -1, scanLimit: -1}
	s := c.Options(first)
	for s.Next() {
		if known, err := o.change(c, &s); known || err != nil {
			s.Fail(err)
			continue
		}
		o.option(c, &s)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if len(o.changes) == 0 {
		return nil, errNoChange
	}
	return o, o.bind()
}

func (o *updateOptions) option(c *command.Ctx, s *command.Options) {
	var err error
	switch s.Option() {
	case "WHEN":
		o.when, err = expression(c, s.Arg())
	case "PARAMS":
		err = o.readParams(s)
	case "UPSERT":
		o.upsert, err = parseJSON(s.Arg())
	case "LIMIT":
		o.limit = s.Count()
	case "TIMEOUT":
		o.timeout = s.Count()
	case "SCANLIMIT":
		o.scanLimit = s.Count()
	case "AUTHOR", "MSG":
		o.note.option(s)
	case "IFREV", "IFVER":
		o.cond.Read(s)
	case "RETURN":
		o.reply = returned(s)
	default:
		err = command.SyntaxNear(c.Args[s.Pos()-1])
	}
	s.Fail(err)
}

// expression compiles a condition; nil is none.
func expression(c *command.Ctx, text []byte) (*path.Expression, error) {
	if text == nil {
		return nil, nil
	}
	x, err := c.Services.Queries.Expression(text)
	return x, command.DocumentError(err)
}

// readParams reads names and values. A value that is JSON has its type, other text
// is a string.
func (o *updateOptions) readParams(s *command.Options) error {
	n := s.Count()
	if n%2 != 0 || n > int64(s.Left()) {
		return rediserr.Syntax
	}
	if o.params == nil {
		o.params = make(map[string]doc.Value)
	}
	for ; n > 0; n -= 2 {
		name, text := string(s.Arg()), s.Arg()
		v, err := doc.Parse(text)
		if err != nil {
			if !validText(text) {
				return command.DocumentError(err)
			}
			v = doc.AppendString(nil, text)
		}
		o.params[name] = v
	}
	return nil
}

// validText reports whether bytes may be a string of a document.
func validText(text []byte) bool {
	return doc.Check(doc.AppendString(nil, text), doc.Limits{}) == nil
}

// bind puts the parameters into all expressions.
func (o *updateOptions) bind() (err error) {
	if o.when, err = o.bound(o.when); err != nil {
		return err
	}
	for i := range o.changes {
		if o.changes[i].expr, err = o.bound(o.changes[i].expr); err != nil {
			return err
		}
	}
	return nil
}

func (o *updateOptions) bound(x *path.Expression) (*path.Expression, error) {
	if x == nil {
		return nil, nil
	}
	for _, name := range x.Parameters() {
		if o.params[name] == nil {
			return nil, rediserr.New(rediserr.OneLine("no value in PARAMS for ':" + name + "'"))
		}
	}
	x, err := x.Bind(func(name string) doc.Value { return o.params[name] })
	return x, command.DocumentError(err)
}

// update implements DOC.UPDATE.
func update(c *command.Ctx) error {
	if updatesMany(c.Args) {
		return updateWhere(c)
	}
	o, err := parseUpdate(c, 3)
	if err != nil {
		return err
	}
	coll, d, err := document(c)
	if err != nil {
		return err
	}
	if !d.Exists() && o.upsert == nil {
		return noDocument(coll, c.Args[2])
	}
	if err := o.cond.Check(&d); err != nil {
		return err
	}
	if err := c.Heavy((len(d.Value()) + len(o.upsert)) / perElement); err != nil {
		return err
	}
	v, ok, err := o.apply(c, coll, c.Key(2), &d)
	if err != nil {
		return err
	}
	if !ok {
		c.Out.Null()
		return nil
	}
	if v != nil {
		defer c.Tx.Note(c.Tx.Note(o.note.change()))
		if err := c.Tx.PutDocuments(o.put(c.Key(2), v, d.Exists())); err != nil {
			return err
		}
	}
	return answer(c, coll, c.Key(2), o.reply)
}
