package doc

import (
	"slices"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func readSpecs() []command.Spec {
	const flags = command.ReadOnly | command.InCollection
	const perSize = "O(N) where N is the size of the document"
	return []command.Spec{
		{
			Name: "doc.get", Syntax: "collection id [PATH path [path ...]]{paths} [WITHMETA] [AS type] [AT version] [FORMAT <STRING | EXPAND>{format}]",
			Arity: -3, Flags: flags, Keys: readKey, Since: sinceKvd, Complexity: perSize, Handler: get,
			Summary: "Returns a document as it is or was, or what paths name in it.",
		},
		{
			Name: "doc.mget", Syntax: "collection id [id ...] [PATH path]", Arity: -3, Flags: flags, Since: sinceKvd,
			Keys: idKeys("PATH", command.RO|command.Access), Complexity: "O(N) where N is the size of the documents", Handler: mget,
			SlowArgs: slowIDs, Summary: "Returns documents, all as they are at one time.",
		},
		{
			Name: "doc.exists", Syntax: "collection id [id ...]", Arity: -3, Flags: flags | command.Fast, Since: sinceKvd,
			Keys: command.KeyRange(2, -1, 1, command.RO), Complexity: "O(N) for N ids", Handler: exists,
			SlowArgs: slowIDs, Summary: "Counts those of the ids that there are documents of.",
		},
		{
			Name: "doc.all", Syntax: "collection [COUNT count{integer}] [CURSOR cursor] [DESC] [WITHMETA]", Arity: -2,
			Flags: flags | command.OwnTx | command.Slow, Keys: readPrefix, Since: sinceKvd, Complexity: "O(N) for a page of N documents",
			Handler: all, Summary: "Returns documents in the order of their ids, page by page.",
		},
	}
}

// slowIDs is the number of words from which a command on many documents leaves the
// event loop.
const slowIDs = 500

// idKeys are ids from word 2 on, without an option with one argument at the end.
func idKeys(option string, flags command.KeyFlags) []command.KeySpec {
	return []command.KeySpec{{
		Flags: flags, Search: command.SearchIndex, Index: 2, Find: command.FindUnknown,
		By: func(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
			for i := 2; i < idsEnd(args, option); i++ {
				dst = append(dst, command.KeyRef{Pos: i, Flags: flags})
			}
			return dst, nil
		},
	}}
}

// idsEnd returns where the ids of a line end: before the option, if there is one.
func idsEnd(args [][]byte, option string) int {
	if n := len(args); n >= 5 && isWord(args[n-2], option) {
		return n - 2
	}
	return len(args)
}

// getOptions are the options of DOC.GET.
type getOptions struct {
	paths    []*path.Path
	withMeta bool
	as       string
	at       []byte // the version; nil: as it is
	expand   bool
}

var (
	errSV     = rediserr.New("DOC.GET SV is not available")
	errFormat = rediserr.New("FORMAT argument is not supported on RESP2")
)

func parseGet(c *command.Ctx) (o getOptions, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "PATH":
			o.takePaths(c, &s)
		case "WITHMETA":
			o.withMeta = true
		case "AS":
			o.as = string(s.Arg())
		case "AT":
			o.at = s.Arg()
		case "SV":
			s.Fail(errSV)
		case "FORMAT":
			o.format(c, &s)
		default:
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	return o, s.Err()
}

func (o *getOptions) format(c *command.Ctx, s *command.Options) {
	switch word := s.Arg(); {
	case word == nil, isWord(word, "STRING"):
	case !isWord(word, "EXPAND"):
		s.Fail(command.SyntaxNear(word))
	case c.Out.Protocol() < 3:
		s.Fail(errFormat)
	default:
		o.expand = true
	}
}

// takePaths reads the paths behind PATH, up to the next option.
func (o *getOptions) takePaths(c *command.Ctx, s *command.Options) {
	options := [...]string{"PATH", "WITHMETA", "AS", "AT", "SV", "FORMAT"}
	for first := true; s.Left() > 0; first = false {
		word := c.Args[s.Pos()]
		if !first && slices.ContainsFunc(options[:], func(o string) bool { return isWord(word, o) }) {
			return
		}
		p, err := c.Services.Documents.Path(s.Arg())
		if err != nil {
			s.Fail(err)
			return
		}
		o.paths = append(o.paths, p)
	}
	if len(o.paths) == 0 {
		s.Fail(rediserr.Syntax)
	}
}

// get implements DOC.GET.
func get(c *command.Ctx) error {
	o, err := parseGet(c)
	if err != nil {
		return err
	}
	if o.at != nil {
		return o.getPast(c)
	}
	coll, d, err := document(c)
	if err != nil {
		return err
	}
	if !d.Exists() {
		c.Out.Null()
		return nil
	}
	if err := c.Heavy(len(d.Value()) / perElement); err != nil {
		return err
	}
	return o.show(c, coll, d.Value(), func() { writeMeta(c, coll, c.Key(2), &d) })
}

// show writes a document of a collection as the options want it, with what meta
// writes of it.
func (o *getOptions) show(c *command.Ctx, coll *engine.DocCollection, v doc.Value, meta func()) error {
	if o.as != "" {
		if err := fits(c, coll, v, o.as); err != nil {
			return err
		}
	}
	if !o.withMeta {
		return o.write(c, v)
	}
	c.Out.Map(3)
	c.Out.Text("id")
	c.Out.Bulk(c.Args[2])
	c.Out.Text("doc")
	if err := o.write(c, v); err != nil {
		return err
	}
	c.Out.Text("meta")
	meta()
	return nil
}

// fits checks the document of the line against another type.
func fits(c *command.Ctx, coll *engine.DocCollection, v doc.Value, reference string) error {
	s, err := c.Services.Engine.Schema(reference)
	if err != nil {
		return err
	}
	faults, err := coll.Fit(c.Args[2], v, s)
	if err == nil && len(faults) > 0 {
		err = invalid(coll, c.Args[2], faults)
	}
	return err
}

func invalid(coll *engine.DocCollection, id []byte, faults []schema.Fault) error {
	return rediserr.Coded("INVALID", rediserr.OneLine(coll.Name+"/"+string(id)+": "+schema.Text(faults)))
}

// write writes the document, or what the paths name in it.
func (o *getOptions) write(c *command.Ctx, v doc.Value) error {
	if len(o.paths) == 0 && !o.expand {
		writeText(c, v)
		return nil
	}
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	sh := shown{selected: o.paths}
	text, err := sh.text(nil, &s.Paths, v)
	if err != nil {
		return command.DocumentError(err)
	}
	if !o.expand {
		c.Out.Bulk(text)
		return nil
	}
	if v, err = doc.Parse(text); err == nil {
		expand(c, v)
	}
	return err
}

// expand writes a value as what it is in RESP3.
func expand(c *command.Ctx, v doc.Value) {
	switch v.Kind() {
	case doc.Null:
		c.Out.Null()
	case doc.False, doc.True:
		c.Out.Bool(v.Kind() == doc.True)
	case doc.Number:
		if n, ok := doc.Int(v.Text()); ok {
			c.Out.Int(n)
		} else {
			c.Out.Double(doc.Float(v.Text()))
		}
	case doc.String:
		c.Out.Bulk(v.Text())
	case doc.Array:
		c.Out.Array(v.Len())
		for it := v.Items(); it.Next(); {
			expand(c, it.Value())
		}
	default:
		c.Out.Map(v.Len())
		for it := v.Items(); it.Next(); {
			c.Out.Bulk(it.Name())
			expand(c, it.Value())
		}
	}
}

// mget implements DOC.MGET. A key that holds something else is as one that is
// missing.
func mget(c *command.Ctx) error {
	if _, err := collection(c); err != nil {
		return err
	}
	end := idsEnd(c.Args, "PATH")
	var o getOptions
	if end < len(c.Args) {
		p, err := c.Services.Documents.Path(c.Args[end+1])
		if err != nil {
			return err
		}
		o.paths = append(o.paths, p)
	}
	c.Out.Array(end - 2)
	for i := 2; i < end; i++ {
		d, err := c.Tx.Document(c.Key(i))
		if err != nil {
			return err
		}
		if !d.Exists() {
			c.Out.Null()
			continue
		}
		if err := o.write(c, d.Value()); err != nil {
			return err
		}
	}
	return nil
}

// exists implements DOC.EXISTS. An id that is named twice counts twice, as in
// EXISTS.
func exists(c *command.Ctx) error {
	if _, err := collection(c); err != nil {
		return err
	}
	n := int64(0)
	for i := 2; i < len(c.Args); i++ {
		if c.Tx.Exists(c.Key(i)) {
			n++
		}
	}
	c.Out.Int(n)
	return nil
}
