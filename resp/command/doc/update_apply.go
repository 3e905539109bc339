package doc

import (
	"bytes"
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// updater does the operations of one DOC.UPDATE to one document after another.
type updater struct {
	s   *command.DocumentScratch
	now time.Time
}

// describe is a document as expressions see it.
func describe(coll *engine.DocCollection, key []byte, d *engine.Document) *path.Document {
	i := d.Info()
	return &path.Document{
		Root: coll.Plain(d.Value()), ID: coll.ID(key), Rev: i.Rev, Version: i.Version,
		Created: i.Created, Changed: i.Changed, Meta: i.Meta,
	}
}

// apply makes the new document, nil if it is what it was; ok is false if WHEN is.
func (o *updateOptions) apply(c *command.Ctx, coll *engine.DocCollection, key []byte, d *engine.Document) (v doc.Value, ok bool, err error) {
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	seen := describe(coll, key, d)
	if !d.Exists() {
		seen.Root = o.upsert
	} else if o.when != nil {
		holds, err := s.Paths.Test(o.when, seen)
		if err != nil || !holds {
			return nil, false, command.DocumentError(err)
		}
	}
	u := updater{s: s, now: c.Now}
	v = d.Value()
	if !d.Exists() {
		v = o.upsert
	}
	for i := range o.changes {
		if v, err = u.do(&o.changes[i], v, seen); err != nil {
			return nil, false, err
		}
		seen.Root = coll.Plain(v)
	}
	if d.Exists() && bytes.Equal(v, d.Value()) {
		return nil, true, nil
	}
	return v, true, nil
}

// put is what is to be written of a document that apply has made.
func (o *updateOptions) put(key []byte, v doc.Value, existed bool) engine.DocumentPut {
	p := engine.DocumentPut{Key: key, Value: v, Expire: engine.NoExpiry, Event: "doc.update", Author: o.note.author}
	if existed {
		p.Expire = engine.Keep
	}
	return p
}

// do returns what one operation makes of a document.
func (u *updater) do(ch *change, v doc.Value, seen *path.Document) (doc.Value, error) {
	u.s.Paths.Reset(0)
	switch ch.name {
	case "PATCH":
		out, err := doc.AppendPatched(nil, v, ch.values[0], doc.Limits{})
		return out, command.DocumentError(err)
	case "MERGE":
		return doc.AppendMerged(nil, v, ch.values[0]), nil
	case "EXPR":
		values, err := u.s.Paths.Evaluate(ch.expr, seen)
		if err != nil {
			return nil, command.DocumentError(err)
		}
		if len(values) == 0 {
			return nil, ch.fail("the expression has no value")
		}
		value := append(doc.Value(nil), values[0]...)
		return u.edit(ch, v, value, func(dst []byte, _ doc.Value) ([]byte, doc.Outcome, error) {
			return append(dst, value...), doc.Changed, nil
		})
	case "RENAME":
		return u.rename(ch, v)
	}
	return u.edit(ch, v, ch.missing(u.now), func(dst []byte, old doc.Value) ([]byte, doc.Outcome, error) {
		return ch.apply(u, dst, old)
	})
}

// edit applies fn to all places that the path of a change names. If there are none
// it makes one with the value missing, unless that is nil.
func (u *updater) edit(ch *change, v, missing doc.Value, fn func(dst []byte, old doc.Value) ([]byte, doc.Outcome, error)) (doc.Value, error) {
	places, err := u.s.Paths.FindDistinct(ch.path, v)
	if err != nil {
		return nil, command.DocumentError(err)
	}
	if len(places) == 0 {
		if missing == nil {
			return v, nil
		}
		return u.create(ch, v, missing)
	}
	u.s.Places = append(u.s.Places[:0], places...)
	out, _, err := u.s.Editor.Rewrite(nil, v, u.s.Places, doc.Edit{
		Inner: doc.OuterOnly, Nests: ch.nests(missing),
		Apply: func(dst []byte, _ int, old doc.Value) ([]byte, doc.Outcome, error) { return fn(dst, old) },
	})
	if err == nil && len(out) == 0 {
		return nil, ch.fail("the document itself can't be removed")
	}
	return out, command.DocumentError(err)
}

// create makes the place that a path names, with its parents.
func (u *updater) create(ch *change, v, value doc.Value) (doc.Value, error) {
	place, names, ok := ch.path.Missing(v)
	if !ok {
		return nil, ch.fail("nothing is there, and nothing can be made")
	}
	nested := doc.AppendNested(nil, names[1:], value)
	out, _, err := u.s.Editor.Rewrite(nil, v, []int{place}, doc.Edit{
		Nests: doc.Value(nested).Depth() + 1,
		Apply: func(dst []byte, _ int, old doc.Value) ([]byte, doc.Outcome, error) {
			return doc.AppendWithMember(dst, old, names[0], nested), doc.Changed, nil
		},
	})
	return out, command.DocumentError(err)
}

// rename gives the members that the path names another name, in their places; one
// that has it already is replaced.
func (u *updater) rename(ch *change, v doc.Value) (doc.Value, error) {
	parent, from, ok := ch.path.Parent()
	if !ok {
		return nil, ch.fail("the path does not end with a name")
	}
	places, err := u.s.Paths.FindDistinct(parent, v)
	if err != nil {
		return nil, command.DocumentError(err)
	}
	to := ch.values[0].Text()
	out, _, err := u.s.Editor.Rewrite(nil, v, append([]int(nil), places...), doc.Edit{
		Apply: func(dst []byte, _ int, old doc.Value) ([]byte, doc.Outcome, error) {
			if old.Member(from) == nil || bytes.Equal(from, to) {
				return dst, doc.Kept, nil
			}
			b := doc.NewBuilder(dst)
			b.BeginObject()
			for it := old.Items(); it.Next(); {
				name := it.Name()
				switch {
				case bytes.Equal(name, to):
					continue
				case bytes.Equal(name, from):
					name = to
				}
				b.Name(string(name))
				b.Value(it.Value())
			}
			b.End()
			return b.Bytes(), doc.Changed, nil
		},
	})
	return out, command.DocumentError(err)
}

// fail is the error of an operation that does not fit the document.
func (ch *change) fail(why string) error {
	text := ch.name
	if ch.path != nil {
		text += " " + ch.path.String()
	}
	return rediserr.New(rediserr.OneLine(text + ": " + why))
}
