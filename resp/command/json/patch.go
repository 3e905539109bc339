package json

import (
	"bytes"

	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func patchSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "json.patch", Syntax: "key patch" + ifSyntax, Arity: -3, Flags: command.Write | command.DenyOOM, Keys: writeKey,
			Since: sinceKvd, Complexity: "O(N+M) where N is the size of the document and M that of the patch",
			Summary: "Applies a JSON patch (RFC 6902) to a document, as a whole or not at all.", Handler: patch,
		},
		{
			Name: "json.diff", Syntax: "key key", Arity: 3, Flags: command.ReadOnly,
			Keys:  command.KeyRange(1, 2, 1, command.RO|command.Access),
			Since: sinceKvd, Complexity: "O(N) where N is the size of both documents",
			Summary: "Returns the JSON patch (RFC 6902) that makes the second document of the first.", Handler: diff,
		},
	}
}

// patch implements JSON.PATCH. One that changes nothing, such as a list of tests,
// leaves the revision as it is.
func patch(c *command.Ctx) error {
	w, err := begin(c, 3)
	defer w.done()
	switch {
	case err != nil:
		return err
	case len(w.args) > 3:
		return rediserr.Newf("syntax error near '%.128s'", w.args[3])
	}
	if err := heavy(c, len(w.args[2])); err != nil {
		return err
	}
	if w.s.Value, err = parse(w.s, w.s.Value, w.args[2]); err != nil {
		return err
	}
	if err := w.load(); err != nil {
		return err
	}
	if !w.doc.Exists() {
		return errNoDocument
	}
	if err := heavy(c, len(w.doc.Value())); err != nil {
		return err
	}
	out, err := doc.AppendPatched(c.Tx.DocumentBuffer(), w.doc.Value(), w.s.Value, doc.Limits{})
	if err != nil {
		return command.DocumentError(err)
	}
	if !bytes.Equal(out, w.doc.Value()) {
		if err := w.put(out, "json.patch"); err != nil {
			return err
		}
	}
	c.Out.OK()
	return nil
}

// diff implements JSON.DIFF.
func diff(c *command.Ctx) error {
	a, err := c.Tx.Document(c.Args[1])
	if err != nil {
		return err
	}
	b, err := c.Tx.Document(c.Args[2])
	if err != nil {
		return err
	}
	if !a.Exists() || !b.Exists() {
		return errNoDocument
	}
	if err := heavy(c, len(a.Value())+len(b.Value())); err != nil {
		return err
	}
	c.Out.Bulk(doc.AppendText(nil, doc.AppendDiff(nil, a.Value(), b.Value(), doc.WithoutTests)))
	return nil
}
