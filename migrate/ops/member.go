package ops

import (
	"bytes"
	"errors"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// target is a path, divided into base and names.
type target struct {
	text  string
	base  *path.Path
	under string // the text of base
	names [][]byte
}

// parseTarget reads a path.
func parseTarget(text string) (target, error) {
	text = strings.TrimSpace(text)
	whole, err := path.Compile([]byte(text), path.RFC9535)
	if err != nil {
		return target{}, err
	}
	t := target{text: text, base: whole, under: text}
	for cut := 1; cut < len(text); cut++ {
		if text[cut] != '.' && text[cut] != '[' {
			continue
		}
		base, err := path.Compile([]byte(text[:cut]), path.RFC9535)
		if err != nil {
			continue
		}
		if names, ok := plainNames("$" + text[cut:]); ok {
			t.base, t.under, t.names = base, text[:cut], names
			break
		}
	}
	return t, nil
}

// plainNames returns the names of a path that has nothing else.
func plainNames(text string) ([][]byte, bool) {
	p, err := path.Compile([]byte(text), path.RFC9535)
	if err != nil {
		return nil, false
	}
	var names [][]byte
	for !p.IsRoot() {
		parent, name, ok := p.Parent()
		if !ok {
			return nil, false
		}
		names = append([][]byte{bytes.Clone(name)}, names...)
		p = parent
	}
	return names, true
}

var errNoName = errors.New("the path must end with the name of a member")

// parseMember reads a path that ends with a name.
func parseMember(text string) (target, error) {
	t, err := parseTarget(text)
	if err == nil && len(t.names) == 0 {
		err = errNoName
	}
	return t, err
}

// last is the name at the end.
func (t *target) last() []byte { return t.names[len(t.names)-1] }

// sibling is the same path with another name at the end.
func (t *target) sibling(name []byte) target {
	s := *t
	s.names = append(append([][]byte{}, t.names[:len(t.names)-1]...), name)
	s.text = s.under
	for _, n := range s.names {
		s.text += "['" + string(n) + "']"
	}
	return s
}

// each replaces every value at the base by what fn makes of it.
func (t *target) each(e *Env, root doc.Value, fn func(doc.Value) (doc.Value, error)) (doc.Value, error) {
	return e.each(root, t.base, fn)
}

// each replaces every value that a path names by what fn makes of it, the inner
// ones first.
func (e *Env) each(root doc.Value, p *path.Path, fn func(doc.Value) (doc.Value, error)) (doc.Value, error) {
	places, err := e.eval.FindDistinct(p, root)
	if err != nil || len(places) == 0 {
		return root, err
	}
	out, changed, err := e.editor.Rewrite(nil, root, append([]int(nil), places...), doc.Edit{
		Apply: func(dst []byte, _ int, v doc.Value) ([]byte, doc.Outcome, error) {
			v = append(doc.Value(nil), v...) // dst may be the same memory
			now, err := fn(v)
			switch {
			case err != nil:
				return dst, doc.Kept, err
			case bytes.Equal(now, v):
				return dst, doc.Kept, nil
			}
			return append(dst, now...), doc.Changed, nil
		},
	})
	if err != nil || changed == 0 {
		return root, err
	}
	return out, nil
}

// get returns the value at names below v, or none.
func get(v doc.Value, names [][]byte) doc.Value {
	for _, name := range names {
		if v.Kind() != doc.Object {
			return nil
		}
		v = v.Member(name)
	}
	return v
}

// put returns v with what at names, and false if something on the way is no
// object.
func put(v doc.Value, names [][]byte, what doc.Value) (doc.Value, bool) {
	if len(names) == 0 {
		return what, true
	}
	if v.Kind() != doc.Object {
		return v, false
	}
	old := v.Member(names[0])
	inner := what
	switch {
	case len(old) == 0:
		inner = doc.AppendNested(nil, names[1:], what)
	case len(names) > 1:
		var ok bool
		if inner, ok = put(old, names[1:], what); !ok {
			return v, false
		}
	}
	return doc.AppendWithMember(nil, v, names[0], inner), true
}

// drop returns v without what is at names, of which there is at least one.
func drop(v doc.Value, names [][]byte) doc.Value {
	if v.Kind() != doc.Object {
		return v
	}
	b := doc.NewBuilder(nil)
	b.BeginObject()
	found := false
	for it := v.Items(); it.Next(); {
		if !bytes.Equal(it.Name(), names[0]) {
			b.Name(string(it.Name()))
			b.Value(it.Value())
			continue
		}
		found = true
		if len(names) > 1 {
			b.Name(string(it.Name()))
			b.Value(drop(it.Value(), names[1:]))
		}
	}
	b.End()
	if !found {
		return v
	}
	return b.Bytes()
}

// replaceMember returns an object in which the member with the name is replaced by
// others, in its place. Members elsewhere that have one of their names are left out.
func replaceMember(v doc.Value, name []byte, members []member) doc.Value {
	b := doc.NewBuilder(nil)
	b.BeginObject()
	for it := v.Items(); it.Next(); {
		if bytes.Equal(it.Name(), name) {
			for _, m := range members {
				b.Name(string(m.name))
				b.Value(m.value)
			}
			continue
		}
		if !hasMember(members, it.Name()) {
			b.Name(string(it.Name()))
			b.Value(it.Value())
		}
	}
	b.End()
	return b.Bytes()
}

type member struct {
	name  []byte
	value doc.Value
}

func hasMember(members []member, name []byte) bool {
	for _, m := range members {
		if bytes.Equal(m.name, name) {
			return true
		}
	}
	return false
}

// within replaces the object that holds the last name by what fn makes of it; what
// has no such object stays.
func (t *target) within(e *Env, root doc.Value, fn func(object doc.Value) (doc.Value, error)) (doc.Value, error) {
	way := t.names[:len(t.names)-1]
	return t.each(e, root, func(v doc.Value) (doc.Value, error) {
		object := get(v, way)
		if object.Kind() != doc.Object {
			return v, nil
		}
		now, err := fn(object)
		if err != nil || bytes.Equal(now, object) {
			return v, err
		}
		v, _ = put(v, way, now) // the way is there
		return v, nil
	})
}
