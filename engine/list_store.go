package engine

import (
	"bytes"
	"slices"

	"kvd/engine/ds/list"
	"kvd/engine/slab"
)

// largeList is a list that is too large for its entry's cell.
type largeList struct{ *list.List }

// Clone implements native.
func (n largeList) Clone(h *slab.Heap) native { return largeList{n.List.Clone(h)} }

func listOf(c collection) List {
	l := List{c: c}
	l.reopen()
	return l
}

// reopen finds the native after the form of the list may have changed.
func (l *List) reopen() {
	n, _ := l.c.native().(largeList)
	l.large = n.List
}

// small returns the list as it is packed; empty if it is missing or large.
func (l *List) small() list.Packed { return list.Packed(l.c.packed()) }

// at returns element i and its position.
func (l *List) at(i int) (pos int64, value []byte) {
	if l.large != nil {
		return l.large.At(i)
	}
	return l.small().At(i)
}

// first and last are the positions at the ends of a list that has elements.
func (l *List) first() int64 {
	if l.large != nil {
		return l.large.First()
	}
	return l.small().First()
}

func (l *List) last() int64 {
	if l.large != nil {
		return l.large.Last()
	}
	return l.small().Last()
}

// each calls fn with n elements from element i on until fn returns false.
func (l *List) each(i, n int, dir list.Direction, fn func(pos int64, value []byte) bool) {
	if l.large != nil {
		l.large.Each(i, n, dir, fn)
		return
	}
	l.small().Each(i, n, dir, fn)
}

// search returns the index of the first element at pos or behind it, and whether
// it is at pos.
func (l *List) search(pos int64) (int, bool) {
	if l.large != nil {
		return l.large.Search(pos)
	}
	return l.small().Search(pos)
}

// The methods below change what is in memory and record nothing. After the last
// of them, settle is to be called.

// insert puts an element at pos before element i.
func (l *List) insert(i int, pos int64, value []byte) {
	if l.large != nil {
		l.large.Insert(i, pos, value)
		return
	}
	if e := l.small().Insert(i, pos, value); !l.edit(&e) {
		l.enlarge().Insert(i, pos, value)
	}
}

// replace gives element i another value.
func (l *List) replace(i int, value []byte) {
	if l.large != nil {
		l.large.Set(i, value)
		return
	}
	if e := l.small().Set(i, value); !l.edit(&e) {
		l.enlarge().Set(i, value)
	}
}

// remove takes n elements away, from element i on; there may be none.
func (l *List) remove(i, n int) {
	if l.large != nil {
		l.large.Remove(i, n)
		return
	}
	if n == 0 {
		return
	}
	if e := l.small().Remove(i, n); !l.edit(&e) {
		l.enlarge().Remove(i, n)
	}
}

// edit makes a change of the packed list, and reports false if that is too large
// for it then.
func (l *List) edit(e *list.Edit) bool {
	if e.Add > e.Del && len(l.c.packed())+e.Add-e.Del > packedMax {
		return false
	}
	e.Fill(l.c.splice(e.At, e.Del, e.Add))
	return true
}

// enlarge makes the packed list a large one.
func (l *List) enlarge() *list.List {
	n := list.FromPacked(l.c.heap(), l.small())
	l.c.setNative(largeList{n})
	l.reopen()
	return l.large
}

// repacked is the size at which a large list becomes packed again, in bytes. It is
// so far below packedMax that a list which grows and shrinks is not always copied.
const repacked = packedMax / 2

// settle brings the form of the list and the count of its memory up to date.
func (l *List) settle() {
	switch {
	case l.large == nil:
		return
	case l.large.PackedSize() <= repacked:
		l.c.setPacked(l.large.AppendPacked(l.c.tx.blank(2 * repacked)[:0]))
	default:
		l.c.resized()
	}
	l.reopen()
}

// removeEmpty removes the key of a list that has lost its last element.
func (l *List) removeEmpty() {
	l.c.removeEmpty()
	l.large = nil
}

// stretch is n elements from element from on.
type stretch struct{ from, n int }

// stretches returns where elements are value, most of them at the most, beginning at a
// side, and how many they are. The stretches are in ascending order.
func (l *List) stretches(value []byte, most int, from Side) (stretches []stretch, total int) {
	n := l.Len()
	i, step := 0, 1
	if from == Right {
		i, step = n-1, -1
	}
	l.Range(max(i, 0), n, from, func(v []byte) bool {
		if bytes.Equal(v, value) {
			last := len(stretches) - 1
			switch {
			case last >= 0 && from == Left && stretches[last].from+stretches[last].n == i:
				stretches[last].n++
			case last >= 0 && from == Right && stretches[last].from == i+1:
				stretches[last] = stretch{i, stretches[last].n + 1}
			default:
				stretches = append(stretches, stretch{i, 1})
			}
			total++
		}
		i += step
		return total < most
	})
	if from == Right {
		slices.Reverse(stretches)
	}
	return stretches, total
}
