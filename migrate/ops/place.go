package ops

import (
	"kvd/engine/doc"
)

// fill puts a value where there is none: the operation default.
type fill struct {
	at    target
	value doc.Value
}

func (*fill) name() string    { return "default" }
func (*fill) inverse() action { return nil } // who had the member before is not known

func (o *fill) apply(e *Env, root doc.Value) (doc.Value, error) {
	return o.at.each(e, root, func(v doc.Value) (doc.Value, error) {
		if len(get(v, o.at.names)) > 0 {
			return v, nil
		}
		v, _ = put(v, o.at.names, o.value)
		return v, nil
	})
}

// set puts a value whatever was there.
type set struct {
	at    target
	value doc.Value
}

func (*set) name() string    { return "set" }
func (*set) inverse() action { return nil }

func (o *set) apply(e *Env, root doc.Value) (doc.Value, error) {
	return o.at.each(e, root, func(v doc.Value) (doc.Value, error) {
		v, _ = put(v, o.at.names, o.value)
		return v, nil
	})
}

// merge applies a merge patch (RFC 7396).
type merge struct {
	at    target
	value doc.Value
}

func (*merge) name() string    { return "merge" }
func (*merge) inverse() action { return nil }

func (o *merge) apply(e *Env, root doc.Value) (doc.Value, error) {
	return o.at.each(e, root, func(v doc.Value) (doc.Value, error) {
		v, _ = put(v, o.at.names, doc.AppendMerged(nil, get(v, o.at.names), o.value))
		return v, nil
	})
}

// remove takes values away.
type remove struct{ at target }

func (*remove) name() string    { return "remove" }
func (*remove) inverse() action { return nil }

func (o *remove) apply(e *Env, root doc.Value) (doc.Value, error) {
	if len(o.at.names) > 0 {
		return o.at.each(e, root, func(v doc.Value) (doc.Value, error) { return drop(v, o.at.names), nil })
	}
	places, err := e.eval.FindDistinct(o.at.base, root)
	if err != nil || len(places) == 0 {
		return root, err
	}
	out, _, err := e.editor.Rewrite(nil, root, append([]int(nil), places...), doc.Edit{
		Apply: func(dst []byte, _ int, _ doc.Value) ([]byte, doc.Outcome, error) { return dst, doc.Removed, nil },
		Inner: doc.OuterOnly,
	})
	if err == nil && len(out) == 0 {
		return nil, fault(Invalid, "the whole document would be removed")
	}
	return out, err
}

// rename gives a member another name, in its place.
type rename struct {
	at    target
	to    []byte
	clash clash
}

func (*rename) name() string { return "rename" }

func (o *rename) inverse() action {
	if o.clash != clashFails {
		return nil
	}
	return &rename{at: o.at.sibling(o.to), to: o.at.last()}
}

func (o *rename) apply(e *Env, root doc.Value) (doc.Value, error) {
	name := o.at.last()
	return o.at.within(e, root, func(object doc.Value) (doc.Value, error) {
		v := object.Member(name)
		if len(v) == 0 {
			return object, nil
		}
		if stop, err := o.clash.meets(object.Member(o.to), o.to); stop {
			return object, err
		}
		return replaceMember(object, name, []member{{o.to, v}}), nil
	})
}

// clash says what is done where something is to be put and something is there.
type clash uint8

const (
	clashFails clash = iota
	clashKeeps
	clashOverwrites
)

// meets looks at what is there. It says whether the operation ends, and how.
func (c clash) meets(there doc.Value, name []byte) (stop bool, err error) {
	switch {
	case len(there) == 0 || c == clashOverwrites:
		return false, nil
	case c == clashKeeps:
		return true, nil
	}
	return true, fault(Clash, "'%s' is there already", name)
}

// move takes a value to another place below the same base; copies leaves it where
// it was too.
type move struct {
	from, to target
	clash    clash
	copies   bool
}

func (o *move) name() string {
	if o.copies {
		return "copy"
	}
	return "move"
}

func (o *move) inverse() action {
	switch {
	case o.clash != clashFails || len(o.to.names) > 1:
		return nil // objects may have been made on the way, which is not known then
	case o.copies:
		return &remove{o.to}
	}
	return &move{from: o.to, to: o.from}
}

func (o *move) apply(e *Env, root doc.Value) (doc.Value, error) {
	return o.from.each(e, root, func(v doc.Value) (doc.Value, error) {
		what := get(v, o.from.names)
		if len(what) == 0 {
			return v, nil
		}
		if stop, err := o.clash.meets(get(v, o.to.names), o.to.last()); stop {
			return v, err
		}
		now := v
		if !o.copies {
			now = drop(now, o.from.names)
		}
		now, ok := put(now, o.to.names, what)
		if !ok {
			return v, fault(Clash, "'%s' has no object to lie in", o.to.text)
		}
		return now, nil
	})
}
