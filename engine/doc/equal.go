package doc

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// Equal says whether two values are the same: numbers by their exact value,
// objects without regard to the order of their members.
func Equal(a, b Value) bool {
	if bytes.Equal(a, b) {
		return true
	}
	kind := a.Kind()
	if kind != b.Kind() {
		return false
	}
	switch kind {
	case Number:
		return CompareNumbers(a.Text(), b.Text()) == 0
	case Array:
		return a.Len() == b.Len() && equalArrays(a, b)
	case Object:
		return a.Len() == b.Len() && equalObjects(a, b)
	}
	return false
}

func equalArrays(a, b Value) bool {
	x, y := a.Items(), b.Items()
	for x.Next() && y.Next() {
		if !Equal(x.Value(), y.Value()) {
			return false
		}
	}
	return true
}

// equalObjects compares objects of as many members. Most have them in the same
// order; from the first difference on they are looked up.
func equalObjects(a, b Value) bool {
	var of lookup
	x, y := a.Items(), b.Items()
	same := true
	for x.Next() && y.Next() {
		other := y.Value()
		if same && !bytes.Equal(x.Name(), y.Name()) {
			same = false
			of = newLookup(b)
		}
		if !same {
			other = of.member(x.Name())
		}
		if !Equal(x.Value(), other) {
			return false
		}
	}
	return true
}

// lookup finds members of an object by name, of a large one without passing
// over the others each time.
type lookup struct {
	object Value
	table  []uint32 // where the members with a hash begin; 0 is nowhere
	mask   uint64
}

func newLookup(object Value) lookup {
	l := lookup{object: object}
	if object.Kind() != Object || object.Len() <= fewNames {
		return l
	}
	size := tableSize(object.Len())
	l.table, l.mask = make([]uint32, size), uint64(size-1)
	it := object.Items()
	for from := it.next; it.Next(); from = it.next {
		slot := maphash.Bytes(seed, it.Name()) & l.mask
		for l.table[slot] != 0 {
			slot = (slot + 1) & l.mask
		}
		l.table[slot] = uint32(from)
	}
	return l
}

// member returns the value of the member with the name, or none.
func (l lookup) member(name []byte) Value {
	if l.table == nil {
		return l.object.Member(name)
	}
	for slot := maphash.Bytes(seed, name) & l.mask; l.table[slot] != 0; slot = (slot + 1) & l.mask {
		at := int(l.table[slot])
		head, size := header(l.object[at:])
		if end := at + head + size; bytes.Equal(l.object[at+head:end], name) {
			return l.object.At(end)
		}
	}
	return nil
}

// member is a member of an object outside of its place.
type member struct {
	name  []byte
	value Value
}

// sortedMembers returns the members of an object in the order of compare.
func sortedMembers(v Value, compare func(a, b []byte) int) []member {
	all := make([]member, 0, v.Len())
	for it := v.Items(); it.Next(); {
		all = append(all, member{it.Name(), it.Value()})
	}
	slices.SortFunc(all, func(a, b member) int { return compare(a.name, b.name) })
	return all
}
