package stream

import (
	"encoding/binary"
	"slices"
	"sort"

	"kvd/engine/slab"
)

// tree keeps records of one size in the order of their IDs. It is a B-tree of
// two levels: leaves of up to leafRecords records in cells, and a list of them.
// At ten million records the list has a few megabytes and a change in the middle
// moves part of one leaf only, unless that is split or goes.
//
// Invariant: the first of a leaf is at most the ID of each of its records, and
// above the IDs of all leaves before it. No leaf is empty.
type tree struct {
	width  int // bytes of a record: the ID, and what belongs to it
	n      int
	leaves []leaf
}

// leaf is a cell of records.
type leaf struct {
	first ID
	ref   slab.Ref
	n     int32
}

const (
	leafRecords = 128
	leastRoom   = 2  // records for which a leaf has room at first
	leafBytes   = 32 // what a leaf takes in the list
)

// spot is the place of a record: a leaf and the position in it.
type spot struct{ leaf, pos int }

func (t *tree) recordID(cell []byte, pos int) ID {
	b := cell[pos*t.width:]
	return ID{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

// seek returns the place of the first record whose ID is not below id.
func (t *tree) seek(m *memory, id ID) (at spot, found bool) {
	i := t.leafOf(id)
	if i < 0 {
		return spot{}, false
	}
	l := &t.leaves[i]
	cell := m.at(l.ref)
	last := t.recordID(cell, int(l.n)-1)
	switch {
	case last.Less(id):
		if i+1 < len(t.leaves) {
			return spot{i + 1, 0}, false
		}
		return spot{i, int(l.n)}, false
	case last == id:
		return spot{i, int(l.n) - 1}, true
	}
	pos := sort.Search(int(l.n), func(p int) bool { return !t.recordID(cell, p).Less(id) })
	return spot{i, pos}, t.recordID(cell, pos) == id
}

// leafOf returns the leaf that has id if any has; -1 if id is below all.
func (t *tree) leafOf(id ID) int {
	last := len(t.leaves) - 1
	if last < 0 || !id.Less(t.leaves[last].first) {
		return last
	}
	return sort.Search(last, func(i int) bool { return id.Less(t.leaves[i].first) }) - 1
}

// floor returns the place of the last record whose ID is not above id.
func (t *tree) floor(m *memory, id ID) (at spot, ok bool) {
	at, found := t.seek(m, id)
	if found {
		return at, true
	}
	return t.before(at)
}

// before returns the place before at.
func (t *tree) before(at spot) (spot, bool) {
	switch {
	case at.pos > 0:
		return spot{at.leaf, at.pos - 1}, true
	case at.leaf > 0:
		return spot{at.leaf - 1, int(t.leaves[at.leaf-1].n) - 1}, true
	}
	return at, false
}

// after returns the place after at, which may be the end.
func (t *tree) after(at spot) spot {
	if at.pos+1 < int(t.leaves[at.leaf].n) || at.leaf+1 == len(t.leaves) {
		return spot{at.leaf, at.pos + 1}
	}
	return spot{at.leaf + 1, 0}
}

// has reports whether there is a record at at, rather than the end.
func (t *tree) has(at spot) bool {
	return at.leaf < len(t.leaves) && at.pos < int(t.leaves[at.leaf].n)
}

// last returns the place of the last record of a tree that is not empty.
func (t *tree) last() spot {
	i := len(t.leaves) - 1
	return spot{i, int(t.leaves[i].n) - 1}
}

// record returns the ID at a place and what belongs to it, to be changed.
func (t *tree) record(m *memory, at spot) (ID, []byte) {
	cell := m.at(t.leaves[at.leaf].ref)
	return t.recordID(cell, at.pos), cell[at.pos*t.width+IDSize : (at.pos+1)*t.width]
}

// get returns what belongs to id; nil if there is no such record.
func (t *tree) get(m *memory, id ID) (data []byte, ok bool) {
	at, found := t.seek(m, id)
	if !found {
		return nil, false
	}
	_, data = t.record(m, at)
	return data, true
}

// put returns what belongs to id, to be filled, and whether the record is new.
func (t *tree) put(m *memory, id ID) (data []byte, added bool) {
	at, found := t.seek(m, id)
	if !found {
		at = t.insert(m, at, id)
	}
	_, data = t.record(m, at)
	return data, !found
}

// insert makes a record before the place at, where seek found that id belongs.
func (t *tree) insert(m *memory, at spot, id ID) spot {
	if at.pos == 0 && at.leaf > 0 && id.Less(t.leaves[at.leaf].first) && t.leaves[at.leaf-1].n < leafRecords {
		at = spot{at.leaf - 1, int(t.leaves[at.leaf-1].n)} // the end of a leaf takes it without moving others
	}
	switch {
	case len(t.leaves) == 0:
		t.addLeaf(m, 0, id)
	case t.leaves[at.leaf].n == leafRecords:
		at = t.split(m, at, id)
	}
	l := &t.leaves[at.leaf]
	cell := t.room(m, l, int(l.n)+1)
	from := at.pos * t.width
	copy(cell[from+t.width:], cell[from:int(l.n)*t.width])
	binary.LittleEndian.PutUint64(cell[from:], id.MS)
	binary.LittleEndian.PutUint64(cell[from+8:], id.Seq)
	if id.Less(l.first) {
		l.first = id
	}
	l.n++
	t.n++
	return at
}

// split makes room at a place of a full leaf and returns where that is now. At
// the end of the last leaf it starts a new one, so that IDs which only grow fill
// all leaves.
func (t *tree) split(m *memory, at spot, id ID) spot {
	if at.pos == leafRecords {
		t.addLeaf(m, at.leaf+1, id)
		return spot{at.leaf + 1, 0}
	}
	const half = leafRecords / 2
	l := &t.leaves[at.leaf]
	cell := m.at(l.ref)
	t.addLeaf(m, at.leaf+1, t.recordID(cell, half))
	l, upper := &t.leaves[at.leaf], &t.leaves[at.leaf+1]
	copy(t.room(m, upper, half), cell[half*t.width:leafRecords*t.width])
	l.n, upper.n = half, half
	if at.pos > half {
		return spot{at.leaf + 1, at.pos - half}
	}
	return at
}

// addLeaf puts an empty leaf, which the caller fills, into the list.
func (t *tree) addLeaf(m *memory, i int, first ID) {
	ref, _ := m.alloc(leastRoom * t.width)
	t.leaves = slices.Insert(t.leaves, i, leaf{first: first, ref: ref})
	m.bytes += leafBytes
}

// room returns a leaf's cell, which is made large enough for n records.
func (t *tree) room(m *memory, l *leaf, n int) []byte {
	cell := m.at(l.ref)
	if len(cell) >= n*t.width {
		return cell
	}
	return t.resize(m, l, min(max(n, 2*int(l.n)), leafRecords))
}

// resize gives a leaf a cell for n records.
func (t *tree) resize(m *memory, l *leaf, n int) []byte {
	ref, cell := m.alloc(n * t.width)
	copy(cell, m.at(l.ref)[:int(l.n)*t.width])
	m.free(l.ref)
	l.ref = ref
	return cell
}

// remove removes the record of id and reports whether there was one.
func (t *tree) remove(m *memory, id ID) bool {
	at, found := t.seek(m, id)
	if found {
		t.removeAt(m, at)
	}
	return found
}

// removeAt removes the record at a place. Places after it are invalid then.
func (t *tree) removeAt(m *memory, at spot) {
	l := &t.leaves[at.leaf]
	cell := m.at(l.ref)
	copy(cell[at.pos*t.width:], cell[(at.pos+1)*t.width:int(l.n)*t.width])
	l.n--
	t.n--
	switch {
	case l.n == 0:
		t.removeLeaf(m, at.leaf)
	case at.leaf+1 < len(t.leaves) && l.n+t.leaves[at.leaf+1].n <= leafRecords/2:
		t.merge(m, at.leaf)
	case int(l.n)*t.width*4 <= len(cell) && l.n >= leastRoom:
		t.resize(m, l, int(l.n)*2)
	}
}

// merge appends the records of the next leaf to those of leaf i.
func (t *tree) merge(m *memory, i int) {
	l, next := &t.leaves[i], t.leaves[i+1]
	cell := t.room(m, l, int(l.n+next.n))
	copy(cell[int(l.n)*t.width:], m.at(next.ref)[:int(next.n)*t.width])
	l.n += next.n
	t.removeLeaf(m, i+1)
}

func (t *tree) removeLeaf(m *memory, i int) {
	m.free(t.leaves[i].ref)
	m.bytes -= leafBytes
	if i == 0 && len(t.leaves) > 1 {
		t.leaves = t.leaves[1:] // a log is trimmed at its beginning: nothing moves
		return
	}
	t.leaves = slices.Delete(t.leaves, i, i+1)
}

// clone copies the tree into other memory.
func (t *tree) clone(from, to *memory) tree {
	c := tree{width: t.width, n: t.n, leaves: slices.Clone(t.leaves)}
	for i := range c.leaves {
		l := &c.leaves[i]
		l.ref = to.copyOf(from, l.ref, int(l.n)*t.width)
	}
	to.bytes += leafBytes * len(c.leaves)
	return c
}

// clear removes all records.
func (t *tree) clear(m *memory) {
	for i := range t.leaves {
		m.free(t.leaves[i].ref)
	}
	m.bytes -= leafBytes * len(t.leaves)
	t.leaves, t.n = nil, 0
}
