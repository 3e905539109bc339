// Package dict is a table of fields, each with a value and perhaps a time at
// which it expires. The engine builds its large hashes, sets and sorted sets on
// it.
//
// A field lives with its value in one cell of a slab.Heap and is found through
// an index.Table, so that the garbage collector sees a handful of pointers for
// any number of fields. The fields that expire are also in a queue, earliest
// first; nothing is hidden or removed here because its time has passed.
//
// Invariants: the index has each cell once, under the hash of its field; a cell
// that expires knows its place in the queue, and the item there knows the cell.
package dict

import (
	"hash/maphash"
	"unsafe"

	"kvd/engine/index"
	"kvd/engine/slab"
)

// Ref names a field with its value. It is valid until the field is deleted, or
// is given a value or an expiry; calls that do the latter return the new one.
type Ref = slab.Ref

// Dict maps fields to values. It needs exclusive use. The slices that it returns
// are its own memory, valid as long as the reference, and those that it is given
// must not be its memory unless a method says so.
type Dict struct {
	heap  *slab.Heap
	seed  maphash.Seed
	table *index.Table
	cells int // bytes
	queue []due
}

// New returns an empty dict whose cells are in h.
func New(h *slab.Heap, seed maphash.Seed) *Dict {
	d := &Dict{heap: h, seed: seed}
	d.table = index.New((*keys)(d), h.Arena())
	return d
}

// Len returns the number of fields.
func (d *Dict) Len() int { return d.table.Len() }

// Bytes returns the memory that the dict takes, in bytes.
func (d *Dict) Bytes() int {
	own := int(unsafe.Sizeof(*d) + unsafe.Sizeof(*d.table))
	return own + d.cells + d.table.Bytes() + cap(d.queue)*dueSize
}

// Get finds a field.
func (d *Dict) Get(field []byte) (Ref, bool) {
	ref, ok := d.table.Get(d.hash(field), field)
	return Ref(ref), ok
}

// Set gives a field a value and no expiry, and reports whether it is new.
func (d *Dict) Set(field, value []byte) (added bool) {
	hash := d.hash(field)
	if found, ok := d.table.Get(hash, field); ok {
		d.SetValue(d.SetExpire(Ref(found), 0), value)
		return false
	}
	s := shape{field: len(field), value: len(value), place: noPlace}
	ref, cell := d.heap.Alloc(s.size())
	d.cells += d.heap.Size(ref)
	at := s.writeHead(cell)
	copy(cell[at:], field)
	copy(cell[at+s.field:], value)
	d.table.Put(hash, uint64(ref))
	return true
}

// SetValue gives a field another value, leaves its expiry, and returns its new
// reference.
func (d *Dict) SetValue(ref Ref, value []byte) Ref {
	cell := d.heap.At(ref)
	s, at := readHead(cell)
	if s.value != len(value) {
		kept := s.field
		s.value = len(value)
		ref, cell, at = d.reshape(ref, s, at, kept)
	}
	copy(cell[at+s.field:], value)
	return ref
}

// Delete removes a field and reports whether it was there. field may be the
// dict's own memory.
func (d *Dict) Delete(field []byte) bool {
	hash := d.hash(field)
	ref, ok := d.table.Get(hash, field)
	if ok {
		d.remove(hash, Ref(ref))
	}
	return ok
}

// Remove is Delete for a field that has been found.
func (d *Dict) Remove(ref Ref) { d.remove(d.hash(d.Field(ref)), ref) }

func (d *Dict) remove(hash uint64, ref Ref) {
	if s, _ := readHead(d.heap.At(ref)); s.place != noPlace {
		d.dequeue(s.place)
	}
	d.table.Delete(hash, uint64(ref))
	d.free(ref)
}

// Field returns the field behind ref.
func (d *Dict) Field(ref Ref) []byte {
	field, _ := split(d.heap.At(ref))
	return field
}

// Value returns the value behind ref.
func (d *Dict) Value(ref Ref) []byte {
	_, value := split(d.heap.At(ref))
	return value
}

// Pair returns field and value behind ref.
func (d *Dict) Pair(ref Ref) (field, value []byte) { return split(d.heap.At(ref)) }

// reshape gives the field behind ref a cell for shape s, moves the first kept
// bytes of field and value there from offset at, and returns where they are.
func (d *Dict) reshape(ref Ref, s shape, at, kept int) (Ref, []byte, int) {
	cell := d.heap.At(ref)
	if s.fits(d.heap.Size(ref)) {
		to := s.headSize()
		if to != at {
			copy(cell[to:], cell[at:at+kept])
		}
		s.writeHead(cell)
		return ref, cell, to
	}

	next, into := d.heap.Alloc(s.size())
	d.cells += d.heap.Size(next)
	to := s.writeHead(into)
	copy(into[to:], cell[at:at+kept])
	d.table.Replace(d.hash(cell[at:at+s.field]), uint64(ref), uint64(next))
	if s.place != noPlace {
		d.queue[s.place].ref = next
	}
	d.free(ref)
	return next, into, to
}

func (d *Dict) free(ref Ref) {
	d.cells -= d.heap.Size(ref)
	d.heap.Free(ref)
}

func (d *Dict) hash(field []byte) uint64 { return maphash.Bytes(d.seed, field) }

// keys reads the cells for the index.
type keys Dict

// Hash implements index.Keys.
func (k *keys) Hash(ref uint64) uint64 {
	d := (*Dict)(k)
	return d.hash(d.Field(Ref(ref)))
}

// Equal implements index.Keys.
func (k *keys) Equal(ref uint64, key []byte) bool {
	field, _ := split(k.heap.At(Ref(ref)))
	return string(field) == string(key)
}
