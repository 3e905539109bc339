// Package query finds and counts documents: it encodes typed values so that
// their bytes have the order of the values, keeps indexes of them, chooses an
// index for a query, and aggregates what was found.
//
// Invariants: an index has the entries of a document exactly as Index.Entries
// makes them from it, so that it equals a full scan; the documents that a Plan
// names are all that can match, and every one of them is tested by Query.Match,
// so that an index changes how long a query takes and never what it finds.
//
// The package knows no keys, locks or time; package engine calls it.
package query

import (
	"errors"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// ErrText says that a value of a client is neither JSON nor text in UTF-8.
var ErrText = errors.New("value is not valid UTF-8")

// Direction is one of the two ways through an order.
type Direction uint8

// The directions.
const (
	Ascending Direction = iota
	Descending
)

// Term is a path of documents, or a function about them, and how its values
// compare.
type Term struct {
	*path.Expression
	// Name is the canonical text of the path.
	Name string
	Type Type
}

// NewTerm compiles a path or a function like created_at(). The type is
// UntypedValues until someone sets it.
func NewTerm(text []byte) (Term, error) {
	x, err := path.CompileTerm(text)
	if err != nil {
		return Term{}, err
	}
	return Term{Expression: x, Name: x.Canonical()}, nil
}

// AppendValue adds a value as a client writes it: JSON, and text that is not JSON
// as a string. It fails with ErrText.
func AppendValue(dst []byte, p *doc.Parser, text []byte) ([]byte, error) {
	if v, err := p.Append(dst, text); err == nil {
		return v, nil
	}
	if !validUTF8(text) {
		return dst, ErrText
	}
	return doc.AppendString(dst, text), nil
}
