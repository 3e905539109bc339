package keys

import (
	"kvd/engine"
)

// sortedKey is the key that is sorted, of whatever type.
type sortedKey struct {
	kind sortedKind
	list engine.List
	set  engine.Set
	zset engine.ZSet
}

type sortedKind uint8

const (
	ofList sortedKind = iota
	ofSet
	ofZSet
)

// openSorted returns the list, set or sorted set at a key; a missing key is an
// empty list. It fails with WRONGTYPE.
func openSorted(tx *engine.Tx, key []byte) (s sortedKey, err error) {
	if s.list, err = tx.PeekList(key); err == nil {
		return s, nil
	}
	if s.set, err = tx.PeekSet(key); err == nil {
		s.kind = ofSet
		return s, nil
	}
	s.kind = ofZSet
	s.zset, err = tx.PeekZSet(key)
	return s, err
}

func (s *sortedKey) len() int {
	switch s.kind {
	case ofSet:
		return s.set.Len()
	case ofZSet:
		return s.zset.Len()
	}
	return s.list.Len()
}

// stretch returns copies of elements from up to to, counted in the order of the
// type or against it.
func (s *sortedKey) stretch(from, to int, backwards bool) [][]byte {
	values := make([][]byte, 0, to-from)
	var mem blocks
	add := func(value []byte) bool {
		values = append(values, mem.keep(value))
		return len(values) < to-from
	}
	switch {
	case from == to:
	case s.kind == ofSet: // it has no order
		skipped := 0
		s.set.All(func(member []byte) bool {
			if skipped < from {
				skipped++
				return true
			}
			return add(member)
		})
	case s.kind == ofZSet && backwards:
		n := s.len()
		s.zset.Range(n-to, n-from, engine.Descending, func(member []byte, _ float64) bool { return add(member) })
	case s.kind == ofZSet:
		s.zset.Range(from, to, engine.Ascending, func(member []byte, _ float64) bool { return add(member) })
	case backwards:
		s.list.Range(s.len()-1-from, to-from, engine.Right, add)
	default:
		s.list.Range(from, to-from, engine.Left, add)
	}
	return values
}

// blocks is memory for copies, which never moves.
type blocks struct{ free []byte }

// keep returns a copy of b, which is not nil.
func (m *blocks) keep(b ...[]byte) []byte {
	n := 0
	for _, part := range b {
		n += len(part)
	}
	if m.free == nil || cap(m.free)-len(m.free) < n {
		m.free = make([]byte, 0, max(n, blockSize))
	}
	from := len(m.free)
	for _, part := range b {
		m.free = append(m.free, part...)
	}
	return m.free[from:len(m.free):len(m.free)]
}
