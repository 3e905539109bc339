package doc

import (
	"slices"
	"sort"
)

// Outcome says what an edit did to a value.
type Outcome uint8

// The outcomes of an edit.
const (
	// Kept leaves the value as it is; the edit appended nothing.
	Kept Outcome = iota
	// Changed puts what the edit appended in place of the value.
	Changed
	// Removed takes the value out of its container, with its name.
	Removed
)

// Inner says what becomes of matches that lie inside of another match.
type Inner uint8

const (
	// InnerFirst edits them first, and then what is around them.
	InnerFirst Inner = iota
	// OuterOnly passes over them: the match around them goes as a whole.
	OuterOnly
)

// Edit is a change of values at places of a document.
type Edit struct {
	// Apply appends what is to stand in place of v to dst. It may keep what it
	// learns under i, the index of the place in the list given to Rewrite.
	Apply func(dst []byte, i int, v Value) ([]byte, Outcome, error)
	// Nests is the greatest nesting below a value that Apply may give it: the
	// depth of what replaces it, one more than that of what it puts inside.
	Nests int
	Inner Inner
}

// Editor applies edits to documents. What it holds between them is scratch.
type Editor struct {
	Limits Limits

	out     []byte
	at      []int
	order   []int // indexes of at, by place
	edit    Edit
	changed int
}

// Rewrite appends the document root to dst with an edit applied at the places:
// offsets of values of root, in any order, each counted once. It returns how
// many were Changed or Removed; a removed root leaves nothing at all. On an
// error dst is as it was. The document is copied once.
func (e *Editor) Rewrite(dst []byte, root Value, places []int, edit Edit) ([]byte, int, error) {
	e.at, e.edit, e.changed = places, edit, 0
	e.out = slices.Grow(dst, len(root)+64)
	e.order = e.order[:0]
	for i := range places {
		e.order = append(e.order, i)
	}
	if !slices.IsSorted(places) {
		slices.SortStableFunc(e.order, func(a, b int) int { return places[a] - places[b] })
	}

	outcome, err := e.value(root, 0, e.order, 0)
	out := e.out
	e.out, e.at, e.edit = nil, nil, Edit{}
	switch {
	case err != nil:
		return dst, 0, err
	case outcome == Removed:
		return dst, e.changed, nil
	}
	if err := e.Limits.fits(len(out) - len(dst)); err != nil {
		return dst, 0, err
	}
	return out, e.changed, nil
}

// value writes v, which begins at base and lies so many levels deep, with the
// edit applied at the places in order, all of which lie in v.
func (e *Editor) value(v Value, base int, order []int, level int) (Outcome, error) {
	start, self := len(e.out), -1
	for len(order) > 0 && e.at[order[0]] == base {
		if self < 0 {
			self = order[0]
		}
		order = order[1:]
	}
	now, written := v, false
	if len(order) > 0 && (self < 0 || e.edit.Inner == InnerFirst) {
		if err := e.elements(v, base, order, level); err != nil {
			return Kept, err
		}
		now, written = e.out[start:], true
	}
	switch {
	case self >= 0:
		return e.apply(self, now, written, level)
	case !written:
		e.out = append(e.out, v...)
	}
	return Kept, nil
}

// apply edits the value now, which stands at the end of the output already if
// it is written.
func (e *Editor) apply(i int, now Value, written bool, level int) (Outcome, error) {
	end := len(e.out)
	start := end
	if written {
		start -= len(now)
	}
	out, outcome, err := e.edit.Apply(e.out, i, now)
	if err != nil {
		return Kept, err
	}
	e.out = out
	switch outcome {
	case Kept:
		if !written {
			e.out = append(e.out, now...)
		}
		return Kept, nil
	case Removed:
		e.out = e.out[:start]
	case Changed:
		if level+e.edit.Nests >= e.Limits.depth() {
			return Kept, ErrDepth
		}
		if written {
			e.out = append(e.out[:start], e.out[end:]...)
		}
	}
	e.changed++
	return outcome, nil
}

// elements writes a container with the edit applied to places inside of it.
// What lies between the elements that are edited is copied as it is.
func (e *Editor) elements(v Value, base int, order []int, level int) error {
	if !v.IsContainer() {
		return ErrCorrupt
	}
	out, c := beginLike(e.out, v)
	e.out, c.count = out, v.Len()
	it := v.Items()
	copied := it.next
	for len(order) > 0 {
		from := it.next
		if !it.Next() {
			return ErrCorrupt // a place that is no value
		}
		inside := sort.Search(len(order), func(i int) bool { return e.at[order[i]] >= base+it.next })
		if inside == 0 {
			continue
		}
		e.out = append(e.out, v[copied:from]...)
		mark := len(e.out)
		e.out = append(e.out, v[from:it.at]...)
		outcome, err := e.value(it.Value(), base+it.at, order[:inside], level+1)
		if err != nil {
			return err
		}
		if outcome == Removed {
			e.out = e.out[:mark]
			c.count--
		}
		copied, order = it.next, order[inside:]
	}
	e.out = c.end(append(e.out, v[copied:]...))
	return nil
}
