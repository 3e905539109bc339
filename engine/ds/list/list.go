// Package list is the structure of a list: elements in order, each at a position
// that it keeps while others come and go around it.
//
// Positions are numbers that grow from the front to the back; a Stride lies
// between neighbours that were pushed, and the caller chooses them. A small list
// is a Packed, one piece of memory; a large one is a List, chunks of the same
// encoding outside the Go heap in a directory of two levels.
//
// Invariants: positions grow strictly; no chunk is empty; a directory's counts
// are those of its chunks, and a chunk's count and positions those of its items.
package list

import (
	"unsafe"

	"kvd/engine/slab"
)

// Direction is a way through a list.
type Direction uint8

// Forward goes from the front to the back, Backward the other way.
const (
	Forward Direction = iota
	Backward
)

// List is a list of any size. Pushing and popping at both ends take constant
// time, amortized; element i is found in a time that grows with the root of the
// length, and is small against a walk of the chunk that it is in.
type List struct {
	heap   *slab.Heap
	groups []group
	count  int // elements
	chunks int
	cells  int // bytes of all cells
	items  int // bytes of all items
}

// New returns an empty list in the memory of h.
func New(h *slab.Heap) *List { return &List{heap: h} }

// FromPacked returns the elements of p in the memory of h.
func FromPacked(h *slab.Heap, p Packed) *List {
	l := New(h)
	if r := p.run(); r.count > 0 {
		l.insertChunk(place{}, l.newChunk(r, p.items(), growth(len(p.items()))))
	}
	return l
}

// Len returns the number of elements.
func (l *List) Len() int { return l.count }

// First and Last return the positions at the ends of a list that has elements.
func (l *List) First() int64 { return l.groups[0].chunks[0].first }

// Last is described with First.
func (l *List) Last() int64 {
	g := &l.groups[len(l.groups)-1]
	return g.chunks[len(g.chunks)-1].last
}

// Bytes returns the memory that the elements take.
func (l *List) Bytes() int {
	return l.cells + l.chunks*int(unsafe.Sizeof(chunk{})) + len(l.groups)*int(unsafe.Sizeof(group{}))
}

// PackedSize returns about how many bytes the elements take as a Packed.
func (l *List) PackedSize() int { return packedHeader + l.items }

// AppendPacked appends the elements, of which there must be at most MaxPacked, to
// dst as a Packed.
func (l *List) AppendPacked(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, make([]byte, packedHeader)...)
	r := run{count: l.count}
	l.eachChunk(func(ch *chunk) {
		if len(dst) == from+packedHeader {
			r.first = ch.first
		} else {
			var gap [maxGap]byte
			dst = append(dst, gap[:putGap(gap[:], 0, uint64(ch.first-r.last))]...)
		}
		r.last = ch.last
		dst = append(dst, l.bytes(ch)...)
	})
	putRun(dst[from:], r)
	return dst
}

// Clone returns the same elements in the memory of h.
func (l *List) Clone(h *slab.Heap) *List {
	to := New(h)
	l.eachChunk(func(ch *chunk) {
		b := l.bytes(ch)
		to.insertChunk(to.end(), to.newChunk(ch.run, b, len(b)))
	})
	return to
}

// Free gives the memory of all elements back and leaves an empty list.
func (l *List) Free() {
	l.eachChunk(func(ch *chunk) { l.free(ch.ref) })
	*l = List{heap: l.heap}
}

// At returns element i and its position. The value is valid until the list is
// changed.
func (l *List) At(i int) (pos int64, value []byte) {
	at, j := l.seek(i)
	ch := l.chunk(at)
	b := l.bytes(ch)
	it, pos := ch.seek(b, j)
	return pos, b[it.from:it.to:it.to]
}

// Search returns the index of the first element at pos or behind it, and whether
// it is at pos.
func (l *List) Search(pos int64) (i int, found bool) {
	at, before, ok := l.find(pos)
	if !ok {
		return l.count, false
	}
	ch := l.chunk(at)
	j, found := ch.search(l.bytes(ch), pos)
	return before + j, found
}

// Each calls fn with n elements from element i on, in either direction, until fn
// returns false. The values are valid until the list is changed, which fn must
// not do.
func (l *List) Each(i, n int, dir Direction, fn func(pos int64, value []byte) bool) {
	if n == 0 {
		return
	}
	at, j := l.seek(i)
	for {
		ch := l.chunk(at)
		here := j + 1
		if dir == Forward {
			here = ch.count - j
		}
		here = min(here, n)
		if n -= here; !ch.each(l.bytes(ch), j, here, dir, fn) || n == 0 {
			return
		}
		if dir == Forward {
			at, j = l.next(at), 0
		} else {
			at, _ = l.prev(at)
			j = l.chunk(at).count - 1
		}
	}
}
