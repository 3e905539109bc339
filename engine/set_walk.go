package engine

import (
	"errors"
	"strconv"

	"kvd/engine/ds/dict"
)

func formatInt(v int64) []byte { return strconv.AppendInt(nil, v, 10) }

// All calls fn for every member until it returns false; those of an intset come
// in ascending order. A member is valid during the call only, and the set must
// not be changed meanwhile.
func (s *Set) All(fn func(member []byte) bool) {
	t, ok := s.table()
	if !ok {
		smallSet(s.c.packed()).each(make([]byte, 0, maxDigits), fn)
		return
	}
	t.All(func(ref dict.Ref) bool { return fn(t.Field(ref)) })
}

// Scan goes on at cursor (0: the beginning) through the set and calls emit for
// about count members. It returns where to go on; 0 is the end. A member that is
// there from the first to the last call is seen at least once. Any cursor is
// safe. A small set is seen whole.
func (s *Set) Scan(cursor uint64, count int, emit func(member []byte)) (next uint64) {
	if t, ok := s.table(); ok {
		return t.Scan(cursor, count, func(ref dict.Ref) { emit(t.Field(ref)) })
	}
	s.All(func(member []byte) bool {
		emit(member)
		return true
	})
	return 0
}

// errSetRow says that a stored row is none of a set.
var errSetRow = errors.New("row of a set with a value")

// loadSet applies the stored row of a member.
func (c *collection) loadSet(sub, value []byte, _ int64) error {
	if len(value) > 0 {
		return errSetRow
	}
	s := Set{*c}
	s.add(sub, defaultIntsetMax)
	s.loaded(c)
	return nil
}

// unloadSet applies the removal of a stored row.
func (c *collection) unloadSet(sub []byte) error {
	s := Set{*c}
	s.remove(sub)
	s.loaded(c)
	return nil
}

// loaded gives c what has become of it.
func (s *Set) loaded(c *collection) {
	if s.c.native() != nil {
		s.c.resized()
	}
	*c = s.c
}

func (c *collection) eachSet(fn func(sub, value []byte, expire int64) bool) {
	s := Set{*c}
	s.All(func(member []byte) bool { return fn(member, nil, 0) })
}

func (c *collection) lenSet() int {
	s := Set{*c}
	return s.Len()
}
