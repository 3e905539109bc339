package path

import (
	"errors"

	"kvd/engine/doc"
)

// DefaultSteps is the budget of an evaluation that sets no other.
const DefaultSteps = 1_000_000

// ErrSteps says that an evaluation needs more steps than its budget has.
var ErrSteps = errors.New("path needs too many steps")

// ErrComputed says that a computed path was evaluated where places are needed.
var ErrComputed = errors.New("computed/projection expressions are only supported by JSON.GET/JSON.MGET/JSON.RESP")

// Evaluator evaluates paths, one at a time. What it returns is good until its
// next evaluation. The zero Evaluator is ready.
type Evaluator struct {
	// steps is what is left of the budget: a step is a value that is looked at,
	// or as much other work.
	steps int
	ready bool // Reset was called
	err   error

	root     doc.Value
	document *Document   // of an expression
	places   []int       // those found, above them those of queries in filters
	indexes  []int       // scratch for slices that go backwards
	lists    []doc.Value // values of the operands that are lists
	args     []operand   // of the calls that are evaluated
	computed []byte      // values that were calculated
	patterns map[patternKey]*pattern
}

// Reset sets the budget of the evaluations that follow, together; 0 is
// DefaultSteps.
func (e *Evaluator) Reset(steps int) {
	if steps == 0 {
		steps = DefaultSteps
	}
	e.steps, e.ready, e.err = steps, true, nil
}

// keptScratch is the scratch memory in bytes that is kept for the next
// evaluation.
const keptScratch = 1 << 20

func (e *Evaluator) begin(root doc.Value) {
	if !e.ready {
		e.Reset(0)
	}
	e.root, e.err = root, nil
	e.places, e.lists, e.indexes = e.places[:0], e.lists[:0], e.indexes[:0]
	e.computed = e.computed[:0]
	if cap(e.computed) > keptScratch {
		e.computed = nil
	}
	if cap(e.places)*8 > keptScratch {
		e.places = nil
	}
	if cap(e.lists)*24 > keptScratch {
		e.lists = nil
	}
}

// Find returns the places that the path names in root, as offsets, in the order
// of RFC 9535: a place that is named twice is there twice. It fails with
// ErrSteps, and with ErrComputed for a computed path.
func (e *Evaluator) Find(p *Path, root doc.Value) ([]int, error) {
	if p.query == nil {
		return nil, ErrComputed
	}
	e.begin(root)
	e.run(p.query, root, 0)
	return e.places, e.err
}

// FindDistinct is Find with each place once, where it is first: what a command
// changes.
func (e *Evaluator) FindDistinct(p *Path, root doc.Value) ([]int, error) {
	places, err := e.Find(p, root)
	if err != nil || p.query.singular || len(places) < 2 {
		return places, err
	}
	return distinct(places), nil
}

// Values returns the values that the path names or calculates. A calculation
// without a result has none; one whose result is a list, such as the names of an
// object, has its elements.
func (e *Evaluator) Values(p *Path, root doc.Value) ([]doc.Value, error) {
	e.begin(root)
	if p.query != nil {
		e.run(p.query, root, 0)
		for _, at := range e.places {
			e.lists = append(e.lists, root.At(at))
		}
		return e.lists, e.err
	}
	got := e.operand(p.expr, root, 0)
	if e.err != nil {
		return nil, e.err
	}
	if got.kind == one {
		e.lists = append(e.lists[:0], got.value)
		return e.lists, nil
	}
	return got.list, nil
}

// spend takes steps from the budget and says whether it has so many.
func (e *Evaluator) spend(steps int) bool {
	e.steps -= steps
	if e.steps >= 0 && e.err == nil {
		return true
	}
	e.err = ErrSteps
	return false
}

// spendBytes pays for work on so many bytes.
func (e *Evaluator) spendBytes(n int) bool {
	const perStep = 64
	return e.spend(1 + n/perStep)
}

// run appends what q names in v, which begins at place, to e.places.
func (e *Evaluator) run(q *query, v doc.Value, place int) {
	if !q.relative {
		v, place = e.root, 0
	}
	e.walk(q.segments, v, place)
}

func (e *Evaluator) walk(rest []segment, v doc.Value, place int) {
	switch {
	case !e.spend(1):
	case len(rest) == 0:
		e.places = append(e.places, place)
	case rest[0].descendant:
		e.descend(rest, v, place)
	default:
		e.selectFrom(rest, v, place)
	}
}

// descend applies the first segment to v and to all below it.
func (e *Evaluator) descend(rest []segment, v doc.Value, place int) {
	e.selectFrom(rest, v, place)
	for it := v.Items(); it.Next() && e.spend(1); {
		if child := it.Value(); child.IsContainer() {
			e.descend(rest, child, place+it.Offset())
		}
	}
}

// selectFrom applies the selectors of the first segment to v.
func (e *Evaluator) selectFrom(rest []segment, v doc.Value, place int) {
	if !v.IsContainer() {
		return
	}
	for i := range rest[0].selectors {
		switch s := &rest[0].selectors[i]; s.kind {
		case selectName, selectIndex:
			e.selectChild(s, rest[1:], v, place)
		case selectSlice:
			e.selectSlice(s.slice, rest[1:], v, place)
		case selectAll:
			for it := v.Items(); it.Next() && e.err == nil; {
				e.walk(rest[1:], it.Value(), place+it.Offset())
			}
		case selectFilter:
			for it := v.Items(); it.Next() && e.err == nil; {
				if e.test(s.filter, it.Value(), place+it.Offset()) {
					e.walk(rest[1:], it.Value(), place+it.Offset())
				}
			}
		}
	}
}

// passed is how many members that are passed over cost one step.
const passed = 16

func (e *Evaluator) selectChild(s *selector, rest []segment, v doc.Value, place int) {
	if !e.spend(v.Len() / passed) {
		return
	}
	if child, at := s.child(v); child != nil {
		e.walk(rest, child, place+at)
	}
}

func (e *Evaluator) selectSlice(s slice, rest []segment, v doc.Value, place int) {
	if v.Kind() != doc.Array || s.step == 0 || !e.spend(v.Len()/passed) {
		return
	}
	from, to := s.bounds(v.Len())
	if s.step < 0 {
		e.selectBackwards(s.step, from, to, rest, v, place)
		return
	}
	i := 0
	for it := v.Items(); i < to && it.Next() && e.err == nil; i++ {
		if i == from {
			e.walk(rest, it.Value(), place+it.Offset())
			if s.step >= to-i {
				return
			}
			from += s.step
		}
	}
}

// selectBackwards selects from the element at from down to the one after to.
func (e *Evaluator) selectBackwards(step, from, to int, rest []segment, v doc.Value, place int) {
	first := len(e.indexes)
	i := 0
	for it := v.Items(); i <= from && it.Next(); i++ {
		e.indexes = append(e.indexes, it.Offset())
	}
	for i := from; i > to && e.err == nil; i += step {
		at := e.indexes[first+i]
		e.walk(rest, v.At(at), place+at)
	}
	e.indexes = e.indexes[:first]
}
