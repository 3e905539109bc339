package engine

import (
	"kvd/engine/ds/dict"
	"kvd/engine/ds/intset"
	"kvd/engine/packed"
	"kvd/engine/slab"
)

// setTable is a set with memory of its own.
type setTable struct{ *dict.Dict }

// Clone implements native.
func (t setTable) Clone(h *slab.Heap) native { return setTable{t.Dict.Clone(h)} }

func (s *Set) table() (t setTable, ok bool) {
	t, ok = s.c.native().(setTable)
	return t, ok
}

// add adds a member without row and event and reports whether it is new.
func (s *Set) add(member []byte, most IntsetMax) bool {
	if t, ok := s.table(); ok {
		added := t.Set(member, nil)
		if added && !s.c.big() {
			if _, number := intset.Parse(member); !number || t.Len() > int(most) {
				s.c.setBig()
			}
		}
		return added
	}
	b := smallSet(s.c.packed())
	if !b.loose() {
		if v, ok := intset.Parse(member); ok {
			return s.addInt(b.ints(), v, most)
		}
	}
	return s.addLoose(b, member)
}

// addInt adds v to a set of integers in the cell, or begins one.
func (s *Set) addInt(b intset.Set, v int64, most IntsetMax) bool {
	n, width := b.Len(), max(b.Width(), intset.WidthOf(v))
	i, found := b.Find(v)
	if found {
		return false
	}
	switch {
	case intset.Size(n+1, width) > intsetSize:
		s.toTable()
		return s.add(formatInt(v), most)
	case len(b) == 0:
		b = s.c.splice(0, 0, intset.Size(0, width))
		b.Start(width)
	case width > b.Width():
		b = s.c.splice(len(b), 0, intset.Size(n, width)-len(b))
		b.Widen(n, width)
	}
	b = s.c.splice(b.Offset(i), 0, width)
	b.Put(i, v)
	if n+1 > int(most) {
		s.toLoose(0)
	}
	return true
}

// addLoose adds a member that is no integer, or joins others that are none.
func (s *Set) addLoose(b smallSet, member []byte) bool {
	size := packed.Size(len(member))
	if !b.loose() {
		s.toLoose(size)
		if _, ok := s.table(); ok {
			return s.add(member, 0)
		}
		b = s.c.packed()
	} else if _, _, found := b.find(member); found {
		return false
	}
	if len(b)+size > packedMax {
		s.toTable()
		return s.add(member, 0)
	}
	at := len(b)
	b = s.c.splice(at, 0, size)
	packed.Put(b, at, member)
	b.setCount(b.len() + 1)
	return true
}

// toLoose makes a set of integers, or none, one of strings, with room bytes more
// to come.
func (s *Set) toLoose(room int) {
	b := smallSet(s.c.packed())
	if size := b.looseSize(); size+room > packedMax {
		s.toTable()
	} else {
		s.c.setPacked(b.asLoose(s.c.tx.blank(size)))
	}
	s.c.setBig()
}

// toTable gives the members memory of their own.
func (s *Set) toTable() {
	t := setTable{dict.New(s.c.heap(), s.c.tx.engine.seed)}
	s.All(func(member []byte) bool {
		t.Set(member, nil)
		return true
	})
	s.c.setNative(t)
}

// remove removes a member without row and event and reports whether it was
// there. The key stays when the set is empty.
func (s *Set) remove(member []byte) bool {
	if t, ok := s.table(); ok {
		return t.Delete(member)
	}
	b := smallSet(s.c.packed())
	if b.loose() {
		at, next, ok := b.find(member)
		if ok {
			s.cut(at, next)
		}
		return ok
	}
	v, ok := intset.Parse(member)
	if !ok {
		return false
	}
	i, ok := b.ints().Find(v)
	if ok {
		s.cut(b.ints().Offset(i), b.ints().Offset(i+1))
	}
	return ok
}

// cut removes the member between two offsets of a small set.
func (s *Set) cut(at, next int) {
	b := smallSet(s.c.splice(at, next-at, 0))
	if b.loose() {
		b.setCount(b.len() - 1)
	}
}
