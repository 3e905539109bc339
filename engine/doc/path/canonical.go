package path

import "strconv"

// Canonical returns one text for all notations of a path or of a function about
// the document, by which terms are told apart. It is empty for everything else:
// calculations, conditions, and paths with filters.
func (x *Expression) Canonical() string { return x.expr.canonical() }

// Singular says whether a term has one value at most.
func (x *Expression) Singular() bool { return x.expr.single() }

func (e *expr) single() bool {
	return e.query == nil || e.query.singular
}

func (e *expr) canonical() string {
	switch {
	case e.op == opQuery:
		return string(e.query.append([]byte{'$'}))
	case e.op != opCall || e.fn.name == "" || e.fn.result == logicalType:
		return ""
	case e.query == nil:
		return e.fn.name + "()"
	}
	inner := e.query.append([]byte{'$'})
	if len(inner) == 0 {
		return ""
	}
	return e.fn.name + "(" + string(inner) + ")"
}

// append adds the segments to text; it returns nothing if there are filters.
func (q *query) append(text []byte) []byte {
	for _, s := range q.segments {
		if s.descendant {
			text = append(text, '.', '.')
		}
		for i := range s.selectors {
			if s.selectors[i].kind == selectFilter {
				return nil
			}
			if i > 0 {
				text = append(text, ',')
			}
			text = s.selectors[i].append(text)
		}
	}
	return text
}

func (s *selector) append(text []byte) []byte {
	switch s.kind {
	case selectName:
		return appendName(text, s.name)
	case selectIndex:
		text = strconv.AppendInt(append(text, '['), int64(s.index), 10)
	case selectAll:
		text = append(text, '[', '*')
	default:
		text = s.slice.append(append(text, '['))
	}
	return append(text, ']')
}

func (s slice) append(text []byte) []byte {
	if s.hasStart {
		text = strconv.AppendInt(text, int64(s.start), 10)
	}
	text = append(text, ':')
	if s.hasEnd {
		text = strconv.AppendInt(text, int64(s.end), 10)
	}
	return strconv.AppendInt(append(text, ':'), int64(s.step), 10)
}
