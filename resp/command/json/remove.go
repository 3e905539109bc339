package json

import (
	"kvd/engine/doc"
	"kvd/resp/command"
)

func removeSpecs() []command.Spec {
	spec := func(name, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: "key [path]" + ifSyntax, Arity: -2, Flags: command.Write, Keys: writeKey, Since: sinceRedis,
			Complexity: "O(N) where N is the size of the document", Summary: summary, Handler: h,
		}
	}
	return []command.Spec{
		spec("json.del", "Deletes the values that a path names.", del),
		spec("json.forget", "Deletes the values that a path names, as JSON.DEL.", del),
		spec("json.clear", "Empties arrays and objects, and sets numbers to 0.", clearCommand),
	}
}

// beginOptional begins a line `key [path]`.
func beginOptional(c *command.Ctx) (writing, error) {
	w, err := begin(c, 2)
	if err == nil && len(w.args) > 3 {
		err = wrongArgs(c)
	}
	if err == nil {
		err = w.compile()
	}
	if err == nil {
		err = w.load()
	}
	return w, err
}

// del implements JSON.DEL and JSON.FORGET. What lies in a value that is deleted
// does not count.
func del(c *command.Ctx) error {
	w, err := beginOptional(c)
	defer w.done()
	if err != nil {
		return err
	}
	n := 0
	if w.doc.Exists() {
		if n, err = w.delete(); err != nil {
			return err
		}
	}
	c.Out.Int(int64(n))
	return nil
}

// delete removes what the path names, and the key if the document is empty then.
func (w *writing) delete() (int, error) {
	const event = "json.del"
	if w.path.IsRoot() {
		w.c.Tx.RemoveDocument(w.args[1], event)
		return 1, nil
	}
	if err := w.find(); err != nil {
		return 0, err
	}
	out, n, err := w.rewrite(w.places, doc.Edit{
		Inner: doc.OuterOnly,
		Apply: func(dst []byte, _ int, _ doc.Value) ([]byte, doc.Outcome, error) { return dst, doc.Removed, nil },
	})
	switch left := doc.Value(out); {
	case err != nil || n == 0:
		return 0, err
	case len(left) == 0, left.IsContainer() && left.Len() == 0 && w.emptyGoes():
		w.c.Tx.RemoveDocument(w.args[1], event)
		return n, nil
	}
	return n, w.put(out, event)
}

// emptyGoes says whether the key is removed when the document is empty. One in a
// collection stays, for the collection to say whether it may be empty.
func (w *writing) emptyGoes() bool {
	return w.c.Config().JSONDelEmpty && w.c.Services.Engine.CollectionOf(w.c.Tx.DB(), w.args[1]) == nil
}

// clearCommand implements JSON.CLEAR.
func clearCommand(c *command.Ctx) error {
	w, err := beginOptional(c)
	defer w.done()
	switch {
	case err != nil:
		return err
	case !w.doc.Exists():
		return errNoKey
	}
	if err := w.find(); err != nil {
		return err
	}
	out, n, err := w.rewrite(w.places, doc.Edit{
		Inner: doc.OuterOnly,
		Apply: func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
			out, outcome := doc.AppendCleared(dst, v)
			return out, outcome, nil
		},
	})
	if err != nil {
		return err
	}
	if n > 0 {
		if err := w.put(out, "json.clear"); err != nil {
			return err
		}
	}
	c.Out.Int(int64(n))
	return nil
}
