package query

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// plan returns what of the index the conditions leave: equalities for its first
// terms, and an interval for the one after them.
func (pl *Planner) plan(q *Query, ix *Index) Plan {
	p := Plan{Index: ix}
	from := len(pl.uses)
	pl.keys = append(pl.keys[:0], pl.key[:0])
	prefixes := pl.keys
	at := 0
	for at < len(ix.Terms) {
		c := equality(pl.conditions, ix, at)
		if c == nil || len(prefixes)*max(len(c.Values), 1) > maxSpans {
			break
		}
		prefixes = c.behind(prefixes, ix.Type)
		pl.uses = append(pl.uses, c)
		at++
	}
	restricted := false
	if at < len(ix.Terms) {
		if all := ix.intervals(pl.conditions, at); len(all) > 0 {
			restricted = true
			p.Spans = narrowed(prefixes, all, ix.Type)
			pl.uses = append(pl.uses, all...)
		}
	}
	if !restricted {
		p.Spans = pl.prefixed(prefixes)
	}
	if len(prefixes) == 1 && ix.ordered(q, at, restricted) {
		p.Ordered, p.prefix = true, len(prefixes[0])
	}
	p.uses = slices.Clip(pl.uses[from:])
	pl.key = prefixes[0]
	if len(p.uses) > 0 {
		pl.count(&p)
	} else {
		p.Entries = ix.Len() // all of it
	}
	return p
}

// count counts the entries of a plan, and keeps them if they are few.
func (pl *Planner) count(p *Plan) {
	from := len(pl.few)
	for _, s := range p.Spans {
		most := KeptEntries + 1 - (len(pl.few) - from)
		pl.few = p.Index.Page(pl.few, s, Ascending, "", most)
		if p.Entries = len(pl.few) - from; p.Entries <= KeptEntries {
			continue
		}
		if pl.few = pl.few[:from]; !pl.Rough {
			p.Entries = p.Index.Count(p.Spans, Counted)
		}
		return
	}
	p.few = slices.Clip(pl.few[from:])
}

// equality returns the equality for a term with the fewest values.
func equality(conditions []condition, ix *Index, at int) (best *condition) {
	for i := range conditions {
		c := &conditions[i]
		if c.Term != ix.Terms[at].Name || c.interval || !c.fits(ix) {
			continue
		}
		if best == nil || len(c.Values) < len(best.Values) {
			best = c
		}
	}
	return best
}

// behind returns each of the keys with each of the values of an equality.
func (c *condition) behind(keys [][]byte, t Type) [][]byte {
	if c.Is == path.Missing {
		return combine(keys, []doc.Value{nil}, t)
	}
	if len(c.Values) == 1 {
		return combine(keys, c.Values, t)
	}
	return distinct(combine(keys, c.Values, t))
}

func distinct(keys [][]byte) [][]byte {
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}

// intervals returns the intervals that all hold for a term: of those in
// conditions one, or more if one value is in all of them.
func (ix *Index) intervals(conditions []condition, at int) (found []*condition) {
	for i := range conditions {
		c := &conditions[i]
		if c.Term != ix.Terms[at].Name || !c.interval || !c.fits(ix) {
			continue
		}
		if len(found) > 0 && (!c.Singular || !found[0].Singular) {
			continue
		}
		found = append(found, c)
	}
	return found
}

// prefixed returns the spans of what begins with the keys.
func (pl *Planner) prefixed(keys [][]byte) []Span {
	from := len(pl.spans)
	for _, key := range keys {
		pl.spans = append(pl.spans, prefixed(key))
	}
	return slices.Clip(pl.spans[from:])
}

// narrowed returns the spans of the intervals behind the keys.
func narrowed(keys [][]byte, intervals []*condition, t Type) (all []Span) {
	for _, key := range keys {
		s := prefixed(key)
		for _, c := range intervals {
			low, high := c.ends(t)
			s.From = max(s.From, string(key)+low)
			if to := string(key) + high; s.To == "" || to < s.To {
				s.To = to
			}
		}
		if s.From < s.To {
			all = append(all, s)
		}
	}
	return all
}

// ends returns the encodings between which the values of an interval lie.
func (c *condition) ends(t Type) (from, to string) {
	low, high := []byte{tagNull}, []byte{tagEnd}
	if c.high.Value != nil {
		key, short := bound(c.high.Value, t)
		low, high = []byte{firstOf(key[0])}, key
		if short || !c.high.Excluded {
			high = successor(key)
		}
	}
	if c.low.Value != nil {
		key, short := bound(c.low.Value, t)
		low = key
		if c.low.Excluded && !short {
			low = successor(key)
		}
		if c.high.Value == nil {
			high = []byte{lastOf(key[0]) + 1}
		}
	}
	return string(low), string(high)
}

// bound returns the encoding of a bound. Of a value that is cut it is what stands
// before the hash: all that begin alike lie on either side of it.
func bound(v doc.Value, t Type) (key []byte, short bool) {
	key = appendValue(nil, v, t, cut)
	if len(key) <= keptPairs || len(key) == len(appendValue(nil, v, t, whole)) {
		return key, false
	}
	return key[:len(key)-sha256.Size], true
}

// ordered says whether the entries of the index come in the order of the query,
// with equalities for its first at terms.
func (ix *Index) ordered(q *Query, at int, restricted bool) bool {
	if len(q.Sort) == 0 || at+len(q.Sort) != len(ix.Terms) || ix.long.Load() {
		return false
	}
	if ix.several.Load() && (at > 0 || restricted) || ix.Sparse && at == 0 && !restricted {
		return false
	}
	for i, key := range q.Sort {
		t := &ix.Terms[at+i]
		if key.Name != t.Name || key.Direction != q.Sort[0].Direction {
			return false
		}
		if key.Type != t.Type && (!key.Type.plain() || !t.Type.plain()) {
			return false
		}
	}
	return true
}

// Position returns the position in the order of the query that an entry of an
// ordered plan has.
func (p *Plan) Position(entry string) string { return entry[p.prefix:] }

// Entry returns the entry of an ordered plan that has the position.
func (p *Plan) Entry(position string) string {
	if len(p.Spans) == 0 {
		return position
	}
	return p.Spans[0].From[:p.prefix] + position
}

// First says whether an entry of an ordered plan is the one that stands for its
// document, which may have others or have changed.
func (p *Plan) First(m *Matcher, q *Query, d *path.Document, entry string) (bool, error) {
	position, err := m.AppendPosition(m.place[:0], q, d)
	if err != nil {
		return false, err
	}
	m.place = position
	return string(position) == p.Position(entry), nil
}
