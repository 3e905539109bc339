package ops

import (
	"bytes"
	"time"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// onError says what becomes of a value that has no counterpart.
type onError uint8

const (
	errorFails onError = iota
	errorNull
	errorKeeps
)

// settle is what becomes of v.
func (o onError) settle(v doc.Value, err error) (doc.Value, error) {
	switch {
	case err == nil || o == errorKeeps:
		return v, nil
	case o == errorNull:
		return doc.AppendNull(nil), nil
	}
	return nil, err
}

// table replaces strings by others: the operation map. Values that are no strings
// are looked up by their JSON text.
type table struct {
	path   *path.Path
	values map[string]doc.Value
	other  onError
}

func (*table) name() string { return "map" }

// inverse exists where every value that can come out says what went in.
func (o *table) inverse() action {
	back := make(map[string]doc.Value, len(o.values))
	for from, to := range o.values {
		if to.Kind() != doc.String {
			return nil
		}
		if o.other != errorFails && len(o.values[string(to.Text())]) == 0 {
			return nil // the same may have been there before
		}
		if _, twice := back[string(to.Text())]; twice || o.other == errorNull {
			return nil
		}
		back[string(to.Text())] = doc.AppendString(nil, from)
	}
	return &table{o.path, back, o.other}
}

func (o *table) apply(e *Env, root doc.Value) (doc.Value, error) {
	return e.each(root, o.path, func(v doc.Value) (doc.Value, error) {
		key := v.Text()
		if v.Kind() != doc.String {
			key = doc.AppendText(nil, v)
		}
		if to, ok := o.values[string(key)]; ok {
			return to, nil
		}
		return o.other.settle(v, fault(Invalid, "%.64s is not in the table", doc.AppendText(nil, v)))
	})
}

// cast turns values into another type.
type cast struct {
	path *path.Path
	to   string
	from string // the type that all of them have; empty: any
	bad  onError
}

func (*cast) name() string { return "cast" }

// inverse exists where the type that was cast is known and the other one says
// everything that it can.
func (o *cast) inverse() action {
	if o.bad != errorFails {
		return nil
	}
	switch o.from + " " + o.to {
	case "number string", "integer string", "integer decimal", "number decimal", "boolean string":
		return &cast{path: o.path, from: o.to, to: o.from}
	}
	return nil
}

func (o *cast) apply(e *Env, root doc.Value) (doc.Value, error) {
	return e.each(root, o.path, func(v doc.Value) (doc.Value, error) {
		if o.from != "" && !isA(v, o.from) {
			return o.bad.settle(v, fault(Invalid, "%.64s is no %s", doc.AppendText(nil, v), o.from))
		}
		if now := convert(v, o.to); len(now) > 0 {
			return now, nil
		}
		return o.bad.settle(v, fault(Invalid, "%.64s can't become %s", doc.AppendText(nil, v), o.to))
	})
}

// isA reports whether a value has the type that a cast names.
func isA(v doc.Value, kind string) bool {
	switch kind {
	case "string", "date-time":
		return v.Kind() == doc.String
	case "decimal":
		return v.Kind() == doc.String && doc.IsNumber(v.Text())
	case "number":
		return v.Kind() == doc.Number
	case "integer":
		return v.Kind() == doc.Number && doc.IsInteger(v.Text())
	case "boolean":
		return v.Kind() == doc.True || v.Kind() == doc.False
	}
	return v.Kind() == doc.Array
}

// convert turns a value into a type; it returns nothing where that is not possible.
func convert(v doc.Value, to string) doc.Value {
	switch to {
	case "string":
		return toString(v)
	case "number":
		return toNumber(v)
	case "integer":
		return toInteger(v)
	case "boolean":
		return toBoolean(v)
	case "decimal":
		return toDecimal(v)
	case "date-time":
		return toTime(v)
	}
	return toArray(v)
}

func toString(v doc.Value) doc.Value {
	switch v.Kind() {
	case doc.String:
		return v
	case doc.Number:
		return doc.AppendString(nil, v.Text())
	case doc.True, doc.False:
		return doc.AppendString(nil, doc.AppendText(nil, v))
	}
	return nil
}

func toNumber(v doc.Value) doc.Value {
	switch {
	case v.Kind() == doc.Number:
		return v
	case v.Kind() == doc.String && doc.IsNumber(v.Text()):
		return doc.AppendNumber(nil, v.Text())
	}
	return nil
}

// toInteger takes numbers that are whole, with or without zeros behind a point.
func toInteger(v doc.Value) doc.Value {
	n := toNumber(v)
	if len(n) == 0 || doc.IsInteger(n.Text()) {
		return n
	}
	whole, fraction, ok := bytes.Cut(n.Text(), []byte{'.'})
	if !ok || len(bytes.Trim(fraction, "0")) > 0 {
		return nil
	}
	return doc.AppendNumber(nil, whole)
}

func toBoolean(v doc.Value) doc.Value {
	switch v.Kind() {
	case doc.True, doc.False:
		return v
	case doc.String, doc.Number:
		switch string(v.Text()) {
		case "true", "1":
			return doc.AppendBool(nil, true)
		case "false", "0":
			return doc.AppendBool(nil, false)
		}
	}
	return nil
}

func toDecimal(v doc.Value) doc.Value {
	if n := toNumber(v); len(n) > 0 {
		return doc.AppendString(nil, n.Text())
	}
	return nil
}

// toTime takes RFC 3339, and unix milliseconds.
func toTime(v doc.Value) doc.Value {
	switch v.Kind() {
	case doc.String:
		if _, err := time.Parse(time.RFC3339Nano, string(v.Text())); err == nil {
			return v
		}
	case doc.Number:
		if ms, ok := doc.Int(v.Text()); ok && ms >= -62135596800000 && ms <= 253402300799999 { // years 1 to 9999
			return doc.AppendString(nil, time.UnixMilli(ms).UTC().Format(time.RFC3339Nano))
		}
	}
	return nil
}

func toArray(v doc.Value) doc.Value {
	if v.Kind() == doc.Array {
		return v
	}
	return array(v)
}
