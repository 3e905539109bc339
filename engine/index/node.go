package index

import (
	"encoding/binary"
	"math/bits"

	"kvd/engine/slab"
)

// node is one cache line: a bucket, or what overflows from one.
//
//	 0  eight tags of 16 bits
//	16  eight references of 40 bits
//	56  the reference of the next node of the bucket, 40 bits
//	61  how many slots are in use: these are the first ones
//
// All nodes of a bucket but the last are full.
type node [nodeSize]byte

const (
	nodeSize  = 64
	nodeSlots = 8

	refsAt  = 16
	refSize = 5
	linkAt  = 56
	lenAt   = 61

	refMask = 1<<RefBits - 1
	// laneOnes has the lowest bit of each of four tags, laneTops the highest.
	laneOnes = 0x0001_0001_0001_0001
	laneTops = 0x8000_8000_8000_8000
)

func (n *node) len() int     { return int(n[lenAt]) }
func (n *node) setLen(l int) { n[lenAt] = byte(l) }

func (n *node) tag(i int) uint16 { return binary.LittleEndian.Uint16(n[2*i:]) }
func (n *node) ref(i int) uint64 { return load40(n[refsAt+refSize*i:]) }

func (n *node) link() slab.Ref       { return slab.Ref(load40(n[linkAt:])) }
func (n *node) setLink(ref slab.Ref) { store40(n[linkAt:], uint64(ref)) }

func (n *node) setTag(i int, tag uint16) { binary.LittleEndian.PutUint16(n[2*i:], tag) }
func (n *node) setRef(i int, ref uint64) { store40(n[refsAt+refSize*i:], ref) }

func (n *node) set(i int, tag uint16, ref uint64) {
	n.setTag(i, tag)
	n.setRef(i, ref)
}

// match returns a set of slots that has all those with this tag. It may have
// others too, and slots that are not in use.
func (n *node) match(tag uint16) slotSet {
	spread := uint64(tag) * laneOnes
	low := zeroLanes(binary.LittleEndian.Uint64(n[0:]) ^ spread)
	high := zeroLanes(binary.LittleEndian.Uint64(n[8:]) ^ spread)
	return slotSet(low>>1 | high)
}

// zeroLanes returns the highest bit of each 16-bit lane of w that is zero, and
// perhaps of one above such a lane: the borrow of the subtraction.
func zeroLanes(w uint64) uint64 { return (w - laneOnes) &^ w & laneTops }

// slotSet is a set of slots of a node. Bit 14+16i stands for slot i, and bit
// 15+16i for slot 4+i.
type slotSet uint64

// first returns a slot of a set that is not empty: the one rest leaves out.
func (s slotSet) first() int {
	at := bits.TrailingZeros64(uint64(s))
	return at>>4 | at&1<<2
}

func (s slotSet) rest() slotSet { return s & (s - 1) }

// load40 and store40 treat the first five bytes of b. They don't touch more,
// as a load that overlaps a store just made would wait for it.
func load40(b []byte) uint64 {
	_ = b[4]
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(b[4])<<32
}

func store40(b []byte, v uint64) {
	_ = b[4]
	binary.LittleEndian.PutUint32(b, uint32(v))
	b[4] = byte(v >> 32)
}
