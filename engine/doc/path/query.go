package path

import "kvd/engine/doc"

// query is a path from the root or from the current value of a filter.
type query struct {
	segments []segment
	relative bool
	singular bool // one place at most
}

type segment struct {
	descendant bool
	selectors  []selector
}

type selectorKind uint8

const (
	selectName selectorKind = iota
	selectIndex
	selectSlice
	selectAll
	selectFilter
)

type selector struct {
	kind   selectorKind
	name   []byte
	index  int
	slice  slice
	filter *expr
}

// slice is start:end:step; start and end may be left out.
type slice struct {
	start, end       int
	hasStart, hasEnd bool
	step             int
}

func newQuery(segments []segment, relative bool) *query {
	q := &query{segments: segments, relative: relative, singular: true}
	for _, s := range segments {
		if s.descendant || len(s.selectors) != 1 || s.selectors[0].kind > selectIndex {
			q.singular = false
		}
	}
	return q
}

// lookup follows a singular query from v, which begins at place, as far as it
// goes. It returns where it came to and the segments that are left.
func (q *query) lookup(v doc.Value, place int) (doc.Value, int, []segment) {
	for i := range q.segments {
		next, at := q.segments[i].selectors[0].child(v)
		if next == nil {
			return v, place, q.segments[i:]
		}
		v, place = next, place+at
	}
	return v, place, nil
}

// child returns what a name or an index selects in v, and where in v it begins.
func (s *selector) child(v doc.Value) (doc.Value, int) {
	if s.kind == selectName {
		return v.MemberAt(s.name)
	}
	return v.ElementAt(s.index)
}

// bounds returns the first index and the one behind the last that the slice
// selects in an array of n elements, in the direction of its step, which is
// not 0.
func (s slice) bounds(n int) (from, to int) {
	clampedTo := func(i, low, high int) int {
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	if s.step > 0 {
		from, to = 0, n
		if s.hasStart {
			from = clampedTo(s.start, 0, n)
		}
		if s.hasEnd {
			to = clampedTo(s.end, 0, n)
		}
		return from, to
	}
	from, to = n-1, -1
	if s.hasStart {
		from = clampedTo(s.start, -1, n-1)
	}
	if s.hasEnd {
		to = clampedTo(s.end, -1, n-1)
	}
	return from, to
}
