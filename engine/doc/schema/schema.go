// Package schema checks documents against JSON Schema (2020-12, and the older
// drafts that a schema asks for with $schema), fills in defaults, and tells which
// indexes a schema wants.
//
// The compiler is santhosh-tekuri/jsonschema: it resolves references and checks
// the schema against its meta-schema. What it makes is turned into nodes of this
// package, which look at documents where they lie: no value is unpacked, numbers
// are compared as exact texts, and an array or object is passed over once.
//
// Invariants: a Schema never changes, so any number of goroutines may use it;
// nothing is ever read but from the Resolver; every piece of work is paid for in
// steps before it is done, so that no schema and no document takes for ever.
package schema

import (
	"errors"

	"kvd/engine/doc"
)

const (
	// MaxText is the greatest size of the text of a schema, in bytes.
	MaxText = 64 << 10
	// MaxPattern is the greatest length of a regular expression, in bytes.
	MaxPattern = 1 << 10
	// MaxFaults is how many faults of one document are told.
	MaxFaults = 1000
	// MaxSchemas is how many schemas one may reach by references.
	MaxSchemas = 64

	// baseSteps is the work that a check may take, and stepsPerByte what each byte
	// of the document adds to it. A step is a schema applied to a value.
	baseSteps    = 1_000_000
	stepsPerByte = 2
	// maxNesting is how deeply schemas may be applied within each other. It is far
	// above what documents with their limit of 128 need.
	maxNesting = 4000
)

// ErrSteps says that a check takes more work than is allowed.
var ErrSteps = errors.New("the check against the schema needs too many steps")

// Resolver returns the text of the schema with a name, for $ref to
// kvd:schema/<name>; false if there is none.
type Resolver func(name string) (text []byte, ok bool)

// URL is what $ref writes before the name of a schema.
const URL = "kvd:schema/"

// Schema is a compiled schema.
type Schema struct {
	name    string
	root    *node
	refs    []string // names of the schemas that it reaches
	dynamic bool     // it has references whose target depends on the way there
	indexes []Index
}

// Name returns the name that the schema was compiled with.
func (s *Schema) Name() string { return s.name }

// References returns the names of the other schemas that this one refers to, in
// order.
func (s *Schema) References() []string { return s.refs }

// Fault is one thing that is wrong with a document.
type Fault struct {
	// Pointer is the JSON pointer of the value; empty is the document itself.
	Pointer string
	// Keyword is that of the schema which the value does not satisfy.
	Keyword string
	// Message says what is wrong, without the keyword.
	Message string
	// Schema is where the schema stands that has the keyword: kvd:schema/Task#/properties/id.
	Schema string
}

// Dialect says how documents write values.
type Dialect uint8

const (
	// Plain values mean what JSON says.
	Plain Dialect = iota
	// Kajson takes the objects in which the Python library kajson wraps values,
	// such as {"datetime": …, "__class__": "datetime"}, for the strings in them.
	Kajson
)

// Check returns what is wrong with a document, nothing if it is valid. It fails
// with ErrSteps.
func (s *Schema) Check(v doc.Value, dialect Dialect) ([]Fault, error) {
	c := checker{
		steps: baseSteps + stepsPerByte*len(v), kajson: dialect == Kajson, dynamic: s.dynamic,
		way: make([]step, 0, 8),
	}
	c.check(s.root, v, nil)
	if c.exhausted {
		return nil, ErrSteps
	}
	return c.faults, nil
}
