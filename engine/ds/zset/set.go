// Package zset keeps a set of members sorted by a score and, where scores are
// equal, by the bytes of the members.
//
// A member lives in one cell of a slab.Heap. Two structures refer to the cell by
// number: a hash table, which finds the score of a member in constant time, and
// a counted B+ tree, which finds members by their order and the order of members
// in logarithmic time. Nothing in a Set holds a Go pointer per member.
//
// Invariants: table and tree hold the same cells; a score is the same number in
// the cell and in the tree; it is never NaN. The two zeros are equal.
package zset

import (
	"encoding/binary"
	"hash/maphash"
	"math"

	"kvd/engine/index"
	"kvd/engine/packed"
	"kvd/engine/slab"
)

// Set is a sorted set. It is used by one goroutine at a time.
type Set struct {
	heap   *slab.Heap
	table  *index.Table // member → cell
	seed   maphash.Seed
	root   slab.Ref
	height int // levels above the leaves
	bytes  int
}

// scoreSize is what precedes the member in a cell.
const scoreSize = 8

// New returns an empty set whose memory comes from h.
func New(h *slab.Heap) *Set { return newSet(h, maphash.MakeSeed()) }

func newSet(h *slab.Heap, seed maphash.Seed) *Set {
	s := &Set{heap: h, seed: seed}
	s.table = index.New(s, h.Arena())
	before := h.Used()
	s.root = s.newLeaf()
	s.bytes = h.Used() - before
	return s
}

// Len returns the number of members.
func (s *Set) Len() int { return s.table.Len() }

// Bytes returns the memory that the set takes of its heap.
func (s *Set) Bytes() int { return s.bytes }

// Place is where a member is, or where it would be put. It is void once the set
// is changed.
type Place struct {
	hash  uint64
	ref   slab.Ref // 0: it is not in the set
	score float64
}

// Score returns the member's score, and whether it is in the set.
func (p Place) Score() (score float64, ok bool) { return p.score, p.ref != 0 }

// Find looks a member up.
func (s *Set) Find(member []byte) Place {
	p := Place{hash: s.hash(member)}
	if ref, ok := s.table.Get(p.hash, member); ok {
		p.ref = slab.Ref(ref)
		p.score = s.scoreOf(p.ref)
	}
	return p
}

// Score returns the score of a member, and whether it is in the set.
func (s *Set) Score(member []byte) (score float64, ok bool) { return s.Find(member).Score() }

// Put adds a member, or gives it another score. The score must not be NaN.
func (s *Set) Put(member []byte, score float64) { s.PutAt(s.Find(member), member, score) }

// PutAt is Put for a member that has just been looked up.
func (s *Set) PutAt(p Place, member []byte, score float64) {
	before := s.heap.Used()
	if p.ref != 0 {
		s.move(p.ref, score)
	} else {
		ref := s.newCell(member, score)
		s.insert(entry{score, ref, member})
		s.table.Put(p.hash, uint64(ref))
	}
	s.bytes += s.heap.Used() - before
}

// Delete removes a member and reports whether there was one.
func (s *Set) Delete(member []byte) bool {
	p := s.Find(member)
	if p.ref == 0 {
		return false
	}
	before := s.heap.Used()
	s.table.Delete(p.hash, uint64(p.ref))
	s.remove(entry{p.score, p.ref, member})
	s.heap.Free(p.ref)
	s.bytes += s.heap.Used() - before
	return true
}

// Clone returns a set of the same members in the memory of h. A cursor of Scan
// goes on in it.
func (s *Set) Clone(h *slab.Heap) *Set {
	c := newSet(h, s.seed)
	for at := s.Seek(0); at.Valid(); at.Next() {
		c.Put(at.Member(), at.Score())
	}
	return c
}

// Free gives all memory back. The set must not be used after that.
func (s *Set) Free() {
	s.table.All(func(ref uint64) bool {
		s.heap.Free(slab.Ref(ref))
		return true
	})
	s.table.Reset()
	s.freeNodes(s.root, s.height)
	s.bytes = 0
}

// Scan calls fn for some members, about count of them, and returns the cursor to
// go on with; it is 0 at the end. See index.Table for what an iteration
// guarantees. fn must not change the set.
func (s *Set) Scan(cursor uint64, count int, fn func(member []byte, score float64)) (next uint64) {
	return s.table.Scan(cursor, count, func(ref uint64) {
		fn(s.memberOf(slab.Ref(ref)), s.scoreOf(slab.Ref(ref)))
	})
}

// Hash implements index.Keys.
func (s *Set) Hash(ref uint64) uint64 { return s.hash(s.memberOf(slab.Ref(ref))) }

// Equal implements index.Keys.
func (s *Set) Equal(ref uint64, member []byte) bool {
	return string(s.memberOf(slab.Ref(ref))) == string(member)
}

func (s *Set) hash(member []byte) uint64 { return maphash.Bytes(s.seed, member) }

// newCell returns a cell that holds a member with its score.
func (s *Set) newCell(member []byte, score float64) slab.Ref {
	ref, cell := s.heap.Alloc(scoreSize + packed.Size(len(member)))
	putScore(cell, score)
	packed.Put(cell, scoreSize, member)
	return ref
}

func (s *Set) scoreOf(ref slab.Ref) float64 { return scoreAt(s.heap.At(ref)) }

func (s *Set) memberOf(ref slab.Ref) []byte {
	member, _ := packed.Read(s.heap.At(ref), scoreSize)
	return member
}

func scoreAt(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func putScore(b []byte, score float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(score)) }
