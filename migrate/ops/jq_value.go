package ops

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"kvd/engine/doc"
)

// plain returns a document as gojq wants it. Numbers keep their text.
func plain(v doc.Value) any {
	switch v.Kind() {
	case doc.False:
		return false
	case doc.True:
		return true
	case doc.Number:
		return json.Number(v.Text())
	case doc.String:
		return string(v.Text())
	case doc.Array:
		list := make([]any, 0, v.Len())
		for it := v.Items(); it.Next(); {
			list = append(list, plain(it.Value()))
		}
		return list
	case doc.Object:
		object := make(map[string]any, v.Len())
		for it := v.Items(); it.Next(); {
			object[string(it.Name())] = plain(it.Value())
		}
		return object
	}
	return nil
}

// appendPlain adds a result of gojq as a document. like is what stood at its place
// before: members that it has come first and in its order, those that are new
// after them, by name.
func appendPlain(dst []byte, v any, like doc.Value, depth int) ([]byte, error) {
	if depth >= doc.DefaultDepth {
		return dst, doc.ErrDepth
	}
	switch v := v.(type) {
	case nil:
		return doc.AppendNull(dst), nil
	case bool:
		return doc.AppendBool(dst, v), nil
	case string:
		return doc.AppendString(dst, strings.ToValidUTF8(v, "\uFFFD")), nil
	case int:
		return appendNumber(dst, strconv.Itoa(v), like), nil
	case *big.Int:
		return appendNumber(dst, v.String(), like), nil
	case json.Number:
		return appendNumber(dst, string(v), like), nil
	case float64:
		return appendFloat(dst, v, like)
	case []any:
		return appendList(dst, v, like, depth)
	case map[string]any:
		return appendObject(dst, v, like, depth)
	}
	return dst, fmt.Errorf("the program has a result of type %T", v)
}

// appendNumber adds a number, spelt as it was if it is the same.
func appendNumber(dst []byte, text string, like doc.Value) []byte {
	if like.Kind() == doc.Number && doc.CompareNumbers(like.Text(), []byte(text)) == 0 {
		return append(dst, like...)
	}
	return doc.AppendNumber(dst, text)
}

func appendFloat(dst []byte, f float64, like doc.Value) ([]byte, error) {
	switch {
	case math.IsNaN(f):
		return doc.AppendNull(dst), nil // as jq does
	case math.IsInf(f, 0):
		return dst, doc.ErrOverflow
	case like.Kind() == doc.Number && doc.Float(like.Text()) == f:
		return append(dst, like...), nil
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return doc.AppendNumber(dst, strconv.FormatInt(int64(f), 10)), nil
	}
	return doc.AppendNumber(dst, doc.AppendFloat(nil, f)), nil
}

func appendList(dst []byte, list []any, like doc.Value, depth int) ([]byte, error) {
	b := doc.NewBuilder(nil)
	b.BeginArray()
	before := like.Items()
	known := like.Kind() == doc.Array
	for _, element := range list {
		var was doc.Value
		if known = known && before.Next(); known {
			was = before.Value()
		}
		v, err := appendPlain(nil, element, was, depth+1)
		if err != nil {
			return dst, err
		}
		b.Value(v)
	}
	b.End()
	return append(dst, b.Bytes()...), nil
}

func appendObject(dst []byte, object map[string]any, like doc.Value, depth int) ([]byte, error) {
	b := doc.NewBuilder(nil)
	b.BeginObject()
	for _, name := range ordered(object, like) {
		var was doc.Value
		if like.Kind() == doc.Object {
			was = like.Member([]byte(name))
		}
		v, err := appendPlain(nil, object[name], was, depth+1)
		if err != nil {
			return dst, err
		}
		b.Name(strings.ToValidUTF8(name, "\uFFFD"))
		b.Value(v)
	}
	b.End()
	return append(dst, b.Bytes()...), nil
}

// ordered returns the names of an object, those first that it had before.
func ordered(object map[string]any, like doc.Value) []string {
	names := make([]string, 0, len(object))
	if like.Kind() == doc.Object {
		for it := like.Items(); it.Next(); {
			if _, ok := object[string(it.Name())]; ok {
				names = append(names, string(it.Name()))
			}
		}
	}
	kept := len(names)
	seen := make(map[string]bool, kept)
	for _, name := range names {
		seen[name] = true
	}
	for name := range object {
		if !seen[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names[kept:])
	return names
}
