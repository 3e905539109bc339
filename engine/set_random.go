package engine

import (
	"math"
	"math/rand/v2"

	"kvd/engine/ds/dict"
	"kvd/internal/change"
)

// Random returns a member, each as likely as any other; ok is false for an
// empty set. The member is valid until the set is changed or digits, which has
// the memory for a number, is used again.
func (s *Set) Random(digits *[maxDigits]byte) (member []byte, ok bool) {
	if t, ok := s.table(); ok {
		ref, ok := t.Random(rand.Uint64())
		if !ok {
			return nil, false
		}
		return t.Field(ref), true
	}
	b := smallSet(s.c.packed())
	if b.len() == 0 {
		return nil, false
	}
	member, _, _ = b.at(rand.IntN(b.len()), digits[:0])
	return member, true
}

// Sample calls emit for count members, or for all if there are fewer, none of
// them twice. A member is valid during the call only.
func (s *Set) Sample(count int, emit func(member []byte)) {
	n := s.Len()
	t, large := s.table()
	if large && count < n/3 {
		t.sample(count, emit)
		return
	}
	s.choose(min(count, n), func(member []byte, chosen bool) {
		if chosen {
			emit(member)
		}
	})
}

// sample is Sample for few of many members.
func (t setTable) sample(count int, emit func(member []byte)) {
	seen := make(map[dict.Ref]struct{}, count)
	for len(seen) < count {
		ref, ok := t.Random(rand.Uint64())
		if !ok {
			return
		}
		if _, again := seen[ref]; !again {
			seen[ref] = struct{}{}
			emit(t.Field(ref))
		}
	}
}

// choose calls fn for every member and tells it whether that is among the count
// that were chosen: any choice is as likely as any other (algorithm S of Knuth,
// The Art of Computer Programming, 3.4.2).
func (s *Set) choose(count int, fn func(member []byte, chosen bool)) {
	left := s.Len()
	s.All(func(member []byte) bool {
		chosen := rand.IntN(left) < count
		if chosen {
			count--
		}
		left--
		fn(member, chosen)
		return true
	})
}

// PopOne removes a random member and returns it; it is valid until the Tx ends.
// ok is false for an empty set. Events: spop and del.
func (s *Set) PopOne() (member []byte, ok bool) {
	if !s.c.exists() {
		return nil, false
	}
	member = s.take()
	s.c.deleteRow(member)
	s.changed("spop")
	return member, true
}

// take removes a random member of a set that has one, without row and event, and
// returns it in memory that lasts.
func (s *Set) take() []byte {
	if t, ok := s.table(); ok {
		ref, _ := t.Random(rand.Uint64())
		member := s.c.tx.lasting(t.Field(ref))
		t.Remove(ref)
		return member
	}
	var digits [maxDigits]byte
	b := smallSet(s.c.packed())
	member, at, next := b.at(rand.IntN(b.len()), digits[:0])
	taken := s.c.tx.lasting(member)
	s.cut(at, next)
	return taken
}

// Pop removes count random members, or all if there are fewer, and calls emit
// for each, with what is valid during the call only. Events: spop, if there was
// any, and del.
func (s *Set) Pop(count int, emit func(member []byte)) {
	n := s.Len()
	switch {
	case n == 0 || count <= 0:
		return
	case count >= n:
		s.popAll(emit)
		return
	case count > n/2 && s.c.native() != nil:
		s.keep(n-count, emit)
	default:
		for range count {
			member := s.take()
			s.c.deleteRow(member)
			emit(member)
		}
	}
	s.changed("spop")
}

func (s *Set) popAll(emit func(member []byte)) {
	s.All(func(member []byte) bool {
		emit(member)
		return true
	})
	s.c.changed(change.EventSet, "spop")
	s.c.removeEmpty()
}

// keep removes all but count random members and calls emit for those that go.
// The ones that stay become a set anew: they are fewer.
func (s *Set) keep(count int, emit func(member []byte)) {
	stay := make([][]byte, 0, count)
	s.choose(count, func(member []byte, chosen bool) {
		if chosen {
			stay = append(stay, s.c.tx.lasting(member))
		} else {
			emit(member)
		}
	})
	s.c.renew()
	s.fill(len(stay), func(fn func(member []byte)) {
		for _, member := range stay {
			fn(member)
		}
	}, math.MaxInt64) // the mark of a large set stays as it was
}
