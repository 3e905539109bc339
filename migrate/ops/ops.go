// Package ops has the operations that a migration is made of: small changes of a
// JSON document that can be listed, compared, tried and, many of them, inverted.
//
// A list of operations is compiled once and applied to any number of documents.
// It is pure: it reads nothing but the document and writes nothing at all. An
// operation that fails leaves the document as it was, and with it the whole list.
//
// Paths that end in names have two parts: the base, which may name any number of
// places, and the plain names below each of them. `$.users[*].address.city` is
// the base `$.users[*]` and the names address and city. Members that are missing
// on the way to a name are made where something is put there, and mean that there
// is nothing to do where something is taken away.
package ops

import (
	"errors"
	"fmt"
	"strconv"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// List is a compiled list of operations, in their order.
type List []Op

// Op is one compiled operation.
type Op struct {
	// Name is what the operation is called in a migration.
	Name string
	// Index is set for an operation that is about an index of the collection and
	// not about its documents.
	Index *Index

	where string
	act   action
}

// action is what an operation does.
type action interface {
	// apply returns what becomes of a document: v itself if nothing changes.
	apply(e *Env, v doc.Value) (doc.Value, error)
	// inverse returns what takes the operation back by rule, for every document
	// to which it was applied without an error; nil: no rule does.
	inverse() action
	// name is the name of the operation.
	name() string
}

// Kind says why an operation was not applied to a document.
type Kind uint8

// The kinds of faults.
const (
	// Invalid is a document that the operation can't work with.
	Invalid Kind = iota
	// Clash is a member that is there already.
	Clash
	// Timeout is an operation that took too long.
	Timeout
	// Limit is one that needed too much memory, steps or nesting.
	Limit
)

// Error says why an operation was not applied to a document.
type Error struct {
	Kind Kind
	// Where is the operation, such as "up[0].rename".
	Where string
	Why   string
}

// Error returns the reason with its operation.
func (e *Error) Error() string { return e.Where + ": " + e.Why }

func fault(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Why: fmt.Sprintf(format, args...)}
}

// Env is what the application of operations needs beside the document. It is used
// by one goroutine at a time. The zero Env is ready.
type Env struct {
	Limits doc.Limits

	eval   path.Evaluator
	editor doc.Editor
}

// Apply returns what the list makes of a document, v itself if that is nothing
// else. It fails with an *Error.
func (l List) Apply(e *Env, v doc.Value) (doc.Value, error) {
	e.eval.Reset(0)
	for i := range l {
		if l[i].act == nil {
			continue
		}
		next, err := l[i].act.apply(e, v)
		if err != nil {
			return nil, l[i].explain(err)
		}
		v = next
	}
	if err := e.fits(v); err != nil {
		last := Op{where: "result"}
		return nil, last.explain(err)
	}
	return v, nil
}

// fits checks what came out against the limits of a document.
func (e *Env) fits(v doc.Value) error {
	depth, size := e.Limits.Depth, e.Limits.Bytes
	if depth == 0 {
		depth = doc.DefaultDepth
	}
	if size == 0 {
		size = doc.DefaultBytes
	}
	switch {
	case len(v) > size:
		return doc.ErrTooLarge
	case v.Depth() >= depth:
		return doc.ErrDepth
	}
	return nil
}

// explain names the operation in an error.
func (o *Op) explain(err error) error {
	if f, ok := err.(*Error); ok { //nolint:errorlint // the actions return it as it is
		where := o.where
		if f.Where != "" {
			where += "." + f.Where
		}
		return &Error{f.Kind, where, f.Why}
	}
	kind := Invalid
	if errors.Is(err, path.ErrSteps) || errors.Is(err, doc.ErrDepth) || errors.Is(err, doc.ErrTooLarge) {
		kind = Limit
	}
	return &Error{kind, o.where, err.Error()}
}

// Inverse returns the list that takes this one back, for every document to which
// it was applied. It is false if that follows from no rule.
func (l List) Inverse() (List, bool) {
	inverse := make(List, 0, len(l))
	for i := len(l) - 1; i >= 0; i-- {
		o := l[i]
		if o.Index != nil {
			back := o.Index.flipped()
			inverse = append(inverse, Op{Name: o.Name, Index: back, where: o.where + " (inverse)"})
			continue
		}
		act := o.act.inverse()
		if act == nil {
			return nil, false
		}
		inverse = append(inverse, Op{Name: act.name(), where: o.where + " (inverse)", act: act})
	}
	return inverse, true
}

// Without says which operations have no inverse by rule.
func (l List) Without() (names []string) {
	for i := range l {
		if l[i].Index == nil && l[i].act.inverse() == nil {
			names = append(names, l[i].where)
		}
	}
	return names
}

// Destroys says which operations take data away.
func (l List) Destroys() (names []string) {
	for i := range l {
		switch l[i].act.(type) {
		case *remove, *jq:
			names = append(names, l[i].where)
		}
	}
	return names
}

func place(list string, i int, name string) string {
	return list + "[" + strconv.Itoa(i) + "]." + name
}
