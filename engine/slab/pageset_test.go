package slab

import (
	"testing"

	"pgregory.net/rapid"
)

// pages is the same set as a naive table.
type pages [pageCount]bool

func (p *pages) set() (s pageSet) {
	for i, in := range p {
		if in {
			s = s.union(pagesAt(uint32(i), 1))
		}
	}
	return s
}

func (p *pages) stretchAt(i uint32) (n uint32) {
	for i+n < pageCount && p[i+n] {
		n++
	}
	return n
}

func TestPageSetAgainstTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var model pages
		for range rapid.IntRange(0, 12).Draw(t, "stretches") {
			first := rapid.Uint32Range(0, pageCount-1).Draw(t, "first")
			count := rapid.Uint32Range(1, pageCount-first).Draw(t, "count")
			in := rapid.Bool().Draw(t, "in")
			for i := first; i < first+count; i++ {
				model[i] = in
			}
		}
		set := model.set()

		longest, total := uint32(0), 0
		for i, in := range model {
			longest = max(longest, model.stretchAt(uint32(i)))
			if in {
				total++
			}
		}
		if set.len() != total || set.empty() != (total == 0) {
			t.Fatalf("len %d, want %d", set.len(), total)
		}
		if got := set.longest(maxRun); got != min(longest, maxRun) {
			t.Fatalf("longest %d, want %d", got, longest)
		}

		n := rapid.Uint32Range(1, maxRun).Draw(t, "n")
		starts := set.stretches(n)
		for i := range uint32(pageCount) {
			if got := !starts.intersect(pagesAt(i, 1)).empty(); got != (model.stretchAt(i) >= n) {
				t.Fatalf("%d pages from %d: %v", n, i, got)
			}
		}

		for i := uint32(0); i < pageCount; i++ {
			n := model.stretchAt(i)
			if n == 0 {
				continue
			}
			if first, count := set.cut(); first != i || count != n {
				t.Fatalf("cut %d+%d, want %d+%d", first, count, i, n)
			}
			i += n
		}
		if !set.empty() {
			t.Fatal("pages left after the last cut")
		}
	})
}
