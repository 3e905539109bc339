package zset

import (
	"bytes"

	"kvd/engine/slab"
)

// Cut is a place between the members of a set: some are before it, the others
// after it. A range of scores or of names is what two cuts have between them.
type Cut struct {
	score  float64
	member []byte
	kind   cutKind
}

type cutKind uint8

const (
	beforeScore cutKind = iota
	afterScore
	beforeMember
	afterMember
)

// BeforeScore is the cut before the first member of a score.
func BeforeScore(score float64) Cut { return Cut{score: score, kind: beforeScore} }

// AfterScore is the cut after the last member of a score.
func AfterScore(score float64) Cut { return Cut{score: score, kind: afterScore} }

// BeforeMember is the cut before a member, which need not be in the set, where
// all scores are equal.
func BeforeMember(member []byte) Cut { return Cut{member: member, kind: beforeMember} }

// AfterMember is the cut after a member, as BeforeMember.
func AfterMember(member []byte) Cut { return Cut{member: member, kind: afterMember} }

// Passes reports whether the cut is after a member with this score.
func (c *Cut) Passes(score float64, member []byte) bool {
	switch c.kind {
	case beforeScore:
		return score < c.score
	case afterScore:
		return score <= c.score
	case beforeMember:
		return bytes.Compare(member, c.member) < 0
	default:
		return bytes.Compare(member, c.member) <= 0
	}
}

// Rank returns how many members are before the cut.
func (s *Set) Rank(c Cut) (rank int) {
	n := s.node(s.root, s.height)
	for height := s.height; height > 0; height-- {
		at := s.passed(n, &c) - 1
		if at < 0 {
			return rank
		}
		for i := range at {
			rank += n.count(i)
		}
		n = s.node(n.below(at), height-1)
	}
	return rank + s.passed(n, &c)
}

// passed returns how many entries of a node the cut passes.
func (s *Set) passed(n node, c *Cut) int {
	low, high := 0, n.len()
	for low < high {
		mid := int(uint(low+high) / 2)
		var member []byte
		if c.kind >= beforeMember {
			member = s.memberOf(n.cell(mid))
		}
		if c.Passes(n.score(mid), member) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// RankOf returns how many members are before this one, and its score.
func (s *Set) RankOf(member []byte) (rank int, score float64, ok bool) {
	ref, ok := s.table.Get(s.hash(member), member)
	if !ok {
		return 0, 0, false
	}
	e := entry{s.scoreOf(slab.Ref(ref)), slab.Ref(ref), member}
	n := s.node(s.root, s.height)
	for height := s.height; height > 0; height-- {
		at := s.find(n, e) - 1
		for i := range at {
			rank += n.count(i)
		}
		n = s.node(n.below(at), height-1)
	}
	return rank + s.find(n, e) - 1, e.score, true
}

// Cursor is a place in a set that can be moved. It is void once the set is
// changed.
type Cursor struct {
	set  *Set
	leaf node
	at   int
}

// Seek returns a cursor at the member with this rank, counted from 0. Outside of
// the set it is not valid.
func (s *Set) Seek(rank int) Cursor {
	if rank < 0 || rank >= s.Len() {
		return Cursor{set: s}
	}
	n := s.node(s.root, s.height)
	for height := s.height; height > 0; height-- {
		at := 0
		for count := n.count(0); rank >= count; count = n.count(at) {
			rank -= count
			at++
		}
		n = s.node(n.below(at), height-1)
	}
	return Cursor{set: s, leaf: n, at: rank}
}

// Valid reports whether the cursor is at a member.
func (c *Cursor) Valid() bool { return c.leaf != nil }

// Member returns the member, in memory of the set.
func (c *Cursor) Member() []byte { return c.set.memberOf(c.leaf.cell(c.at)) }

// Score returns the member's score.
func (c *Cursor) Score() float64 { return c.leaf.score(c.at) }

// Next moves to the member after this one.
func (c *Cursor) Next() {
	if c.at++; c.at < c.leaf.len() {
		return
	}
	next := c.leaf.next()
	c.leaf, c.at = nil, 0
	if next != 0 {
		c.leaf = c.set.node(next, 0)
	}
}

// Prev moves to the member before this one.
func (c *Cursor) Prev() {
	if c.at--; c.at >= 0 {
		return
	}
	prev := c.leaf.prev()
	c.leaf, c.at = nil, 0
	if prev != 0 {
		c.leaf = c.set.node(prev, 0)
		c.at = c.leaf.len() - 1
	}
}
