package schema

import "kvd/engine/doc"

// wrappers are the classes that kajson, a Python library for JSON, wraps, and the
// member that holds the value.
func wrapped(class []byte) (member string) {
	switch string(class) {
	case "datetime":
		return "datetime"
	case "date":
		return "date"
	case "time":
		return "time"
	case "timedelta":
		return "seconds"
	case "Decimal":
		return "value"
	case "UUID":
		return "value"
	}
	return ""
}

// Unwrap returns what a value of kajson stands for: a datetime as a date-time of
// RFC 3339, a date or time as it is, a timedelta as its seconds. Other values are
// returned as they are. The result may lie in new memory.
func Unwrap(v doc.Value) doc.Value {
	if v.Kind() != doc.Object {
		return v
	}
	class := v.Member([]byte("__class__"))
	if class.Kind() != doc.String {
		return v
	}
	member := wrapped(class.Text())
	if member == "" {
		return v
	}
	inner := v.Member([]byte(member))
	switch inner.Kind() {
	case doc.String, doc.Number:
	default:
		return v
	}
	if member == "datetime" {
		return standardTime(inner, v.Member([]byte("tzinfo")))
	}
	return inner
}

// standardTime writes Python's "2026-11-22 10:00:00.000000" as a date-time. Zones
// that are not UTC have names, whose rules nobody here knows: such a time counts as
// it is written. One without a zone counts as UTC.
func standardTime(v, _ doc.Value) doc.Value {
	const date = len("2026-11-22")
	text := append([]byte(nil), v.Text()...)
	if len(text) <= date || isDateTime(text) {
		return v
	}
	if text[date] == ' ' {
		text[date] = 'T'
	}
	if !isDateTime(text) {
		text = append(text, 'Z')
	}
	if !isDateTime(text) {
		return v
	}
	return doc.AppendString(nil, text)
}

// unwrap is Unwrap where the schema does not ask for an object.
func (c *checker) unwrap(n *node, v doc.Value) doc.Value {
	if v.Kind() != doc.Object || n.types&typeObject != 0 || n.object != nil {
		return v
	}
	return Unwrap(v)
}

// UnwrapAll returns a document with Unwrap done to every value in it. It is the
// document itself if nothing is wrapped.
func UnwrapAll(v doc.Value) doc.Value {
	if !v.IsContainer() {
		return v
	}
	if plain := Unwrap(v); !same(plain, v) {
		return plain
	}
	changed := false
	b := doc.NewBuilder(make([]byte, 0, len(v)))
	if v.Kind() == doc.Object {
		b.BeginObject()
	} else {
		b.BeginArray()
	}
	for it := v.Items(); it.Next(); {
		plain := UnwrapAll(it.Value())
		changed = changed || !same(plain, it.Value())
		if it.Name() != nil {
			b.Name(string(it.Name()))
		}
		b.Value(plain)
	}
	if !changed {
		return v
	}
	b.End()
	return doc.Value(b.Bytes())
}
