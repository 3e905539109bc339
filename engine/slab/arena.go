package slab

import "encoding/binary"

// Arena allocates cells for one shard. Its methods need that shard's lock;
// At alone may run beside other calls of At.
type Arena struct {
	pool  *Pool
	place [classCount]uint8 // where each class is in bins, plus one; zero is nowhere
	bins  []bin
	used  int              // bytes in cells in use
	held  int              // bytes in runs
	turn  int              // the bin at which Compact goes on
	live  map[Ref]struct{} // the cells in use, in checked builds
}

// bin is what an arena has of one class.
type bin struct {
	room  runID // a ring of the runs with a free cell
	full  runID // a ring of the runs without
	runs  uint32
	used  uint32 // cells in use
	class uint8
}

// Alloc returns a cell for n bytes, 0 ≤ n ≤ MaxCell, and its reference. The
// slice has length n, the capacity of the whole cell, and undefined contents.
func (a *Arena) Alloc(n int) (Ref, []byte) {
	b := a.bin(classOf(n))
	if b.room == 0 {
		a.addRun(b)
	}
	ref, cell := a.take(b)
	return ref, cell[:n]
}

// At returns the whole cell behind ref, which must be in use.
func (a *Arena) At(ref Ref) []byte {
	if checked {
		a.checkLive(ref)
	}
	return a.pool.piece(ref.piece()).cell(ref.grains())
}

// Free gives a cell back. Slices of it must not be used after that.
func (a *Arena) Free(ref Ref) {
	if checked {
		a.checkFreed(ref)
	}
	p := a.pool.piece(ref.piece())
	id := runOf(ref.piece(), uint32(p.head[ref.grains()/pageGrains]))
	r := &p.runs[id.page()]
	b := &a.bins[a.place[r.class]-1]

	if uint32(r.used) == classes[r.class].cells {
		a.unlink(&b.full, id)
		a.link(&b.room, id)
	}
	a.give(b, r, id, ref)
	if r.used == 0 {
		a.unlink(&b.room, id)
		a.dropRun(b, id)
	}
}

// Used returns the bytes in cells that are in use, rounded as by Size.
func (a *Arena) Used() int { return a.used }

// Held returns the bytes in runs, which is what the arena keeps from others.
func (a *Arena) Held() int { return a.held }

// Reset frees all cells at once.
func (a *Arena) Reset() {
	for i := range a.bins {
		b := &a.bins[i]
		for _, ring := range [...]*runID{&b.room, &b.full} {
			for *ring != 0 {
				id := *ring
				a.unlink(ring, id)
				a.dropRun(b, id)
			}
		}
	}
	fresh := a.pool.NewArena()
	*a = *fresh
}

// bin returns the bin of a class, a new one if need be.
func (a *Arena) bin(c int) *bin {
	if a.place[c] == 0 {
		a.bins = append(a.bins, bin{class: uint8(c)})
		a.place[c] = uint8(len(a.bins))
	}
	return &a.bins[a.place[c]-1]
}

// take uses a cell of the first run that has room.
func (a *Arena) take(b *bin) (Ref, []byte) {
	id, c := b.room, &classes[b.class]
	p := a.pool.piece(id.piece())
	r := &p.runs[id.page()]

	at := id.page() * pageGrains
	var cell []byte
	if r.free != 0 {
		at += uint32(r.free - 1)
		cell = p.cell(at)
		r.free = binary.LittleEndian.Uint16(cell)
		if checked {
			checkIdle(cell)
		}
	} else {
		at += uint32(r.fresh)
		cell = p.cell(at)
		r.fresh += uint16(c.grains())
	}

	r.used++
	b.used++
	a.used += int(c.size)
	if uint32(r.used) == c.cells {
		a.unlink(&b.room, id)
		a.link(&b.full, id)
	}
	ref := refOf(id.piece(), at)
	if checked {
		a.checkTaken(ref, cell)
	}
	return ref, cell
}

// give puts a cell into the free list of its run.
func (a *Arena) give(b *bin, r *run, id runID, ref Ref) {
	binary.LittleEndian.PutUint16(a.pool.piece(id.piece()).cell(ref.grains()), r.free)
	r.free = uint16(ref.grains()-id.page()*pageGrains) + 1
	r.used--
	b.used--
	a.used -= int(classes[b.class].size)
}

func (a *Arena) addRun(b *bin) {
	id := a.pool.lend(int(b.class))
	a.link(&b.room, id)
	b.runs++
	a.held += int(classes[b.class].pages) * pageSize
}

// dropRun returns a run that is in no list to the pool, with the cells it has.
func (a *Arena) dropRun(b *bin, id runID) {
	a.pool.takeBack(id)
	b.runs--
	a.held -= int(classes[b.class].pages) * pageSize
}

func (a *Arena) run(id runID) *run { return &a.pool.piece(id.piece()).runs[id.page()] }

// link puts a run first in a ring.
func (a *Arena) link(ring *runID, id runID) {
	r := a.run(id)
	if *ring == 0 {
		r.next, r.prev = id, id
	} else {
		first := a.run(*ring)
		r.next, r.prev = *ring, first.prev
		a.run(first.prev).next = id
		first.prev = id
	}
	*ring = id
}

// unlink takes a run out of a ring.
func (a *Arena) unlink(ring *runID, id runID) {
	r := a.run(id)
	if r.next == id {
		*ring = 0
		return
	}
	a.run(r.prev).next = r.next
	a.run(r.next).prev = r.prev
	if *ring == id {
		*ring = r.next
	}
}
