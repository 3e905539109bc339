package index

import (
	"slices"
	"unsafe"

	"kvd/engine/slab"
)

// segmentNodes is how many buckets a segment has. Only the first segment may
// have fewer, a power of two.
const segmentNodes = 64

// segment is a row of buckets.
type segment struct {
	ref   slab.Ref
	nodes []byte
}

// Bytes returns the memory of the table beyond its own struct, in constant time.
func (t *Table) Bytes() int {
	total := t.overflow*slab.Size(nodeSize) + cap(t.segments)*int(unsafe.Sizeof(segment{}))
	if whole := len(t.segments) - 1; whole >= 0 {
		total += slab.Size(len(t.segments[0].nodes)) + whole*slab.Size(segmentNodes*nodeSize)
	}
	return total
}

// Reset removes all entries and gives the memory back.
func (t *Table) Reset() {
	for b := range t.n {
		t.cut(t.bucket(b), 0)
	}
	for _, s := range t.segments {
		t.mem.Free(s.ref)
	}
	t.segments, t.n, t.count = nil, 0, 0
}

// bucket returns the first node of a bucket.
func (t *Table) bucket(b uint64) *node {
	return (*node)(t.segments[b/segmentNodes].nodes[b%segmentNodes*nodeSize:])
}

// next returns the node after n in its bucket, or nil.
func (t *Table) next(n *node) *node {
	link := n.link()
	if link == 0 {
		return nil
	}
	return (*node)(t.mem.At(link))
}

// append adds an entry to the bucket that has n, and returns its last node.
func (t *Table) append(n *node, tag uint16, ref uint64) *node {
	for n.link() != 0 {
		n = t.next(n)
	}
	if n.len() == nodeSlots {
		link, cell := t.mem.Alloc(nodeSize)
		n.setLink(link)
		n = (*node)(cell)
		*n = node{}
		t.overflow++
	}
	n.set(n.len(), tag, ref)
	n.setLen(n.len() + 1)
	return n
}

// cut makes n the last node of its bucket, with length entries.
func (t *Table) cut(n *node, length int) {
	link := n.link()
	n.setLink(0)
	n.setLen(length)
	for link != 0 {
		next := (*node)(t.mem.At(link)).link()
		t.mem.Free(link)
		t.overflow--
		link = next
	}
}

// addBucket makes room for one bucket more, an empty one.
func (t *Table) addBucket() {
	switch {
	case t.n == 0:
		t.segments = append(t.segments, t.newSegment(1))
	case t.n%segmentNodes == 0:
		t.segments = append(t.segments, t.newSegment(segmentNodes))
	case t.n < segmentNodes && int(t.n)*nodeSize == len(t.segments[0].nodes):
		t.resizeFirst(2 * t.n)
	}
	t.n++
	*t.bucket(t.n - 1) = node{}
}

// shrink gives back the room of the bucket that was the last one.
func (t *Table) shrink() {
	switch {
	case t.n%segmentNodes == 0:
		end := len(t.segments) - 1
		t.mem.Free(t.segments[end].ref)
		t.segments[end] = segment{}
		t.segments = t.segments[:end]
		if end < cap(t.segments)/4 {
			t.segments = slices.Clone(t.segments)
		}
	case t.n < segmentNodes && t.n&(t.n-1) == 0:
		t.resizeFirst(t.n)
	}
}

// newSegment returns a segment of count buckets with undefined contents.
func (t *Table) newSegment(count uint64) segment {
	ref, nodes := t.mem.Alloc(int(count) * nodeSize)
	return segment{ref: ref, nodes: nodes}
}

// resizeFirst gives the first segment room for count buckets.
func (t *Table) resizeFirst(count uint64) {
	old := t.segments[0]
	t.segments[0] = t.newSegment(count)
	copy(t.segments[0].nodes, old.nodes)
	t.mem.Free(old.ref)
}
