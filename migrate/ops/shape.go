package ops

import (
	"bytes"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// split divides a string into several members, in its place.
type split struct {
	at target
	by []byte
	to [][]byte
}

func (*split) name() string    { return "split" }
func (*split) inverse() action { return nil } // a string with fewer parts comes back longer

func (o *split) apply(e *Env, root doc.Value) (doc.Value, error) {
	name := o.at.last()
	return o.at.within(e, root, func(object doc.Value) (doc.Value, error) {
		v := object.Member(name)
		switch {
		case len(v) == 0 || v.Kind() == doc.Null:
			return object, nil
		case v.Kind() != doc.String:
			return nil, fault(Invalid, "'%s' is no string", name)
		}
		parts := bytes.SplitN(v.Text(), o.by, len(o.to))
		members := make([]member, len(o.to))
		for i, to := range o.to {
			if there := object.Member(to); len(there) > 0 && !bytes.Equal(to, name) {
				return nil, fault(Clash, "'%s' is there already", to)
			}
			var part []byte
			if i < len(parts) {
				part = parts[i]
			}
			members[i] = member{to, doc.AppendString(nil, part)}
		}
		return replaceMember(object, name, members), nil
	})
}

// join makes one string of several members, in the place of the first.
type join struct {
	from []target // all below one base
	by   []byte
	to   target
}

func (*join) name() string    { return "join" }
func (*join) inverse() action { return nil }

func (o *join) apply(e *Env, root doc.Value) (doc.Value, error) {
	return o.to.each(e, root, func(v doc.Value) (doc.Value, error) {
		var parts [][]byte
		for i := range o.from {
			part := get(v, o.from[i].names)
			switch part.Kind() {
			case doc.Absent, doc.Null:
			case doc.String, doc.Number:
				parts = append(parts, bytes.Clone(part.Text()))
			default:
				return nil, fault(Invalid, "'%s' is neither a string nor a number", o.from[i].text)
			}
		}
		if len(parts) == 0 {
			return v, nil
		}
		for i := range o.from {
			v = drop(v, o.from[i].names)
		}
		if there := get(v, o.to.names); len(there) > 0 {
			return nil, fault(Clash, "'%s' is there already", o.to.last())
		}
		now, ok := put(v, o.to.names, doc.AppendString(nil, bytes.Join(parts, o.by)))
		if !ok {
			return nil, fault(Clash, "'%s' has no object to lie in", o.to.text)
		}
		return now, nil
	})
}

// wrap puts values into arrays, or into objects under a name.
type wrap struct {
	path *path.Path
	as   []byte // nil: an array
}

func (*wrap) name() string      { return "wrap" }
func (o *wrap) inverse() action { return &unwrap{path: o.path, as: o.as, strict: true} }

func (o *wrap) apply(e *Env, root doc.Value) (doc.Value, error) {
	return e.each(root, o.path, func(v doc.Value) (doc.Value, error) {
		if o.as != nil {
			return doc.AppendNested(nil, [][]byte{o.as}, v), nil
		}
		return array(v), nil
	})
}

func array(v doc.Value) doc.Value {
	b := doc.NewBuilder(nil)
	b.BeginArray()
	b.Value(v)
	b.End()
	return b.Bytes()
}

// unwrap puts the only element or member of containers in their place. As the
// inverse of wrap it is strict about what was wrapped how.
type unwrap struct {
	path   *path.Path
	as     []byte
	strict bool
}

func (*unwrap) name() string { return "unwrap" }

func (o *unwrap) inverse() action {
	if !o.strict {
		return nil
	}
	return &wrap{o.path, o.as}
}

func (o *unwrap) apply(e *Env, root doc.Value) (doc.Value, error) {
	return e.each(root, o.path, func(v doc.Value) (doc.Value, error) {
		if !v.IsContainer() {
			if o.strict {
				return nil, fault(Invalid, "a value is not wrapped")
			}
			return v, nil
		}
		if v.Len() != 1 {
			return nil, fault(Invalid, "a container has %d elements and not one", v.Len())
		}
		it := v.Items()
		it.Next()
		if o.strict && (o.as == nil) != (v.Kind() == doc.Array) || o.as != nil && !bytes.Equal(it.Name(), o.as) {
			return nil, fault(Invalid, "a value is wrapped in another way")
		}
		return it.Value(), nil
	})
}

// each applies operations to the elements of arrays, or to values themselves
// where they are no arrays.
type each struct {
	path *path.Path
	do   List
}

func (*each) name() string { return "each" }

func (o *each) inverse() action {
	do, ok := o.do.Inverse()
	if !ok {
		return nil
	}
	return &each{o.path, do}
}

func (o *each) apply(e *Env, root doc.Value) (doc.Value, error) {
	inner := Env{Limits: e.Limits} // the scratch of e is in use
	return e.each(root, o.path, func(v doc.Value) (doc.Value, error) {
		if v.Kind() != doc.Array {
			return o.do.Apply(&inner, v)
		}
		b := doc.NewBuilder(nil)
		b.BeginArray()
		for it := v.Items(); it.Next(); {
			element, err := o.do.Apply(&inner, it.Value())
			if err != nil {
				return nil, err
			}
			b.Value(element)
		}
		b.End()
		return b.Bytes(), nil
	})
}

// assert changes nothing and fails where an expression is not true.
type assert struct {
	expr    *path.Expression
	message string
}

func (*assert) name() string      { return "assert" }
func (o *assert) inverse() action { return &nothing{} }

func (o *assert) apply(e *Env, root doc.Value) (doc.Value, error) {
	holds, err := e.eval.Test(o.expr, &path.Document{Root: root})
	if err == nil && !holds {
		err = fault(Invalid, "%s", o.message)
	}
	return root, err
}

// nothing is the inverse of an operation that changes nothing.
type nothing struct{}

func (*nothing) name() string    { return "assert" }
func (*nothing) inverse() action { return &nothing{} }

func (*nothing) apply(_ *Env, root doc.Value) (doc.Value, error) { return root, nil }
