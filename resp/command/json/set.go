package json

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const setSyntax = "key path json [NX | XX]{condition} [GET] " +
	"[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]{expiration}" +
	ifSyntax + " [MKPATH] [FORMAT <STRING | JSON>{format}] [FPHA <BF16 | FP16 | FP32 | FP64>{fpha-type}]"

func setSpecs() []command.Spec {
	const complexity = "O(M+N) where M is the size of the document and N that of the new value"
	return []command.Spec{
		{
			Name: "json.set", Syntax: setSyntax, Arity: -4, Flags: command.Write | command.DenyOOM, Keys: writeKey, Since: sinceRedis,
			Complexity: complexity, Summary: "Writes a value to all places of a document that a path names.", Handler: set,
		},
		{
			Name: "json.mset", Syntax: "key path json [key path json ...]{triplet}", Arity: -4, Flags: command.Write | command.DenyOOM,
			Keys: command.KeyRange(1, -1, 3, command.RW|command.Access|command.Update), Since: sinceRedis,
			Complexity: "O(K*(M+N)) for K keys, where M is the size of the document and N that of the new value", SlowArgs: 3000,
			Summary: "Writes values to many documents, to all or to none.", Handler: mset,
		},
	}
}

// setOptions are the options of JSON.SET.
type setOptions struct {
	rule   rule
	get    bool
	expiry engine.Expiry
	cond   command.Guard
}

func parseSet(c *command.Ctx) (opt setOptions, err error) {
	var when, ttl string
	opt.expiry = engine.Keep
	s := c.Options(4)
	for s.Next() {
		switch s.Option() {
		case "NX", "XX":
			s.Once(&when)
		case "GET":
			opt.get = true
		case "EX", "PX", "EXAT", "PXAT":
			s.Once(&ttl)
			opt.expiry = s.Expiry(c.Command.Name)
		case "PERSIST":
			s.Once(&ttl)
			opt.expiry = engine.NoExpiry
		case "IFREV", "IFVER":
			_, err := opt.cond.Option([]byte(s.Option()), s.Arg())
			s.Fail(err)
		case "MKPATH":
			opt.rule.parents = true
		case "FORMAT":
			s.Fail(textFormat(&s))
		case "FPHA":
			s.Fail(floats(&s))
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	opt.rule.onlyNew, opt.rule.onlyOld = when == "NX", when == "XX"
	return opt, s.Err()
}

// textFormat reads the argument of FORMAT: what a value is written in.
func textFormat(s *command.Options) error {
	if word := s.Arg(); word == nil || isWord(word, "STRING") || isWord(word, "JSON") {
		return nil
	}
	return errFormat
}

// floats reads the argument of FPHA, which RedisJSON keeps arrays of numbers as.
// Numbers here have their text.
func floats(s *command.Options) error {
	word := s.Arg()
	for _, known := range [...]string{"BF16", "FP16", "FP32", "FP64"} {
		if word == nil || isWord(word, known) {
			return nil
		}
	}
	return errFPHA
}

// set implements JSON.SET.
func set(c *command.Ctx) error {
	opt, err := parseSet(c)
	if err != nil {
		return err
	}
	p, err := pathAt(c, 2)
	if err != nil {
		return err
	}
	if p.Computed() {
		return command.DocumentError(path.ErrComputed)
	}
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	if err := heavy(c, len(c.Args[3])); err != nil {
		return err
	}
	d, err := c.Tx.Document(c.Args[1])
	if err != nil {
		return err
	}
	out, done, err := opt.build(c, s, p, d.Value())
	if err != nil {
		return err
	}
	if err := opt.cond.Check(&d); err != nil {
		return err
	}
	if err := opt.reply(c, s, p, &d, done); err != nil || !done {
		return err
	}
	return c.Tx.PutDocuments(engine.DocumentPut{Key: c.Args[1], Value: out, Expire: opt.expiry, Event: "json.set"})
}

// build makes the new document in the memory of the transaction, unless nothing is
// to be written.
func (o *setOptions) build(c *command.Ctx, s *command.DocumentScratch, p *path.Path, root doc.Value) (out []byte, done bool, err error) {
	if p.IsRoot() {
		out, err = parse(s, c.Tx.DocumentBuffer(), c.Args[3])
		return out, o.rule.allows(len(root) > 0), err
	}
	if s.Value, err = parse(s, s.Value, c.Args[3]); err != nil {
		return nil, false, err
	}
	w := planner{s: s, path: p, root: root, rule: o.rule}
	return w.set(c, c.Tx.DocumentBuffer(), s.Value)
}

// allows reports whether the document may be replaced, or made.
func (r rule) allows(exists bool) bool {
	if exists {
		return !r.onlyNew
	}
	return !r.onlyOld
}

// reply answers JSON.SET before the change: with GET with what JSON.GET would have
// answered, or null where that is an error.
func (o *setOptions) reply(c *command.Ctx, s *command.DocumentScratch, p *path.Path, d *engine.Document, done bool) error {
	switch {
	case !o.get && done:
		c.Out.OK()
	case !o.get, !d.Exists():
		c.Out.Null()
	default:
		return getOld(c, s, p, d)
	}
	return nil
}

func getOld(c *command.Ctx, s *command.DocumentScratch, p *path.Path, d *engine.Document) error {
	w := doc.Writer{Buf: s.Text}
	err := writeMatches(c, s, &w, p, d.Value(), !p.Legacy())
	switch s.Text = w.Buf; {
	case err == errNoPath: //nolint:errorlint // the very value is meant
		c.Out.Null()
	case err != nil:
		return err
	default:
		c.Out.Bulk(w.Buf)
	}
	return nil
}

// set appends the document with the value at the places of the path: at those that
// are there, or if none is, where the last name of the path is missing.
func (p *planner) set(c *command.Ctx, dst []byte, value doc.Value) (out []byte, done bool, err error) {
	if len(p.root) == 0 {
		if p.rule.onlyOld {
			return nil, false, nil
		}
		out, err = p.newDocument(dst, value)
		return out, err == nil, err
	}
	if p.path.IsRoot() {
		return append(dst, value...), p.rule.allows(true), nil
	}
	if err := heavy(c, p.work()); err != nil {
		return nil, false, err
	}
	if !p.rule.onlyNew {
		out, n, err := p.replace(dst, value)
		if err != nil || n > 0 {
			return out, n > 0, err
		}
	}
	if p.rule.onlyOld {
		return nil, false, nil
	}
	sites, err := p.sites()
	if err != nil {
		return nil, false, err
	}
	if len(sites) == 0 {
		return nil, false, p.unmatched()
	}
	out, err = p.create(dst, sites, value)
	return out, err == nil, err
}

// work is what finding the places costs, as bytes that are searched.
func (p *planner) work() int {
	if p.path.Static() {
		return len(p.root) / copied
	}
	return len(p.root)
}

// replace appends the document with the value in place of what the path names, and
// returns how many values that were.
func (p *planner) replace(dst []byte, value doc.Value) ([]byte, int, error) {
	places, err := p.s.Paths.FindDistinct(p.path, p.root)
	if err != nil || len(places) == 0 {
		return nil, 0, command.DocumentError(err)
	}
	out, n, err := p.s.Editor.Rewrite(dst, p.root, places, doc.Edit{
		Inner: doc.OuterOnly, Nests: value.Depth(),
		Apply: func(dst []byte, _ int, _ doc.Value) ([]byte, doc.Outcome, error) {
			return append(dst, value...), doc.Changed, nil
		},
	})
	return out, n, command.DocumentError(err)
}
