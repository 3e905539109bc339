package slab

import "fmt"

// poison fills free cells in checked builds, so that what reads one shows.
const poison = 0xDB

// linkSize is what a free cell needs for its place in the free list.
const linkSize = 2

// checkIdle panics if a cell from the free list was written since it was freed.
func checkIdle(cell []byte) {
	for _, c := range cell[linkSize:] {
		if c != poison {
			panic("slab: a cell was written after it was freed")
		}
	}
}

// checkTaken notes a cell as in use, and makes sure that nobody finds it zeroed.
func (a *Arena) checkTaken(ref Ref, cell []byte) {
	if _, ok := a.live[ref]; ok {
		panic(fmt.Sprintf("slab: cell %#x handed out twice", ref))
	}
	a.live[ref] = struct{}{}
	fill(cell)
}

// checkLive panics unless ref names a cell of this arena that is in use.
func (a *Arena) checkLive(ref Ref) {
	if _, ok := a.live[ref]; !ok {
		panic(fmt.Sprintf("slab: cell %#x is not in use here", ref))
	}
}

// checkFreed notes a cell as free.
func (a *Arena) checkFreed(ref Ref) {
	fill(a.At(ref))
	delete(a.live, ref)
}

func fill(cell []byte) {
	for i := range cell {
		cell[i] = poison
	}
}
