package slab

// Heap hands out cells of any size: those of up to MaxCell bytes from an arena,
// larger ones as slices of the Go heap. Its cells are never moved. Its methods
// need the same exclusive use as those of an Arena.
//
// The reference of a large cell has the bit above RefBits set, so it still fits
// package index.
type Heap struct {
	cells *Arena
	large [][]byte
	free  []uint32
	bytes int // of the large cells
}

const largeRef = 1 << RefBits

// NewHeap returns a heap that draws on p.
func NewHeap(p *Pool) *Heap { return &Heap{cells: p.NewArena()} }

// Alloc returns a cell for n bytes and its reference. The slice has length n and
// undefined contents.
func (h *Heap) Alloc(n int) (Ref, []byte) {
	if n <= MaxCell {
		return h.cells.Alloc(n)
	}
	b := make([]byte, n)
	h.bytes += cap(b)
	if last := len(h.free) - 1; last >= 0 {
		i := h.free[last]
		h.free = h.free[:last]
		h.large[i] = b
		return largeRef | Ref(i), b
	}
	h.large = append(h.large, b)
	return largeRef | Ref(len(h.large)-1), b
}

// At returns the whole cell behind ref, which may be longer than was asked for.
func (h *Heap) At(ref Ref) []byte {
	if ref&largeRef != 0 {
		return h.large[ref&^largeRef]
	}
	return h.cells.At(ref)
}

// Size returns how many bytes the cell behind ref takes.
func (h *Heap) Size(ref Ref) int { return cap(h.At(ref)) }

// Free gives a cell back.
func (h *Heap) Free(ref Ref) {
	if ref&largeRef == 0 {
		h.cells.Free(ref)
		return
	}
	i := ref &^ largeRef
	h.bytes -= cap(h.large[i])
	h.large[i] = nil
	h.free = append(h.free, uint32(i))
}

// Arena is where the small cells are, for the tables of package index.
func (h *Heap) Arena() *Arena { return h.cells }

// Used returns the bytes in cells that are in use.
func (h *Heap) Used() int { return h.cells.Used() + h.bytes }

// Held returns the bytes that the heap keeps from others.
func (h *Heap) Held() int { return h.cells.Held() + h.bytes }

// Reset frees all cells at once.
func (h *Heap) Reset() {
	h.cells.Reset()
	h.large, h.free, h.bytes = nil, nil, 0
}
