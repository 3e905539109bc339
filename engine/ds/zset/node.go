package zset

import (
	"encoding/binary"

	"kvd/engine/slab"
)

// node is a node of the tree: columns of entries, in order.
//
//	   0  how many entries there are, 16 bits
//	   2  the leaf before this one, 40 bits   (leaves only)
//	   7  the leaf after this one, 40 bits    (leaves only)
//	  16  scores, 64 bits each
//	 552  cells of members, 40 bits each
//	 888  nodes below, 40 bits each           (inner nodes only)
//	1224  members below, 40 bits each         (inner nodes only)
//
// An entry of a leaf is a member. An entry of an inner node is a node below:
// its score and cell are those of the first member there.
//
// The capacity fills the slab's cells of 896 and 1,664 bytes.
type node []byte

const (
	nodeCap = 67

	prevAt   = 2
	nextAt   = 7
	scoresAt = 16
	cellsAt  = scoresAt + nodeCap*scoreSize
	leafSize = cellsAt + nodeCap*refSize
	nodesAt  = leafSize + 1
	countsAt = nodesAt + nodeCap*refSize + 1
	nodeSize = countsAt + nodeCap*refSize

	refSize = 5
)

func (n node) len() int         { return int(binary.LittleEndian.Uint16(n)) }
func (n node) setLen(count int) { binary.LittleEndian.PutUint16(n, uint16(count)) }

func (n node) prev() slab.Ref       { return slab.Ref(load40(n[prevAt:])) }
func (n node) next() slab.Ref       { return slab.Ref(load40(n[nextAt:])) }
func (n node) setPrev(ref slab.Ref) { store40(n[prevAt:], uint64(ref)) }
func (n node) setNext(ref slab.Ref) { store40(n[nextAt:], uint64(ref)) }

func (n node) score(i int) float64        { return scoreAt(n[scoresAt+i*scoreSize:]) }
func (n node) setScore(i int, sc float64) { putScore(n[scoresAt+i*scoreSize:], sc) }

func (n node) cell(i int) slab.Ref         { return slab.Ref(load40(n[cellsAt+i*refSize:])) }
func (n node) setCell(i int, ref slab.Ref) { store40(n[cellsAt+i*refSize:], uint64(ref)) }

func (n node) below(i int) slab.Ref         { return slab.Ref(load40(n[nodesAt+i*refSize:])) }
func (n node) setBelow(i int, ref slab.Ref) { store40(n[nodesAt+i*refSize:], uint64(ref)) }

func (n node) count(i int) int       { return int(load40(n[countsAt+i*refSize:])) }
func (n node) setCount(i, count int) { store40(n[countsAt+i*refSize:], uint64(count)) }

// total returns how many members there are in or below the node.
func (n node) total() (sum int) {
	if len(n) < nodeSize {
		return n.len()
	}
	for i := range n.len() {
		sum += n.count(i)
	}
	return sum
}

// column is one of a node's arrays.
type column struct{ at, width int }

var columns = [...]column{{scoresAt, scoreSize}, {cellsAt, refSize}, {nodesAt, refSize}, {countsAt, refSize}}

// columns returns the arrays that the node has.
func (n node) columns() []column {
	if len(n) < nodeSize {
		return columns[:2]
	}
	return columns[:]
}

// open makes room for an entry before the i-th.
func (n node) open(i int) {
	count := n.len()
	for _, c := range n.columns() {
		copy(n[c.at+(i+1)*c.width:c.at+(count+1)*c.width], n[c.at+i*c.width:])
	}
	n.setLen(count + 1)
}

// drop removes the i-th entry.
func (n node) drop(i int) {
	count := n.len()
	for _, c := range n.columns() {
		copy(n[c.at+i*c.width:c.at+(count-1)*c.width], n[c.at+(i+1)*c.width:])
	}
	n.setLen(count - 1)
}

// take appends the entries of o from the from-th on, and removes them there.
func (n node) take(o node, from int) {
	count, more := n.len(), o.len()-from
	for _, c := range n.columns() {
		copy(n[c.at+count*c.width:], o[c.at+from*c.width:c.at+(from+more)*c.width])
	}
	n.setLen(count + more)
	o.setLen(from)
}

// load40 and store40 treat the first five bytes of b.
func load40(b []byte) uint64 {
	_ = b[4]
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(b[4])<<32
}

func store40(b []byte, v uint64) {
	_ = b[4]
	binary.LittleEndian.PutUint32(b, uint32(v))
	b[4] = byte(v >> 32)
}
