package query

import (
	"strconv"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// Explain says in a few lines what a plan reads for a query on docs documents.
func (p *Plan) Explain(q *Query, docs int) string {
	var b strings.Builder
	of := " of " + strconv.Itoa(docs) + " documents\n"
	switch {
	case p.Index == nil:
		b.WriteString("read: all documents, " + strconv.Itoa(docs) + "\n")
	case p.Entries > Counted && p.Entries == Counted+1:
		b.WriteString("read: index " + p.Index.Name + ", more than " + strconv.Itoa(Counted) + of)
	default:
		b.WriteString("read: index " + p.Index.Name + ", " + strconv.Itoa(p.Entries) + of)
	}
	for _, use := range p.uses {
		b.WriteString("look up: " + use.String() + "\n")
	}
	for _, test := range q.tests() {
		b.WriteString("test: " + test + "\n")
	}
	b.WriteString("order: " + q.order(p))
	return b.String()
}

// tests lists what each document is tested for.
func (q *Query) tests() (all []string) {
	for i := range q.Equals {
		all = append(all, q.Equals[i].Name+" = "+text(q.Equals[i].Value))
	}
	for i := range q.Between {
		in := &q.Between[i]
		c := condition{Condition: path.Condition{Term: in.Name}, interval: true, low: in.Min, high: in.Max}
		all = append(all, c.String())
	}
	if q.Where != nil {
		all = append(all, q.Where.String())
	}
	return all
}

// order says how the documents come into their order.
func (q *Query) order(p *Plan) string {
	if len(q.Sort) == 0 {
		return "id"
	}
	var keys []string
	for _, key := range q.Sort {
		name := key.Name
		if key.Direction == Descending {
			name += " descending"
		}
		keys = append(keys, name)
	}
	if p.Ordered {
		return strings.Join(keys, ", ") + ", as the index has it"
	}
	return strings.Join(keys, ", ") + ", sorted in memory"
}

// String describes the condition as Explain shows it.
func (c *condition) String() string {
	switch {
	case c.interval:
		return c.Term + c.low.text(" >", " >= ") + c.high.text(" <", " <= ")
	case c.Is == path.Missing:
		return "missing(" + c.Term + ")"
	case len(c.Values) == 1:
		return c.Term + " = " + text(c.Values[0])
	}
	var texts []string
	for _, v := range c.Values {
		texts = append(texts, text(v))
	}
	return c.Term + " in [" + strings.Join(texts, ", ") + "]"
}

// text shows a bound behind one of the signs.
func (b Bound) text(excluded, included string) string {
	switch {
	case b.Value == nil:
		return ""
	case b.Excluded:
		return excluded + " " + text(b.Value)
	}
	return included + text(b.Value)
}

func text(v doc.Value) string { return string(doc.AppendText(nil, v)) }
