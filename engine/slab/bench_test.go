package slab

import (
	"math/rand/v2"
	"testing"
)

func TestNoGarbage(t *testing.T) {
	if checked {
		t.Skip("checked builds keep a Go map of the cells in use")
	}
	a := newPool(t).NewArena()
	a.Alloc(92)
	if n := testing.AllocsPerRun(1000, func() {
		ref, _ := a.Alloc(92)
		a.At(ref)
		a.Free(ref)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAlloc(b *testing.B) {
	p := newPool(b)
	arenas := make([]*Arena, 256)
	for i := range arenas {
		arenas[i] = p.NewArena()
	}
	for i := 0; b.Loop(); i++ {
		_, cell := arenas[i%256].Alloc(92)
		cell[0] = 1
		if i%1_000_000 == 999_999 {
			b.StopTimer()
			for _, a := range arenas {
				a.Reset()
			}
			b.StartTimer()
		}
	}
}

func BenchmarkAllocFree(b *testing.B) {
	a := newPool(b).NewArena()
	refs := make([]Ref, 1000)
	for i := range refs {
		refs[i], _ = a.Alloc(92)
	}
	for i := 0; b.Loop(); i++ {
		ref := &refs[i*7%1000]
		a.Free(*ref)
		*ref, _ = a.Alloc(92)
	}
}

func BenchmarkAt(b *testing.B) {
	a := newPool(b).NewArena()
	refs := make([]Ref, 1024)
	for i := range refs {
		refs[i], _ = a.Alloc(92)
	}
	var sum int
	for i := 0; b.Loop(); i++ {
		sum += int(a.At(refs[i%1024])[0])
	}
	_ = sum
}

func BenchmarkCompact(b *testing.B) {
	a := newPool(b).NewArena()
	rng := rand.New(rand.NewPCG(1, 1))
	place := map[Ref]struct{}{}
	var moved int64
	for b.Loop() {
		b.StopTimer()
		a.Reset()
		clear(place)
		for range 20_000 {
			ref, _ := a.Alloc(92)
			place[ref] = struct{}{}
		}
		for ref := range place {
			if rng.IntN(2) == 0 {
				a.Free(ref)
			}
		}
		b.StartTimer()
		moved += int64(a.Compact(1<<30, func(_, _ Ref, _ []byte) bool { return true }))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(moved/96), "ns/cell")
}
