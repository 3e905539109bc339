package json

import (
	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func mergeSpecs() []command.Spec {
	return []command.Spec{{
		Name: "json.merge", Syntax: "key path json [FORMAT <STRING | JSON>{format}]" + ifSyntax, Arity: -4,
		Flags: command.Write | command.DenyOOM, Keys: writeKey, Since: sinceRedis,
		Complexity: "O(M+N) where M is the size of the document and N that of the merge patch",
		Summary:    "Merges a value into the values that a path names (RFC 7396).", Handler: merge,
	}}
}

// merge implements JSON.MERGE.
func merge(c *command.Ctx) error {
	w := writing{c: c, s: c.Services.Documents.Scratch(), args: c.Args[:4]}
	defer w.done()
	if err := w.mergeOptions(); err != nil {
		return err
	}
	if err := w.compile(); err != nil {
		return err
	}
	if err := heavy(c, len(c.Args[3])); err != nil {
		return err
	}
	var err error
	if w.s.Value, err = parse(w.s, w.s.Value, c.Args[3]); err != nil {
		return err
	}
	if err := w.load(); err != nil {
		return err
	}
	out, found, err := w.merged(w.s.Value)
	switch {
	case err != nil:
		return err
	case !found:
		c.Out.Null()
		return nil
	case out != nil:
		if err := w.putMerged(out); err != nil {
			return err
		}
	}
	c.Out.OK()
	return nil
}

func (w *writing) mergeOptions() error {
	s := w.c.Options(4)
	for s.Next() {
		switch s.Option() {
		case "FORMAT":
			s.Fail(textFormat(&s))
		case "IFREV", "IFVER":
			_, err := w.cond.Option([]byte(s.Option()), s.Arg())
			s.Fail(err)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return s.Err()
}

// putMerged writes a document. One that lost its root has nothing left.
func (w *writing) putMerged(out []byte) error {
	if len(out) == 0 {
		w.c.Tx.RemoveDocument(w.args[1], "json.merge")
		return nil
	}
	return w.put(out, "json.merge")
}

// merged returns the document with a patch merged into what the path names, nil if
// it stays as it is. found is false for a path that leads to nothing and can't be
// made.
func (w *writing) merged(patch doc.Value) (out []byte, found bool, err error) {
	dst := w.c.Tx.DocumentBuffer()
	p := planner{s: w.s, path: w.path, root: w.doc.Value()}
	switch {
	case !w.doc.Exists():
		out, err = p.newDocument(dst, doc.AppendMerged(nil, nil, patch))
		return out, true, err
	case w.path.IsRoot():
		if err := heavy(w.c, len(p.root)); err != nil {
			return nil, false, err
		}
		out, err = fits(doc.AppendMerged(dst, p.root, patch), len(dst))
		return out, true, err
	}
	if err := w.find(); err != nil {
		return nil, false, err
	}
	if len(w.places) > 0 {
		out, _, err = w.rewrite(w.places, mergeEdit(patch))
		return out, true, err
	}
	sites, err := p.sites()
	switch {
	case err != nil:
		return nil, false, err
	case len(sites) == 0:
		return nil, false, p.unmatched()
	case patch.Kind() == doc.Null:
		return nil, true, nil // what it would delete is not there
	}
	out, err = p.create(dst, sites, doc.AppendMerged(nil, nil, patch))
	return out, true, err
}

// mergeEdit merges a patch into each value. null deletes it, and what is no object
// takes its place with all that is in it.
func mergeEdit(patch doc.Value) doc.Edit {
	e := doc.Edit{Nests: patch.Depth(), Inner: doc.OuterOnly}
	if patch.Kind() == doc.Object {
		e.Inner = doc.InnerFirst
	}
	e.Apply = func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
		if patch.Kind() == doc.Null {
			return dst, doc.Removed, nil
		}
		return doc.AppendMerged(dst, v, patch), doc.Changed, nil
	}
	return e
}
