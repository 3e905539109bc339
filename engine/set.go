package engine

import "kvd/internal/change"

// Set is the set at a key, or what will be one when a member is added. Handles
// of one key must not be mixed: one that has changed it makes others invalid.
//
// A row of it has a member as its name and no value.
type Set struct{ c collection }

// IntsetMax is how many members a set of integers may have to count as an
// intset, which lists its members in ascending order.
type IntsetMax int64

// defaultIntsetMax goes for sets that are loaded.
const defaultIntsetMax IntsetMax = 512

// Set returns the set at key; a missing key gives an empty one. It fails with
// WRONGTYPE.
func (tx *Tx) Set(key []byte) (Set, error) {
	c, err := tx.open(key, change.SetType)
	return Set{c}, err
}

// PeekSet is Set without noting an access.
func (tx *Tx) PeekSet(key []byte) (Set, error) {
	c, err := tx.peek(key, change.SetType)
	return Set{c}, err
}

// Exists reports whether there is such a key.
func (s *Set) Exists() bool { return s.c.exists() }

// Intset reports whether the set counts as one of integers.
func (s *Set) Intset() bool { return s.c.exists() && !s.c.big() }

// Len returns the number of members.
func (s *Set) Len() int {
	if t, ok := s.table(); ok {
		return t.Len()
	}
	return smallSet(s.c.packed()).len()
}

// Has reports whether member is in the set.
func (s *Set) Has(member []byte) bool {
	if t, ok := s.table(); ok {
		_, found := t.Get(member)
		return found
	}
	return smallSet(s.c.packed()).has(member)
}

// Add adds members and returns how many were not there before. Event: sadd, if
// there were any.
func (s *Set) Add(members [][]byte, most IntsetMax) int {
	added := 0
	for _, m := range members {
		if s.add(m, most) {
			s.c.putRow(m, nil, 0)
			added++
		}
	}
	if added > 0 {
		s.changed("sadd")
	}
	return added
}

// Remove removes members and returns how many were there. A set without members
// is no key. Events: srem, if there were any, and del.
func (s *Set) Remove(members [][]byte) int {
	removed := 0
	for _, m := range members {
		if s.remove(m) {
			s.c.deleteRow(m)
			removed++
		}
	}
	if removed > 0 {
		s.changed("srem")
	}
	return removed
}

// changed ends a command that has changed the set.
func (s *Set) changed(event string) {
	if s.c.native() != nil {
		s.c.resized()
	}
	s.c.changed(change.EventSet, event)
	if s.Len() == 0 {
		s.c.removeEmpty()
	}
}
