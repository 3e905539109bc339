package schema

import (
	"encoding/json"
	"errors"
	"fmt"

	"kvd/engine/doc"
)

// maxNumber is how long a number in a schema may be, and maxScale how far its
// exponent may go: the compiler writes numbers out.
const (
	maxNumber = 400
	maxScale  = 400
)

var (
	errTextLength = fmt.Errorf("schema is larger than %d bytes", MaxText)
	errNumber     = errors.New("a number in the schema is beyond all bounds")
)

// parse reads the text of a schema and refuses what would be a burden to the
// compiler.
func parse(text []byte) (doc.Value, error) {
	if len(text) > MaxText {
		return nil, errTextLength
	}
	v, err := doc.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("invalid JSON: %w", err)
	}
	return v, screen(v)
}

func screen(v doc.Value) error {
	if v.Kind() == doc.Number {
		_, exp, ok := split(v.Text())
		if !ok || len(v) > maxNumber || exp > maxScale || exp < -maxScale {
			return errNumber
		}
		return nil
	}
	for it := v.Items(); it.Next(); {
		if err := screen(it.Value()); err != nil {
			return err
		}
	}
	return nil
}

// unpack turns a value into what the compiler reads.
func unpack(v doc.Value) any {
	switch v.Kind() {
	case doc.False, doc.True:
		return v.Kind() == doc.True
	case doc.Number:
		return json.Number(v.Text())
	case doc.String:
		return string(v.Text())
	case doc.Array:
		list := make([]any, 0, v.Len())
		for it := v.Items(); it.Next(); {
			list = append(list, unpack(it.Value()))
		}
		return list
	case doc.Object:
		object := make(map[string]any, v.Len())
		for it := v.Items(); it.Next(); {
			object[string(it.Name())] = unpack(it.Value())
		}
		return object
	}
	return nil
}
