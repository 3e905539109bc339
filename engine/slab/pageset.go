package slab

import "math/bits"

// pageSet is a set of the pages of one piece.
type pageSet struct{ lo, hi uint64 }

var allPages = pageSet{^uint64(0), ^uint64(0)}

// pagesAt returns the set of count pages from first on.
func pagesAt(first, count uint32) pageSet {
	return allPages.down(pageCount - count).up(first)
}

func (s pageSet) union(t pageSet) pageSet     { return pageSet{s.lo | t.lo, s.hi | t.hi} }
func (s pageSet) intersect(t pageSet) pageSet { return pageSet{s.lo & t.lo, s.hi & t.hi} }
func (s pageSet) without(t pageSet) pageSet   { return pageSet{s.lo &^ t.lo, s.hi &^ t.hi} }
func (s pageSet) empty() bool                 { return s.lo|s.hi == 0 }
func (s pageSet) len() int                    { return bits.OnesCount64(s.lo) + bits.OnesCount64(s.hi) }

// down returns the set with n taken from the number of each page.
func (s pageSet) down(n uint32) pageSet {
	if n >= 64 {
		return pageSet{lo: s.hi >> (n - 64)}
	}
	return pageSet{lo: s.lo>>n | s.hi<<(64-n), hi: s.hi >> n}
}

// up returns the set with n added to the number of each page.
func (s pageSet) up(n uint32) pageSet {
	if n >= 64 {
		return pageSet{hi: s.lo << (n - 64)}
	}
	return pageSet{lo: s.lo << n, hi: s.hi<<n | s.lo>>(64-n)}
}

// first returns the lowest page of a set that is not empty.
func (s pageSet) first() uint32 {
	if s.lo != 0 {
		return uint32(bits.TrailingZeros64(s.lo))
	}
	return uint32(64 + bits.TrailingZeros64(s.hi))
}

// stretches returns the pages at which n pages in a row begin.
func (s pageSet) stretches(n uint32) pageSet {
	for have := uint32(1); have < n; {
		more := min(have, n-have)
		s = s.intersect(s.down(more))
		have += more
	}
	return s
}

// longest returns the length of the longest stretch of pages, or limit if that
// is less.
func (s pageSet) longest(limit uint32) uint32 {
	n := uint32(0)
	for n < limit && !s.empty() {
		s = s.intersect(s.down(1))
		n++
	}
	return n
}

// cut removes the lowest stretch of pages from the set and returns it as a
// first page and a count. The set must not be empty.
func (s *pageSet) cut() (first, count uint32) {
	first = s.first()
	rest := s.down(first)
	count = uint32(bits.TrailingZeros64(^rest.lo))
	if count == 64 {
		count += uint32(bits.TrailingZeros64(^rest.hi))
	}
	*s = s.without(pagesAt(first, count))
	return first, count
}
