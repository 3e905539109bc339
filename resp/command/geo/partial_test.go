package geo

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSortFirst: the first items are those that a full sort puts first.
func TestSortFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int{3, 50, 100_000}).Draw(t, "most")
		list := rapid.SliceOfN(rapid.IntRange(0, most), 0, 200).Draw(t, "list")
		count := rapid.IntRange(0, len(list)).Draw(t, "count")
		want := slices.Sorted(slices.Values(list))[:count]
		all := slices.Clone(list)
		sortFirst(all, count, func(a, b *int) int { return cmp.Compare(*a, *b) })
		if !slices.Equal(all[:count], want) {
			t.Fatalf("%v\nwant %v", all[:count], want)
		}
		if slices.Sort(all); !slices.Equal(all, slices.Sorted(slices.Values(list))) {
			t.Fatal("items got lost")
		}
	})
}

func TestSortFirstOfOrderedLists(t *testing.T) {
	for _, n := range []int{0, 1, 6, 7, 8, 41, 1000} {
		up, down := make([]int, n), make([]int, n)
		for i := range n {
			up[i], down[i] = i, n-i
		}
		for _, list := range [][]int{up, down} {
			sortFirst(list, n, func(a, b *int) int { return cmp.Compare(*a, *b) })
			if !slices.IsSorted(list) {
				t.Errorf("%d items: %v", n, list)
			}
		}
	}
}
