package slab

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tester is what the tests need of testing.T and of rapid.T.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

func newPool(t tester) *Pool {
	p := NewPool()
	t.Cleanup(p.Close)
	return p
}

// heap is an arena and, beside it, what its cells should hold.
type heap struct {
	arena *Arena
	want  map[Ref][]byte
	refs  []Ref // the keys of want, for picking one at random
	seed  byte
}

func newHeap(p *Pool) *heap { return &heap{arena: p.NewArena(), want: map[Ref][]byte{}} }

func (h *heap) alloc(t tester, n int) {
	ref, cell := h.arena.Alloc(n)
	if ref == 0 || ref >= 1<<RefBits {
		t.Fatalf("reference %#x", ref)
	}
	if len(cell) != n || cap(cell) != Size(n) {
		t.Fatalf("cell of %d bytes: len %d, cap %d", n, len(cell), cap(cell))
	}
	if _, ok := h.want[ref]; ok {
		t.Fatalf("cell %#x handed out twice", ref)
	}
	h.seed += 7
	for i := range cell {
		cell[i] = h.seed + byte(i)
	}
	h.want[ref] = bytes.Clone(cell)
	h.refs = append(h.refs, ref)
}

func (h *heap) free(i int) {
	ref := h.refs[i]
	h.arena.Free(ref)
	delete(h.want, ref)
	h.refs[i] = h.refs[len(h.refs)-1]
	h.refs = h.refs[:len(h.refs)-1]
}

// thin frees every second cell, in the order in which they were allocated.
func (h *heap) thin() {
	var kept []Ref
	for i, ref := range h.refs {
		if i%2 == 0 {
			kept = append(kept, ref)
			continue
		}
		h.arena.Free(ref)
		delete(h.want, ref)
	}
	h.refs = kept
}

// move is the owner's side of Compact.
func (h *heap) move(t tester) func(old, new Ref, cell []byte) bool {
	return func(old, new Ref, cell []byte) bool {
		want, ok := h.want[old]
		if !ok {
			t.Fatalf("cell %#x moves, but is not in use", old)
		}
		if _, ok := h.want[new]; ok {
			t.Fatalf("cell %#x moves onto %#x, which is in use", old, new)
		}
		if !bytes.Equal(cell[:len(want)], want) {
			t.Fatalf("cell %#x changed while it moved", old)
		}
		delete(h.want, old)
		h.want[new] = want
		h.refs[slices.Index(h.refs, old)] = new
		return true
	}
}

// check compares contents and accounts with the model. Overlapping cells would
// show as wrong contents.
func (h *heap) check(t tester) {
	t.Helper()
	used := 0
	for ref, want := range h.want {
		cell := h.arena.At(ref)
		if len(cell) != Size(len(want)) || !bytes.Equal(cell[:len(want)], want) {
			t.Fatalf("cell %#x holds something else", ref)
		}
		used += Size(len(want))
	}
	if h.arena.Used() != used {
		t.Fatalf("Used() = %d, want %d", h.arena.Used(), used)
	}
	if used > h.arena.Held() || (used == 0 && h.arena.Held() != 0) {
		t.Fatalf("Held() = %d with %d in use", h.arena.Held(), used)
	}
}

func checkPool(t tester, p *Pool, heaps ...*heap) {
	t.Helper()
	held := 0
	for _, h := range heaps {
		held += h.arena.Held()
	}
	s := p.Stats()
	if s.Runs != held || s.Mapped != s.Pieces*pieceSize || s.Runs+s.Dirty > s.Mapped || s.Dirty < 0 {
		t.Fatalf("%+v, while arenas hold %d", s, held)
	}
}

func TestArenaAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPool(rt)
		heaps := []*heap{newHeap(p), newHeap(p)}
		pick := func(rt *rapid.T) *heap { return rapid.SampledFrom(heaps).Draw(rt, "heap") }
		sizes := rapid.OneOf(rapid.IntRange(0, 300), rapid.SampledFrom([]int{96, 96, 2000, 9000, MaxCell}))
		rt.Repeat(map[string]func(*rapid.T){
			"alloc": func(rt *rapid.T) {
				h, n := pick(rt), sizes.Draw(rt, "size")
				for range rapid.IntRange(1, 60).Draw(rt, "count") {
					h.alloc(rt, n)
				}
			},
			"free": func(rt *rapid.T) {
				h := pick(rt)
				for i := rapid.IntRange(0, 80).Draw(rt, "count"); i > 0 && len(h.refs) > 0; i-- {
					h.free(rapid.IntRange(0, len(h.refs)-1).Draw(rt, "cell"))
				}
			},
			"compact": func(rt *rapid.T) {
				h := pick(rt)
				h.arena.Compact(rapid.IntRange(1, 10000).Draw(rt, "budget"), h.move(rt))
			},
			"trim": func(*rapid.T) { p.Trim(pieceSize) },
			"reset": func(rt *rapid.T) {
				h := pick(rt)
				h.arena.Reset()
				clear(h.want)
				h.refs = nil
			},
			"": func(rt *rapid.T) {
				for _, h := range heaps {
					h.check(rt)
				}
				checkPool(rt, p, heaps...)
			},
		})
	})
}

