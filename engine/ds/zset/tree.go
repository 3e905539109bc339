package zset

import (
	"bytes"

	"kvd/engine/slab"
)

// entry is a member with its score and its cell.
type entry struct {
	score  float64
	ref    slab.Ref
	member []byte
}

// thin is the length below which a node is joined with a neighbour if both fit
// into one.
const thin = nodeCap / 4

// insert adds an entry that is not in the tree.
func (s *Set) insert(e entry) {
	right := s.insertBelow(s.root, s.height, e)
	if right == 0 {
		return
	}
	left := s.root
	root := s.newInner()
	s.adopt(root, 0, left, s.height)
	s.adopt(root, 1, right, s.height)
	s.height++
}

// insertBelow adds an entry under a node. If the node had to be split, it
// returns the part with the greater entries.
func (s *Set) insertBelow(ref slab.Ref, height int, e entry) (right slab.Ref) {
	n := s.node(ref, height)
	at := s.find(n, e)
	if height == 0 {
		n, at, right = s.room(ref, n, at, height)
		n.open(at)
		n.setScore(at, e.score)
		n.setCell(at, e.ref)
		return right
	}

	at--
	if at < 0 { // it becomes the first of all
		at = 0
		n.setScore(0, e.score)
		n.setCell(0, e.ref)
	}
	n.setCount(at, n.count(at)+1)
	below := n.below(at)
	split := s.insertBelow(below, height-1, e)
	if split == 0 {
		return 0
	}
	n.setCount(at, s.node(below, height-1).total())
	n, at, right = s.room(ref, n, at+1, height)
	s.adopt(n, at, split, height-1)
	return right
}

// room makes sure that an entry can be put at a place of n. A full node is
// split: then the place may be in the other part, which is returned as right.
func (s *Set) room(ref slab.Ref, n node, at, height int) (node, int, slab.Ref) {
	if n.len() < nodeCap {
		return n, at, 0
	}
	right, o := s.newNode(height)
	// What comes in ascending order leaves full nodes behind.
	from := nodeCap
	if at < nodeCap || height == 0 && n.next() != 0 {
		from = nodeCap / 2
	}
	o.take(n, from)
	if height == 0 {
		s.link(right, n.next())
		s.link(ref, right)
	}
	if at < from {
		return n, at, right
	}
	return o, at - from, right
}

// adopt enters a node below as entry at of n.
func (s *Set) adopt(n node, at int, ref slab.Ref, height int) {
	below := s.node(ref, height)
	n.open(at)
	n.setScore(at, below.score(0))
	n.setCell(at, below.cell(0))
	n.setBelow(at, ref)
	n.setCount(at, below.total())
}

// remove takes an entry out of the tree.
func (s *Set) remove(e entry) {
	s.removeBelow(s.root, s.height, e)
	for s.height > 0 {
		root := s.node(s.root, s.height)
		if root.len() > 1 {
			return
		}
		old := s.root
		s.height--
		if root.len() == 1 {
			s.root = root.below(0)
		} else {
			s.height = 0
			s.root = s.newLeaf()
		}
		s.heap.Free(old)
	}
}

func (s *Set) removeBelow(ref slab.Ref, height int, e entry) {
	n := s.node(ref, height)
	at := s.find(n, e) - 1
	if height == 0 {
		n.drop(at)
		return
	}
	s.removeBelow(n.below(at), height-1, e)
	below := s.node(n.below(at), height-1)
	if below.len() == 0 {
		s.discard(n, at, height-1)
		return
	}
	n.setCount(at, n.count(at)-1)
	n.setScore(at, below.score(0))
	n.setCell(at, below.cell(0))
	if below.len() < thin && !s.join(n, at, height-1) && at > 0 {
		s.join(n, at-1, height-1)
	}
}

// discard frees the empty node below entry at of n.
func (s *Set) discard(n node, at, height int) {
	ref := n.below(at)
	if height == 0 {
		leaf := s.node(ref, 0)
		s.link(leaf.prev(), leaf.next())
	}
	s.heap.Free(ref)
	n.drop(at)
}

// join puts the nodes below entries at and at+1 of n together if they fit, and
// reports whether they did.
func (s *Set) join(n node, at, height int) bool {
	if at+1 >= n.len() {
		return false
	}
	leftRef, rightRef := n.below(at), n.below(at+1)
	left, right := s.node(leftRef, height), s.node(rightRef, height)
	if left.len()+right.len() > nodeCap {
		return false
	}
	left.take(right, 0)
	if height == 0 {
		s.link(leftRef, right.next())
	}
	s.heap.Free(rightRef)
	n.setScore(at, left.score(0))
	n.setCell(at, left.cell(0))
	n.setCount(at, n.count(at)+n.count(at+1))
	n.drop(at + 1)
	return true
}

// move gives the member in a cell another score.
func (s *Set) move(ref slab.Ref, score float64) {
	e := entry{s.scoreOf(ref), ref, s.memberOf(ref)}
	if e.score == score {
		return
	}
	leaf, at := s.locate(e)
	putScore(s.heap.At(ref), score)
	moved := entry{score, ref, e.member}
	if at > 0 && at+1 < leaf.len() && s.compare(leaf, at-1, moved) < 0 && s.compare(leaf, at+1, moved) > 0 {
		leaf.setScore(at, score)
		return
	}
	s.remove(e)
	s.insert(moved)
}

// locate returns where an entry is.
func (s *Set) locate(e entry) (leaf node, at int) {
	n := s.node(s.root, s.height)
	for height := s.height; height > 0; height-- {
		n = s.node(n.below(s.find(n, e)-1), height-1)
	}
	return n, s.find(n, e) - 1
}

// find returns how many entries of a node are not after e.
func (s *Set) find(n node, e entry) int {
	low, high := 0, n.len()
	for low < high {
		mid := int(uint(low+high) / 2)
		score := n.score(mid)
		if score < e.score || score == e.score && s.compare(n, mid, e) <= 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// compare returns how the i-th entry of a node is ordered to e.
func (s *Set) compare(n node, i int, e entry) int {
	switch score := n.score(i); {
	case score < e.score:
		return -1
	case score > e.score:
		return 1
	}
	ref := n.cell(i)
	if ref == e.ref {
		return 0
	}
	return bytes.Compare(s.memberOf(ref), e.member)
}

func (s *Set) node(ref slab.Ref, height int) node {
	if height == 0 {
		return node(s.heap.At(ref)[:leafSize])
	}
	return node(s.heap.At(ref)[:nodeSize])
}

func (s *Set) newNode(height int) (slab.Ref, node) {
	size := nodeSize
	if height == 0 {
		size = leafSize
	}
	ref, n := s.heap.Alloc(size)
	clear(n[:scoresAt])
	return ref, n
}

func (s *Set) newLeaf() slab.Ref {
	ref, _ := s.newNode(0)
	return ref
}

// newInner makes an empty inner node the root.
func (s *Set) newInner() node {
	ref, n := s.newNode(1)
	s.root = ref
	return n
}

// link makes two leaves neighbours; either may be none.
func (s *Set) link(left, right slab.Ref) {
	if left != 0 {
		s.node(left, 0).setNext(right)
	}
	if right != 0 {
		s.node(right, 0).setPrev(left)
	}
}

// freeNodes gives back a node and all below it.
func (s *Set) freeNodes(ref slab.Ref, height int) {
	n := s.node(ref, height)
	for i := 0; height > 0 && i < n.len(); i++ {
		s.freeNodes(n.below(i), height-1)
	}
	s.heap.Free(ref)
}
