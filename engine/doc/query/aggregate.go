package query

import (
	"errors"
	"slices"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// DefaultMemory is the memory in bytes that an aggregation may take for groups
// and for the values that it keeps, if nothing else is said.
const DefaultMemory = 64 << 20

// ErrMemory says that an aggregation needs more memory than it may take.
var ErrMemory = errors.New("aggregation needs more than 64 MiB")

// TypeError says that a document has a value that a reducer cannot take.
type TypeError struct {
	ID, Term string
	// Got is the type of the value.
	Got string
}

// Error returns the fault in the form of the faults of schemas.
func (e *TypeError) Error() string {
	return e.ID + ": " + e.Term + " type: " + e.Got + " cannot be reduced"
}

// Aggregate says how documents are counted.
type Aggregate struct {
	// Groups are the terms by whose values documents are put together. One with
	// several values is in several groups, one without in that of no value.
	Groups  []Group
	Reduces []Reduce
	// Having chooses among the rows, whose columns are members of @; nil takes all.
	Having *path.Expression
	Sort   []ColumnKey
	// Limit is the greatest number of rows; 0 is all of them.
	Limit int
	// Strict fails where a reducer would leave a value out.
	Strict bool
}

// Group is a term to group by, and the name of its column.
type Group struct {
	Term
	As string
}

// Reduce is a column that is calculated from the documents of a group.
type Reduce struct {
	Reducer
	// Term gives the values; without an expression each document is one value.
	Term
	As string
}

// ColumnKey is a column to sort rows by.
type ColumnKey struct {
	Column    string
	Direction Direction
}

// Aggregation is an aggregate under way.
type Aggregation struct {
	of     *Aggregate
	groups map[string]*group
	free   int // bytes that may still be taken
}

type group struct {
	key      string
	values   []doc.Value // of the terms; nil where there is none
	reducers []reducer
	skipped  int
}

// NewAggregation begins an aggregate that may take so many bytes of memory;
// 0 is DefaultMemory.
func NewAggregation(of *Aggregate, memory int) *Aggregation {
	if memory == 0 {
		memory = DefaultMemory
	}
	a := &Aggregation{of: of, groups: make(map[string]*group), free: memory}
	if len(of.Groups) == 0 {
		_, _ = a.group(nil, nil) // one row, if there are no documents too
	}
	return a
}

// Add counts a document. It fails with ErrMemory, path.ErrSteps, doc.ErrOverflow
// or a TypeError; the aggregation is of no use then.
func (a *Aggregation) Add(m *Matcher, d *path.Document) error {
	m.Reset(0)
	return a.each(m, d, 0, nil, nil)
}

// each adds the document to the groups for each combination of the values of the
// terms from at on.
func (a *Aggregation) each(m *Matcher, d *path.Document, at int, key []byte, values []doc.Value) error {
	if at == len(a.of.Groups) {
		g, err := a.group(key, values)
		if err != nil {
			return err
		}
		return a.reduce(m, d, g)
	}
	t := &a.of.Groups[at].Term
	found, err := m.Evaluate(t.Expression, d)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return a.each(m, d, at+1, append(key, tagMissing), append(values, nil))
	}
	found = t.kept(found)
	var seen map[string]struct{}
	for _, v := range found {
		k := appendValue(key, v, t.Type, cut)
		if _, again := seen[string(k)]; again {
			continue
		}
		if len(found) > 1 && seen == nil {
			seen = make(map[string]struct{}, len(found))
		}
		if seen != nil {
			seen[string(k)] = struct{}{}
		}
		if err := a.each(m, d, at+1, k, append(values, v)); err != nil {
			return err
		}
	}
	return nil
}

// kept returns values of the term that stay what they are when another term is
// evaluated.
func (t *Term) kept(found []doc.Value) []doc.Value {
	found = slices.Clone(found)
	if t.Name[0] == '$' { // they lie in the document
		return found
	}
	for i, v := range found {
		found[i] = slices.Clone(v)
	}
	return found
}

// group returns the group with a key, which is made if it is new.
func (a *Aggregation) group(key []byte, values []doc.Value) (*group, error) {
	if g := a.groups[string(key)]; g != nil {
		return g, nil
	}
	const perGroup, perReducer = 160, 96
	size := perGroup + 2*len(key) + perReducer*len(a.of.Reduces)
	g := &group{key: string(key)}
	for _, v := range values {
		g.values = append(g.values, append(doc.Value(nil), v...))
		size += len(v)
	}
	if err := a.take(size); err != nil {
		return nil, err
	}
	for i := range a.of.Reduces {
		g.reducers = append(g.reducers, a.of.Reduces[i].start(a))
	}
	a.groups[g.key] = g
	return g, nil
}

// take takes memory.
func (a *Aggregation) take(bytes int) error {
	a.free -= bytes
	if a.free < 0 {
		return ErrMemory
	}
	return nil
}

// reduce gives the values of a document to the reducers of a group.
func (a *Aggregation) reduce(m *Matcher, d *path.Document, g *group) error {
	for i := range a.of.Reduces {
		r := &a.of.Reduces[i]
		if r.Expression == nil {
			if _, err := g.reducers[i].add(d.Root); err != nil {
				return err
			}
			continue
		}
		found, err := m.Evaluate(r.Expression, d)
		if err != nil {
			return err
		}
		for _, v := range found {
			taken, err := g.reducers[i].add(v)
			if err != nil {
				return err
			}
			if taken {
				continue
			}
			if a.of.Strict {
				return &TypeError{ID: string(d.ID), Term: r.Name, Got: v.TypeName()}
			}
			g.skipped++
		}
	}
	return nil
}
