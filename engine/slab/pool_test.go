package slab

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// Arenas of one pool work at the same time, each under its own lock, and read
// through a table that grows and shrinks meanwhile.
func TestPoolServesArenasAtOnce(t *testing.T) {
	p := newPool(t)
	heaps := make([]*heap, 4)
	var wg sync.WaitGroup
	for i := range heaps {
		heaps[i] = newHeap(p)
		wg.Go(func() {
			h, rng := heaps[i], rand.New(rand.NewPCG(uint64(i), 0))
			for round := range 6 {
				for range 1500 {
					h.alloc(t, rng.IntN(1500))
				}
				for len(h.refs) > 250*round {
					h.free(rng.IntN(len(h.refs)))
				}
				h.arena.Compact(10_000, h.move(t))
				p.Trim(pieceSize)
				h.check(t)
			}
		})
	}
	wg.Wait()
	checkPool(t, p, heaps...)
}

func TestPiecesThatEmptyAreNumberedAgain(t *testing.T) {
	p := newPool(t)
	h := newHeap(p)
	for range 3 {
		for range 200 {
			h.alloc(t, MaxCell)
		}
		for len(h.refs) > 0 {
			h.free(0)
		}
	}
	if n := len(*p.pieces.Load()); n > 12 {
		t.Errorf("the table has grown to %d pieces", n)
	}
}

// Long runs can't use the gaps that short ones leave, but the memory behind
// these goes back to the system.
func TestTrimReachesGapsBetweenRuns(t *testing.T) {
	p := newPool(t)
	h := newHeap(p)
	for range 20 * pageCount {
		h.alloc(t, pageSize)
	}
	h.thin()
	if s := p.Stats(); s.Dirty != 10*pieceSize {
		t.Fatalf("%d bytes dirty", s.Dirty)
	}
	if got := p.Trim(1); got != pieceSize/2 {
		t.Errorf("trimmed %d bytes of one piece", got)
	}
	p.Trim(1 << 30)
	if s := p.Stats(); s.Dirty != 0 || s.Runs != 10*pieceSize {
		t.Errorf("%+v", s)
	}
	h.check(t)
	checkPool(t, p, h)
}

func TestCompactTrimsThePool(t *testing.T) {
	p := newPool(t)
	h := newHeap(p)
	for range 20 * pageCount {
		h.alloc(t, pageSize)
	}
	h.thin()
	before := p.Stats().Dirty
	h.arena.Compact(1, nil)
	if after := p.Stats().Dirty; after >= before {
		t.Errorf("%d bytes dirty, then %d", before, after)
	}
}