func FuzzArena(f *testing.F) {
	f.Add([]byte{0, 96, 40, 0, 96, 40, 1, 3, 30, 2, 0, 200})
	f.Add([]byte{0, 255, 10, 0, 1, 255, 1, 0, 255, 2, 0, 0, 3, 0, 0})
	f.Fuzz(func(t *testing.T, ops []byte) {
		p := newPool(t)
		h := newHeap(p)
		for ; len(ops) >= 3; ops = ops[3:] {
			x, y := int(ops[1]), int(ops[2])
			switch ops[0] % 4 {
			case 0:
				for range y % 64 {
					h.alloc(t, x*x*MaxCell/(255*255))
				}
			case 1:
				for i := 0; i < y && len(h.refs) > 0; i++ {
					h.free((x + i*i) % len(h.refs))
				}
			case 2:
				h.arena.Compact(x*y+1, h.move(t))
			case 3:
				p.Trim(x * pageSize)
			}
		}
		h.check(t)
		checkPool(t, p, h)
	})
}

func TestMemoryReturnsAfterMassFree(t *testing.T) {
	p := newPool(t)
	h := newHeap(p)
	for range 60_000 {
		h.alloc(t, 92)
	}
	full := p.Stats()
	for len(h.refs) > 0 {
		h.free(len(h.refs) - 1)
	}
	if h.arena.Held() != 0 {
		t.Errorf("%d bytes held by an empty arena", h.arena.Held())
	}
	if s := p.Stats(); s.Pieces > 1 || full.Pieces < 5 {
		t.Errorf("%d pieces before, %d after", full.Pieces, s.Pieces)
	}
	p.Trim(1 << 30)
	if s := p.Stats(); s.Dirty != 0 {
		t.Errorf("%d bytes dirty after Trim", s.Dirty)
	}
}

// A random half of the cells goes, so that hardly a run is empty. Then all
// sizes change, which strands what the old ones leave idle unless cells move.
func TestCompactGivesSparseRunsBack(t *testing.T) {
	p := newPool(t)
	h := newHeap(p)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, sizes := range [][]int{{40, 92, 300}, {56, 1200}, {9000, 24}} {
		for range 10_000 {
			h.alloc(t, sizes[rng.IntN(len(sizes))]/(1+rng.IntN(2)))
			if len(h.refs) > 4000 {
				h.free(rng.IntN(len(h.refs)))
			}
		}
		for range 2000 {
			h.free(rng.IntN(len(h.refs)))
		}
		before := h.arena.Held()
		for h.arena.Compact(4096, h.move(t)) > 0 {
		}
		h.check(t)
		checkPool(t, p, h)

		slack := h.arena.Used()/6 + len(h.arena.bins)*2*maxRun*pageSize
		if after := h.arena.Held(); after > h.arena.Used()+slack || after >= before {
			t.Errorf("sizes %v: held %d, then %d, for %d in use", sizes, before, after, h.arena.Used())
		}
	}
}

func TestCompactKeepsToItsBudget(t *testing.T) {
	h := newHeap(newPool(t))
	for range 50_000 {
		h.alloc(t, 96)
	}
	h.thin()
	const run = 85 * 96
	calls := 0
	for ; ; calls++ {
		moved := h.arena.Compact(1000, h.move(t))
		if moved == 0 {
			break
		}
		if moved > 1000+run {
			t.Fatalf("moved %d bytes", moved)
		}
	}
	if calls < 100 {
		t.Errorf("only %d calls moved something", calls)
	}
	h.check(t)
}

func TestCompactLeavesWhatIsRefused(t *testing.T) {
	h := newHeap(newPool(t))
	for range 2000 {
		h.alloc(t, 96)
	}
	h.thin()
	before := maps.Clone(h.want)
	moved := h.arena.Compact(1<<20, func(_, _ Ref, _ []byte) bool { return false })
	if moved != 0 {
		t.Errorf("moved %d bytes against the owner's will", moved)
	}
	h.check(t)
	if !maps.EqualFunc(h.want, before, bytes.Equal) {
		t.Error("references changed")
	}
	if h.arena.Compact(1<<20, h.move(t)) == 0 {
		t.Error("nothing moved afterwards")
	}
	h.check(t)
}

func TestResetGivesRunsBack(t *testing.T) {
	p := newPool(t)
	a, b := newHeap(p), newHeap(p)
	for i := range 5000 {
		a.alloc(t, i)
		b.alloc(t, 100)
	}
	a.arena.Reset()
	if a.arena.Used() != 0 || a.arena.Held() != 0 {
		t.Errorf("%d used, %d held after Reset", a.arena.Used(), a.arena.Held())
	}
	clear(a.want)
	a.refs = nil
	a.alloc(t, 100)
	a.check(t)
	b.check(t)
	checkPool(t, p, a, b)
}

func TestCloseReturnsEverything(t *testing.T) {
	p := NewPool()
	h := newHeap(p)
	h.alloc(t, 100)
	p.Close()
	if s := p.Stats(); s != (Stats{}) {
		t.Errorf("%+v", s)
	}
}

func TestWrongUsesPanicWhenChecked(t *testing.T) {
	if !checked {
		t.Skip("needs -race or -tags invariants")
	}
	p := newPool(t)
	a, b := p.NewArena(), p.NewArena()
	ref, cell := a.Alloc(92)
	keep, _ := a.Alloc(92)

	mustPanic(t, func() { b.At(ref) })
	mustPanic(t, func() { b.Free(ref) })
	mustPanic(t, func() { a.At(ref + 1) })
	mustPanic(t, func() { a.At(0) })

	a.Free(ref)
	for _, c := range cell[linkSize:] {
		if c != poison {
			t.Fatal("a freed cell is not poisoned")
		}
	}
	mustPanic(t, func() { a.Free(ref) })
	mustPanic(t, func() { a.At(ref) })
	cell[50] = 1
	mustPanic(t, func() { a.Alloc(92) })
	_ = a.At(keep)
}
