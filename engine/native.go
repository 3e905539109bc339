package engine

import "kvd/engine/slab"

// native is the structure of a collection that is too large for its entry's
// cell. It is used under its shard's lock only, and all it holds beyond a few
// hundred bytes is in the heap that it was made with.
type native interface {
	// Len returns the number of elements.
	Len() int
	// Bytes returns the memory that the elements take.
	Bytes() int
	// Clone returns the same elements in other memory.
	Clone(h *slab.Heap) native
	// Free gives the memory of all elements back.
	Free()
}

// housed is a native with the heap that only it uses, or nil if it shares that
// of its shard.
type housed struct {
	native
	own *slab.Heap
	// counted is what the shard's memory has of it, in bytes.
	counted int64
}

const (
	// ownHeap is the size from which a native has a heap of its own, in bytes:
	// then it goes to another shard or is freed without a look at its elements.
	// A smaller one would waste much of the pages that each size of cell needs.
	ownHeap = 256 << 10
	// nativeBytes is about what a native takes beside its elements, in bytes.
	nativeBytes = 256
)

// natives are the large collections of one shard, by number.
type natives struct {
	list  []housed
	free  []uint32
	bytes int64 // of heaps of their own, and what each takes beside
}

// of returns the native of an entry, or none.
func (l *natives) of(e entry) housed {
	if !e.has(flagNative) {
		return housed{}
	}
	return l.list[number(e.valueBytes()[idSize:])]
}

func (l *natives) add(h housed) uint32 {
	h.counted = h.bytes()
	l.bytes += h.counted
	if n := len(l.free); n > 0 {
		i := l.free[n-1]
		l.free = l.free[:n-1]
		l.list[i] = h
		return i
	}
	l.list = append(l.list, h)
	return uint32(len(l.list) - 1)
}

func (l *natives) replace(i uint32, h housed) {
	h.counted = h.bytes()
	l.bytes += h.counted - l.list[i].counted
	l.list[i] = h
}

// remove forgets a native, which stays as it is.
func (l *natives) remove(i uint32) {
	l.bytes -= l.list[i].counted
	l.list[i] = housed{}
	l.free = append(l.free, i)
}

// lend leaves an entry without its native, which another entry is about to have.
func (s *shard) lend(e entry) {
	s.unqueueFields(e)
	if e.has(flagNative) {
		s.natives.replace(number(e.valueBytes()[idSize:]), housed{})
	}
}

// reset forgets all natives, whose shard's heap is gone.
func (l *natives) reset(e *Engine) {
	for _, h := range l.list {
		if h.own != nil {
			e.release(h)
		}
	}
	*l = natives{}
}

// bytes is the memory of the native that is not in its shard's heap.
func (h housed) bytes() int64 {
	switch {
	case h.native == nil:
		return 0
	case h.own == nil:
		return nativeBytes
	}
	return nativeBytes + int64(h.own.Used())
}

// release gives the memory of a native back that no entry has any more: at once
// if it is small, else in the background.
func (e *Engine) release(h housed) {
	switch {
	case h.native == nil:
	case h.own != nil:
		e.garbage.abandon(h.own.Arena())
	default:
		h.Free()
	}
}

// clone copies a native into the memory of a shard.
func (h housed) clone(to *shard) housed {
	if h.native == nil {
		return h
	}
	return housed{native: h.Clone(to.elements)}
}

// rehouse puts a native into the memory where it belongs: that of its shard, or
// its own if it is large. from is the shard whose heap has it now.
func (h housed) rehouse(from, to *shard) housed {
	if h.native == nil || h.own != nil {
		return h
	}
	var moved housed
	switch {
	case h.Bytes() > ownHeap:
		moved.own = slab.NewHeap(to.engine.pool)
		moved.native = h.Clone(moved.own)
	case from != to:
		moved.native = h.Clone(to.elements)
	default:
		return h
	}
	h.Free()
	return moved
}
