package stream

import "kvd/engine/slab"

// memory is a heap with a count of what one stream takes of it.
type memory struct {
	heap  *slab.Heap
	bytes int
}

// alloc returns a cell of at least n bytes, whole.
func (m *memory) alloc(n int) (slab.Ref, []byte) {
	ref, cell := m.heap.Alloc(n)
	cell = cell[:cap(cell)]
	m.bytes += len(cell)
	return ref, cell
}

func (m *memory) at(ref slab.Ref) []byte { return m.heap.At(ref) }

func (m *memory) free(ref slab.Ref) {
	m.bytes -= m.heap.Size(ref)
	m.heap.Free(ref)
}

// copyOf copies n bytes of a cell of another memory.
func (m *memory) copyOf(from *memory, ref slab.Ref, n int) slab.Ref {
	to, cell := m.alloc(n)
	copy(cell, from.at(ref)[:n])
	return to
}
