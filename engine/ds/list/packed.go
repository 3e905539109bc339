package list

import "encoding/binary"

// Packed is a small list in one piece of memory: the positions of its first and
// last element (8 bytes each), the number of elements (2 bytes), all
// little-endian, and the items. An empty one may have no bytes at all.
type Packed []byte

const packedHeader = 18

// MaxPacked is the greatest number of elements of a Packed.
const MaxPacked = 1<<16 - 1

// Edit is a change of a Packed that has been worked out and not been made: Del
// bytes at offset At are to make room for Add bytes, which Fill then writes.
type Edit struct {
	At, Del, Add int
	edit         edit
}

// Fill completes the change once there is room for it in p, which is all of the
// list.
func (e *Edit) Fill(p Packed) {
	if e.At == 0 {
		e.edit.fill(p[packedHeader:]) // the header is new, too
	} else {
		e.edit.fill(p[e.At : e.At+e.Add])
	}
	putRun(p, e.edit.now)
}

func putRun(b []byte, r run) {
	binary.LittleEndian.PutUint64(b, uint64(r.first))
	binary.LittleEndian.PutUint64(b[8:], uint64(r.last))
	binary.LittleEndian.PutUint16(b[16:], uint16(r.count))
}

func (p Packed) run() run {
	if len(p) == 0 {
		return run{}
	}
	return run{
		first: int64(binary.LittleEndian.Uint64(p)),
		last:  int64(binary.LittleEndian.Uint64(p[8:])),
		count: int(binary.LittleEndian.Uint16(p[16:])),
	}
}

func (p Packed) items() []byte {
	if len(p) == 0 {
		return nil
	}
	return p[packedHeader:]
}

// edit places e, which is about the items, in the whole of p.
func (p Packed) edit(e edit) Edit {
	if len(p) == 0 {
		return Edit{Add: packedHeader + e.size(), edit: e}
	}
	return Edit{At: packedHeader + e.at, Del: e.del, Add: e.size(), edit: e}
}

// Len returns the number of elements.
func (p Packed) Len() int { return p.run().count }

// First and Last return the positions at the ends of a list that has elements.
func (p Packed) First() int64 { return p.run().first }

// Last is described with First.
func (p Packed) Last() int64 { return p.run().last }

// Insert puts a value before element i, or at the end for i = Len. pos must be
// between the positions of its neighbours.
func (p Packed) Insert(i int, pos int64, value []byte) Edit {
	return p.edit(p.run().insert(p.items(), i, pos, value))
}

// Remove takes n elements away, from element i on.
func (p Packed) Remove(i, n int) Edit {
	r := p.run()
	if n == r.count {
		return p.edit(edit{del: len(p.items())})
	}
	return p.edit(r.remove(p.items(), i, n))
}

// Set gives element i another value.
func (p Packed) Set(i int, value []byte) Edit {
	return p.edit(p.run().set(p.items(), i, value))
}

// At returns element i and its position.
func (p Packed) At(i int) (pos int64, value []byte) {
	b := p.items()
	it, pos := p.run().seek(b, i)
	return pos, b[it.from:it.to:it.to]
}

// Search returns the index of the first element at pos or behind it, and whether
// it is at pos.
func (p Packed) Search(pos int64) (i int, found bool) { return p.run().search(p.items(), pos) }

// Each calls fn with n elements from element i on, in either direction, until fn
// returns false. fn must not change the list.
func (p Packed) Each(i, n int, dir Direction, fn func(pos int64, value []byte) bool) {
	p.run().each(p.items(), i, n, dir, fn)
}
