package json

import (
	"math/big"

	"kvd/engine/doc"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// replyFormat is what FORMAT asks for.
type replyFormat uint8

const (
	asText    replyFormat = iota // STRING, STRINGS: JSON texts
	expandTo1                    // EXPAND1: scalars as what they are
	expandAll                    // EXPAND: containers too
)

// parseReplyFormat reads the argument of FORMAT.
func parseReplyFormat(word []byte) (replyFormat, bool) {
	switch {
	case isWord(word, "STRING"), isWord(word, "STRINGS"):
		return asText, true
	case isWord(word, "EXPAND1"):
		return expandTo1, true
	case isWord(word, "EXPAND"):
		return expandAll, true
	}
	return asText, false
}

// expand writes a list for each path, of what it names.
func (o *getOptions) expand(c *command.Ctx, s *command.DocumentScratch, root doc.Value) error {
	c.Out.Array(len(o.paths))
	for _, p := range o.paths {
		if err := heavy(c, len(root)); err != nil {
			return err
		}
		found, err := values(s, p, root)
		if err != nil {
			return err
		}
		if err := writable(c, found); err != nil {
			return err
		}
		c.Out.Array(len(found))
		for _, v := range found {
			expandValue(c.Out, v, o.format, o.layout)
		}
	}
	return nil
}

// expandValue writes one value in a format that is not asText. EXPAND1 gives
// strings and containers as JSON texts.
func expandValue(out *reply.Writer, v doc.Value, format replyFormat, layout doc.Format) {
	switch kind := v.Kind(); {
	case kind == doc.Null:
		out.Null()
	case kind == doc.False, kind == doc.True:
		out.Bool(kind == doc.True)
	case kind == doc.Number:
		number(out, v.Text())
	case format == expandTo1:
		w := doc.Writer{Format: layout}
		w.Value(v)
		out.Bulk(w.Buf)
	case kind == doc.String:
		out.Bulk(v.Text())
	case kind == doc.Array:
		out.Array(v.Len())
		for it := v.Items(); it.Next(); {
			expandValue(out, it.Value(), format, layout)
		}
	case kind == doc.Object:
		out.Map(v.Len())
		for it := v.Items(); it.Next(); {
			out.Bulk(it.Name())
			expandValue(out, it.Value(), format, layout)
		}
	}
}

// number writes the text of a number: as an integer if it is one, of any size,
// else as a double.
func number(out *reply.Writer, text []byte) {
	if n, ok := doc.Int(text); ok {
		out.Int(n)
		return
	}
	if doc.IsInteger(text) {
		if len(text) > doc.MaxDigits {
			out.Bulk(text) // nobody calculates with it, and it takes long to read
			return
		}
		var n big.Int
		n.SetString(string(text), 10)
		out.BigInt(&n)
		return
	}
	out.Double(doc.Float(text))
}

// respValue writes a value as JSON.RESP does: containers as lists that begin with
// their bracket.
func respValue(out *reply.Writer, v doc.Value) {
	switch v.Kind() {
	case doc.Null, doc.Absent:
		out.Null()
	case doc.False:
		out.Status("false")
	case doc.True:
		out.Status("true")
	case doc.Number:
		number(out, v.Text())
	case doc.String:
		out.Bulk(v.Text())
	case doc.Array:
		out.Array(v.Len() + 1)
		out.Status("[")
		for it := v.Items(); it.Next(); {
			respValue(out, it.Value())
		}
	case doc.Object:
		out.Array(2*v.Len() + 1)
		out.Status("{")
		for it := v.Items(); it.Next(); {
			out.Bulk(it.Name())
			respValue(out, it.Value())
		}
	}
}
