package engine

import (
	"slices"

	"kvd/engine/ds/dict"
	"kvd/engine/ds/intset"
	"kvd/engine/packed"
	"kvd/internal/change"
)

// eachMember calls fn for every member of a result, as often as it is called.
type eachMember = func(fn func(member []byte))

// ReplaceSet puts n members, none of them twice, in place of whatever key holds.
// What members passes to its function must stay as it is until the Tx ends, and
// come again when it is called again. Without members the key is deleted.
// Events: event, or del if there was a key.
func (tx *Tx) ReplaceSet(key []byte, n int, members eachMember, most IntsetMax, event string) {
	if n == 0 {
		tx.Delete(key)
		return
	}
	recorded := tx.events
	if tx.Discard(key) {
		tx.events &^= change.EventNew // to clients the key was there all along
	}
	c, _ := tx.peek(key, change.SetType) // there is nothing now that could have another type
	s := Set{c}
	s.fill(n, members, most)
	tx.events = recorded
	s.changed(event)
}

// fill gives the set n members in place of what it has, with their rows.
func (s *Set) fill(n int, members eachMember, most IntsetMax) {
	ints, width, size := true, 0, looseHeader
	members(func(m []byte) {
		v, ok := intset.Parse(m)
		ints, width = ints && ok, max(width, intset.WidthOf(v))
		size += packed.Size(len(m))
	})
	ints = ints && n <= int(most)
	switch {
	case ints && intset.Size(n, width) <= intsetSize:
		s.fillInts(n, width, members)
	case size <= packedMax:
		s.fillLoose(n, size, members)
	default:
		t := setTable{dict.New(s.c.heap(), s.c.tx.engine.seed)}
		members(func(m []byte) { t.Set(m, nil) })
		s.c.setNative(t)
	}
	if !ints {
		s.c.setBig()
	}
	s.c.tx.set.Rows = slices.Grow(s.c.tx.set.Rows, n)
	members(func(m []byte) { s.c.putRow(m, nil, 0) })
}

func (s *Set) fillInts(n, width int, members eachMember) {
	numbers := make([]int64, 0, n)
	members(func(m []byte) {
		v, _ := intset.Parse(m)
		numbers = append(numbers, v)
	})
	slices.Sort(numbers)
	b := intset.Set(s.c.tx.blank(intset.Size(n, width)))
	b.Start(width)
	for i, v := range numbers {
		b.Put(i, v)
	}
	s.c.setPacked(b)
}

func (s *Set) fillLoose(n, size int, members eachMember) {
	b := smallSet(append(s.c.tx.blank(size)[:0], looseForm, 0, 0))
	members(func(m []byte) { b = packed.Append(b, m) })
	b.setCount(n)
	s.c.setPacked(b)
}
