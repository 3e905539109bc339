package json

import (
	"kvd/engine/doc"
	"kvd/resp/command"
)

func popSpecs() []command.Spec {
	return []command.Spec{{
		Name: "json.arrpop", Arity: -2, Flags: command.Write, Keys: writeKey, Since: sinceRedis,
		Syntax:     "key [FORMAT <STRINGS | EXPAND1 | EXPAND>{format}] [path [index{integer}]]{path_index}" + ifSyntax,
		Complexity: "O(N) where N is the size of the document",
		Summary:    "Takes an element out of the arrays that a path names and returns it.", Handler: arrpop,
	}}
}

// arrpop implements JSON.ARRPOP.
func arrpop(c *command.Ctx) error {
	w, err := begin(c, 2)
	defer w.done()
	if err != nil {
		return err
	}
	format, err := w.popFormat()
	if err != nil {
		return err
	}
	index := int64(-1)
	switch {
	case len(w.args) > 4:
		return wrongArgs(c)
	case len(w.args) == 4:
		if index, err = command.ParseInt(w.args[3]); err != nil {
			return err
		}
	}
	if err := w.compile(); err != nil {
		return err
	}
	if w.path.Legacy() && format != asText {
		return errLegacyFormat
	}
	if err := w.open(); err != nil {
		return err
	}
	return w.pop(clamp(index), format)
}

// popFormat takes FORMAT out of the line. Without a word behind it, it is the path.
func (w *writing) popFormat() (replyFormat, error) {
	if len(w.args) < 4 || !isWord(w.args[2], "FORMAT") {
		return asText, nil
	}
	format, ok := parseReplyFormat(w.args[3])
	switch {
	case !ok || isWord(w.args[3], "STRING"):
		return asText, errReplyFormat
	case w.c.Out.Protocol() < 3:
		return asText, errFormatRESP2
	}
	w.args = append(w.args[:2:2], w.args[4:]...)
	return format, nil
}

// pop takes the element at index out of each array. The elements are copied: those
// of the inner arrays are not where they were when the outer ones are edited.
func (w *writing) pop(index int, format replyFormat) error {
	popped := make([]doc.Value, len(w.places))
	last, err := w.run(edit{event: "json.arrpop", is: isArray, apply: func(dst []byte, i int, v doc.Value) ([]byte, doc.Outcome, error) {
		n := v.Len()
		if n == 0 {
			return dst, doc.Kept, nil
		}
		at := doc.PopIndex(index, n)
		popped[i] = append(doc.Value(nil), v.Element(at)...)
		return doc.AppendWithout(dst, v, at), doc.Changed, nil
	}})
	if err != nil {
		return err
	}
	return w.reply(last, errNotArray, func(i int) {
		switch v := popped[i]; {
		case v == nil:
			w.c.Out.Null()
		case format == asText:
			w.s.Text = doc.AppendText(w.s.Text[:0], v)
			w.c.Out.Bulk(w.s.Text)
		default:
			expandValue(w.c.Out, v, format, doc.Format{})
		}
	})
}
