package slab

import (
	"bytes"
	"testing"
)

func TestHeap(t *testing.T) {
	pool := NewPool()
	defer pool.Close()
	h := NewHeap(pool)
	var refs []Ref
	sizes := []int{0, 8, 100, MaxCell, MaxCell + 1, 1 << 20}
	for round := range 3 { // what was freed is used again
		refs = refs[:0]
		for i, n := range sizes {
			ref, b := h.Alloc(n)
			if len(b) != n || uint64(ref) >= 1<<(RefBits+1) {
				t.Fatalf("a cell of %d bytes has %d and the reference %x", n, len(b), ref)
			}
			for j := range b {
				b[j] = byte(i + round)
			}
			refs = append(refs, ref)
		}
		used := 0
		for i, ref := range refs {
			want := bytes.Repeat([]byte{byte(i + round)}, sizes[i])
			if got := h.At(ref); !bytes.HasPrefix(got, want) {
				t.Errorf("cell %d of round %d has other contents", i, round)
			}
			used += h.Size(ref)
		}
		if h.Used() != used || h.Held() < used {
			t.Errorf("%d bytes in use and %d held, want %d", h.Used(), h.Held(), used)
		}
		for _, ref := range refs {
			h.Free(ref)
		}
		if h.Used() != 0 {
			t.Errorf("%d bytes in use after all was freed", h.Used())
		}
	}
	h.Alloc(10)
	h.Alloc(MaxCell + 1)
	h.Reset()
	if h.Used() != 0 {
		t.Errorf("%d bytes in use after Reset", h.Used())
	}
}
