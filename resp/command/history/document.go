package history

import (
	"errors"
	"strings"
	"unicode/utf8"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

var errNotText = rediserr.New("the value is not UTF-8 text, which a comparison needs")

// asDocument returns the value of a version as JSON, so that all types can be
// compared in the same way: a string as one, a list and a set as arrays, a hash as
// an object, a sorted set as an object of scores, a stream as an object of
// entries, and a key that was gone as null.
func asDocument(v *engine.Version) (doc.Value, error) {
	switch v.Type {
	case change.NoType:
		return doc.AppendNull(nil), nil
	case change.JSON:
		return doc.Parse(v.Content)
	case change.String:
		if !utf8.Valid(v.Content) {
			return nil, errNotText
		}
		return doc.AppendString(nil, v.Content), nil
	case change.Stream:
		return streamDocument(v)
	}
	elements, err := v.Elements()
	if err != nil {
		return nil, err
	}
	b := doc.NewBuilder(nil)
	if v.Type == change.Hash || v.Type == change.ZSet {
		b.BeginObject()
	} else {
		b.BeginArray()
	}
	for _, e := range elements {
		if err := addElement(b, v.Type, e); err != nil {
			return nil, err
		}
	}
	b.End()
	return b.Bytes(), nil
}

func addElement(b *doc.Builder, kind change.Type, e engine.VersionElement) error {
	if !utf8.Valid(e.Sub) || kind != change.ZSet && !utf8.Valid(e.Value) {
		return errNotText
	}
	switch kind {
	case change.List:
		b.String(string(e.Value))
	case change.SetType:
		b.String(string(e.Sub))
	case change.Hash:
		b.Name(string(e.Sub))
		b.String(string(e.Value))
	case change.ZSet:
		score, err := engine.ReadScore(e.Value)
		if err != nil {
			return err
		}
		b.Name(string(e.Sub))
		b.Value(scoreValue(score))
	}
	return nil
}

// scoreValue returns a score as JSON, which has no infinite numbers.
func scoreValue(score float64) doc.Value {
	switch {
	case score > maxFloat:
		return doc.AppendString(nil, "inf")
	case score < -maxFloat:
		return doc.AppendString(nil, "-inf")
	}
	return doc.AppendNumber(nil, doc.AppendFloat(nil, score))
}

const maxFloat = 0x1p1023 * (1 + (1 - 0x1p-52))

func streamDocument(v *engine.Version) (doc.Value, error) {
	s, err := streamValue(v)
	if err != nil {
		return nil, err
	}
	b := doc.NewBuilder(nil)
	b.BeginObject()
	for _, e := range s.Entries {
		b.Name(entryID(e.ID))
		b.BeginArray()
		for _, field := range e.Fields {
			if !utf8.Valid(field) {
				return nil, errNotText
			}
			b.String(string(field))
		}
		b.End()
	}
	b.End()
	return b.Bytes(), nil
}

// lines returns the value as lines of text: a string as its own, others as JSON
// with an element on each.
func lines(v *engine.Version) ([]string, error) {
	if v.Type == change.String && utf8.Valid(v.Content) {
		return splitLines(string(v.Content)), nil
	}
	value, err := asDocument(v)
	if err != nil {
		return nil, err
	}
	if v.Tombstone() {
		return nil, nil
	}
	w := doc.Writer{Format: doc.Format{Indent: "  ", Newline: "\n", Space: " "}}
	w.Value(value)
	return splitLines(string(w.Buf)), nil
}

func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// appendMerge appends the merge patch (RFC 7396) that makes b of a, or an error
// where there is none: it cannot say that a member becomes null.
func appendMerge(dst []byte, a, b doc.Value) ([]byte, error) {
	if a.Kind() != doc.Object || b.Kind() != doc.Object {
		return append(dst, b...), nil
	}
	w := doc.NewBuilder(dst)
	w.BeginObject()
	for it := b.Items(); it.Next(); {
		old := a.Member(it.Name())
		if len(old) > 0 && doc.Equal(old, it.Value()) {
			continue
		}
		if hasNull(it.Value()) {
			return nil, errNoMerge
		}
		w.Name(string(it.Name()))
		if old.Kind() != doc.Object || it.Value().Kind() != doc.Object {
			w.Value(it.Value())
			continue
		}
		inner, err := appendMerge(nil, old, it.Value())
		if err != nil {
			return nil, err
		}
		w.Value(inner)
	}
	for it := a.Items(); it.Next(); {
		if len(b.Member(it.Name())) == 0 {
			w.Name(string(it.Name()))
			w.Value(doc.AppendNull(nil))
		}
	}
	w.End()
	return w.Bytes(), nil
}

var errNoMerge = rediserr.New("a merge patch cannot set a member to null: use FORMAT PATCH")

// hasNull reports whether v is null or an object with a member that is.
func hasNull(v doc.Value) bool {
	if v.Kind() != doc.Object {
		return v.Kind() == doc.Null
	}
	for it := v.Items(); it.Next(); {
		if hasNull(it.Value()) {
			return true
		}
	}
	return false
}

// notComparable reports whether an error says that values cannot be compared.
func notComparable(err error) bool { return errors.Is(err, errNotText) }
