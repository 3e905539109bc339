package query

import (
	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// Plan says where the documents that a query may find are looked for.
type Plan struct {
	// Index is the index that is read; nil is all documents, in order of their
	// ids.
	Index *Index
	// Spans are the parts of the index, in its order, none twice.
	Spans []Span
	// Entries is how many entries they have, or more than Counted.
	Entries int
	// Ordered says that the entries come in the order of the query: each document
	// at the entry that First finds, and after its prefix comes its position.
	Ordered bool

	prefix int // bytes before the values of the sort keys in each entry
	uses   []*condition
	few    []string // the entries themselves, if they are few
}

// Few returns the entries of the plan, in the order of the index, if they are few:
// then there is no need to read them with Page.
func (p *Plan) Few() (entries []string, ok bool) {
	return p.few, p.Index != nil && len(p.few) == p.Entries
}

// KeptEntries is how many entries a plan keeps that were read to count them.
const KeptEntries = 64

// Planner makes plans, one at a time: the spans and entries of a plan are in its
// memory until the next one. It belongs to one goroutine; the zero Planner is ready.
type Planner struct {
	// Rough plans say of an index with more than KeptEntries of what is asked only
	// that: they take a moment however many there are.
	Rough bool

	conditions []condition
	values     []doc.Value // of the conditions
	uses       []*condition
	spans      []Span
	few        []string
	keys       [][]byte
	key        []byte
}

// Release drops what the planner holds of queries and indexes, and large buffers.
func (pl *Planner) Release() {
	if cap(pl.values)+cap(pl.spans)+cap(pl.few)+cap(pl.key) > keptScratch/16 {
		*pl = Planner{}
		return
	}
	clear(pl.conditions)
	clear(pl.values)
	clear(pl.spans)
	clear(pl.few[:cap(pl.few)]) // also what was too much to be kept
	pl.Rough, pl.keys = false, pl.keys[:0]
}

// Counted is up to how many entries a plan counts.
const Counted = 4096

// fewEntries is how many documents are rather fetched and sorted than looked for
// in an index that has the order.
const fewEntries = 1024

// maxSpans is how many combinations of values are looked up in an index.
const maxSpans = 1024

// Choose returns the plan for a query: of the indexes that it can use the one
// with the fewest entries to read, or the one that has its order if the others
// have many. docs is how many documents there are.
func (pl *Planner) Choose(q *Query, indexes []*Index, docs int) Plan {
	pl.uses, pl.spans, pl.few = pl.uses[:0], pl.spans[:0], pl.few[:0]
	pl.readConditions(q)
	best := Plan{Entries: docs}
	var ordered Plan
	for _, ix := range indexes {
		p := pl.plan(q, ix)
		if p.Ordered && (ordered.Index == nil || p.Entries < ordered.Entries) {
			ordered = p
		}
		if len(p.uses) > 0 && (best.Index == nil || p.better(&best)) {
			best = p
		}
	}
	if best.Index != nil && best.Entries > Counted && best.Entries < docs && !pl.Rough {
		best.Entries = best.Index.Count(best.Spans, docs)
	}
	switch {
	case ordered.Index != nil && best.Entries > fewEntries:
		return ordered
	case best.Index != nil && best.Entries > Counted && best.Entries > docs/2:
		return Plan{Entries: docs}
	}
	return best
}

// better says whether a plan reads less than another.
func (p *Plan) better(other *Plan) bool {
	if p.Entries != other.Entries {
		return p.Entries < other.Entries
	}
	return len(p.uses) > len(other.uses)
}

// condition is a condition of a query, and which types of indexes it fits.
type condition struct {
	path.Condition
	low, high Bound // for an interval
	interval  bool
	typed     bool // values compare as typ says, else by their JSON type
	typ       Type
}

// readConditions lists what the query demands of terms.
func (pl *Planner) readConditions(q *Query) {
	all := pl.conditions[:0]
	pl.values = pl.values[:0]
	for i := range q.Equals {
		eq := &q.Equals[i]
		if eq.Value.Kind() != doc.Array { // whose elements are indexed, not itself
			c := path.Condition{Term: eq.Name, Is: path.Equal, Values: pl.list(eq.Value)}
			all = append(all, condition{Condition: c, typed: !eq.Type.plain(), typ: eq.Type})
		}
	}
	for i := range q.Between {
		in := &q.Between[i]
		c := path.Condition{Term: in.Name}
		all = append(all, condition{
			Condition: c, interval: true, low: in.Min, high: in.Max, typed: !in.Type.plain(), typ: in.Type,
		})
	}
	if q.Where != nil {
		for _, c := range q.Where.Conditions() {
			all = append(all, comparison(c))
		}
	}
	pl.conditions = all
}

// list returns a list of one value.
func (pl *Planner) list(v doc.Value) []doc.Value {
	n := len(pl.values)
	pl.values = append(pl.values, v)
	return pl.values[n : n+1 : n+1]
}

// comparison makes an interval of a comparison by order.
func comparison(c path.Condition) condition {
	got := condition{Condition: c, interval: true}
	switch c.Is {
	case path.Less, path.LessEqual:
		got.high = Bound{Value: c.Values[0], Excluded: c.Is == path.Less}
	case path.Greater, path.GreaterEqual:
		got.low = Bound{Value: c.Values[0], Excluded: c.Is == path.Greater}
	default:
		got.interval = false
	}
	return got
}

// fits says whether all documents for which the condition holds have entries
// among those that an index of the type has for its values. Strings that are
// equal are equal times, so equality may be looked up by its JSON type in any
// index; order may not.
func (c *condition) fits(ix *Index) bool {
	switch {
	case c.Is == path.Missing && !c.interval:
		return !ix.Sparse
	case c.typed:
		return c.typ == ix.Type
	case ix.Type.plain() || !c.interval:
		return true
	}
	return c.low.numeric() && c.high.numeric() && (c.low.Value != nil || c.high.Value != nil)
}

func (b Bound) numeric() bool { return b.Value == nil || b.Value.Kind() == doc.Number }
