package json

import (
	"kvd/engine/doc"
	"kvd/resp/command"
)

func arraySpecs() []command.Spec {
	spec := func(name, syntax string, arity int, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax + ifSyntax, Arity: arity, Flags: command.Write | command.DenyOOM, Keys: writeKey,
			Since: sinceRedis, Complexity: "O(N) where N is the size of the document", Summary: summary, Handler: h,
		}
	}
	trim := spec("json.arrtrim", "key path start{integer} stop{integer}", -5, "Takes all elements but those of a range out of arrays.", arrtrim)
	trim.Flags &^= command.DenyOOM // it makes nothing larger
	return []command.Spec{
		spec("json.arrappend", "key path json [json ...]", -4, "Appends values to the arrays that a path names.", arrappend),
		spec("json.arrinsert", "key path index{integer} json [json ...]", -5, "Inserts values into the arrays that a path names.", arrinsert),
		trim,
	}
}

// arrappend implements JSON.ARRAPPEND.
func arrappend(c *command.Ctx) error {
	return insert(c, 3, "json.arrappend", func(dst []byte, v doc.Value, values []doc.Value) ([]byte, error) {
		return doc.AppendExtended(dst, v, values...), nil
	})
}

// arrinsert implements JSON.ARRINSERT.
func arrinsert(c *command.Ctx) error {
	index, err := c.Int(3)
	if err != nil {
		return err
	}
	return insert(c, 4, "json.arrinsert", func(dst []byte, v doc.Value, values []doc.Value) ([]byte, error) {
		out, err := doc.AppendInserted(dst, v, int(index), values...)
		return out, command.DocumentError(err)
	})
}

// insert adds the values that the words from first on are to arrays.
func insert(c *command.Ctx, first int, event string, add func(dst []byte, v doc.Value, values []doc.Value) ([]byte, error)) error {
	w, err := begin(c, first+1)
	defer w.done()
	if err != nil {
		return err
	}
	if err := heavy(c, sizeOfWords(w.args[first:])); err != nil {
		return err
	}
	values, err := parseAll(w.s, w.args[first:])
	if err != nil {
		return err
	}
	if err := w.open(); err != nil {
		return err
	}
	e := edit{event: event, is: isArray, nests: 1 + deepest(values)}
	return w.lengths(e, errNotArray, func(dst []byte, v doc.Value) ([]byte, int, error) {
		out, err := add(dst, v, values)
		return out, v.Len() + len(values), err
	})
}

func sizeOfWords(words [][]byte) (bytes int) {
	for _, word := range words {
		bytes += len(word)
	}
	return bytes
}

// arrtrim implements JSON.ARRTRIM.
func arrtrim(c *command.Ctx) error {
	w, err := begin(c, 5)
	defer w.done()
	switch {
	case err != nil:
		return err
	case len(w.args) != 5:
		return wrongArgs(c)
	}
	start, err := c.Int(3)
	if err != nil {
		return err
	}
	stop, err := c.Int(4)
	if err != nil {
		return err
	}
	if err := w.open(); err != nil {
		return err
	}
	return w.lengths(edit{event: "json.arrtrim", is: isArray}, errNotArray, func(dst []byte, v doc.Value) ([]byte, int, error) {
		from := len(dst)
		out := doc.AppendTrimmed(dst, v, clamp(start), clamp(stop))
		return out, doc.Value(out[from:]).Len(), nil
	})
}

// clamp brings an index into the range in which it can be calculated with; no
// array is as long.
func clamp(index int64) int { return int(min(max(index, -1<<40), 1<<40)) }
