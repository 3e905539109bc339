package query

import (
	"bytes"
	"strings"

	"kvd/engine/doc/path"
)

// AppendPosition adds the place of a document in the order of a query: its
// encoded values for the sort keys, then its id.
func (m *Matcher) AppendPosition(dst []byte, q *Query, d *path.Document) ([]byte, error) {
	m.Reset(0)
	for i := range q.Sort {
		key := &q.Sort[i]
		found, err := m.Evaluate(key.Expression, d)
		if err != nil {
			return nil, err
		}
		m.values = appendElements(m.values[:0], found)
		dst = m.appendExtreme(dst, key)
	}
	return append(dst, d.ID...), nil
}

// appendExtreme adds the least or the greatest of m.values.
func (m *Matcher) appendExtreme(dst []byte, key *SortKey) []byte {
	best := m.key[:0]
	for i, v := range m.values {
		m.other = appendValue(m.other[:0], v, key.Type, whole)
		if c := bytes.Compare(m.other, best); i == 0 || c < 0 && key.Direction == Ascending || c > 0 && key.Direction == Descending {
			best = append(best[:0], m.other...)
		}
	}
	m.key = best
	return append(dst, best...)
}

// Compare says which of two positions comes first in the order of the query: -1
// if a does, 0 if they are one.
func (q *Query) Compare(a, b string) int {
	for i := range q.Sort {
		n, k := skip(a), skip(b)
		if c := strings.Compare(a[:n], b[:k]); c != 0 {
			return q.Sort[i].Direction.of(c)
		}
		a, b = a[n:], b[k:]
	}
	return q.Direction().of(strings.Compare(a, b))
}

// Direction returns the direction in which ids are sorted.
func (q *Query) Direction() Direction {
	if len(q.Sort) == 0 {
		return Ascending
	}
	return q.Sort[len(q.Sort)-1].Direction
}

func (d Direction) of(c int) int {
	if d == Descending {
		return -c
	}
	return c
}

// ValidPosition says whether a text that came from a client can be a position.
func (q *Query) ValidPosition(s string) bool {
	for range q.Sort {
		n, ok := scanValue(s)
		if !ok {
			return false
		}
		s = s[n:]
	}
	return true
}

// scanValue is skip for bytes from elsewhere.
func scanValue(s string) (n int, ok bool) {
	// An encoding that is cut off would be read beyond its end; what is put behind
	// it ends all kinds of encodings.
	if s == "" || s[0] < tagMissing || s[0] > tagObject {
		return 0, false
	}
	padded := s + ending
	n = skip(padded)
	return n, n <= len(s)
}

// ending ends each encoding that was cut off, whatever it is: far enough behind
// an exponent come the ends of numbers of both signs, and the end of a string, twice
// since the first may stand behind half of a pair of zeros.
const ending = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\x00\x01"
