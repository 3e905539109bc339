package dict

import "kvd/engine/slab"

// All calls fn for each field until it returns false. fn must not change the
// dict.
func (d *Dict) All(fn func(Ref) bool) {
	d.table.All(func(ref uint64) bool { return fn(Ref(ref)) })
}

// Scan calls emit for about count fields and returns the cursor to go on with;
// see index.Table.Scan, which says what an iteration promises. emit must not
// change the dict.
func (d *Dict) Scan(cursor uint64, count int, emit func(Ref)) (next uint64) {
	return d.table.Scan(cursor, count, func(ref uint64) { emit(Ref(ref)) })
}

// Random returns a field that r chooses, or false if there are none. For random
// r all fields are about equally likely.
func (d *Dict) Random(r uint64) (Ref, bool) {
	ref, ok := d.table.Random(r)
	return Ref(ref), ok
}

// Clone returns a dict with the same content in h.
func (d *Dict) Clone(h *slab.Heap) *Dict {
	c := New(h, d.seed)
	if len(d.queue) > 0 {
		c.queue = append([]due(nil), d.queue...)
	}
	d.All(func(ref Ref) bool {
		from := d.heap.At(ref)
		s, at := readHead(from)
		to, cell := h.Alloc(s.size())
		copy(cell, from)
		c.cells += h.Size(to)
		c.table.Put(d.hash(cell[at:at+s.field]), uint64(to))
		if s.place != noPlace {
			c.queue[s.place].ref = to
		}
		return true
	})
	return c
}

// Free removes all fields and gives their memory back.
func (d *Dict) Free() {
	d.All(func(ref Ref) bool {
		d.heap.Free(ref)
		return true
	})
	d.table.Reset()
	d.cells, d.queue = 0, nil
}
