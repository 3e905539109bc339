package slab

// sample is how many runs Compact looks at to find a sparse one.
const sample = 32

// Compact moves cells out of sparsely used runs, so that these can be given
// back, and returns how many bytes it moved. It stops once that is budget or
// more (by at most the cells of one run), or when nothing is worth moving, and
// goes on at the next call where it stopped.
//
// For each cell that moves it calls move with the old and the new reference
// and the cell at its new place. The caller sets its one reference and returns
// true; if it returns false, the cell stays where it was. move must not call
// Alloc, Free, Reset or Compact.
func (a *Arena) Compact(budget int, move func(old, new Ref, cell []byte) (keep bool)) (moved int) {
	for range a.bins {
		b := &a.bins[a.turn%len(a.bins)]
		for b.sparse() && moved < budget {
			n, emptied := a.evacuate(b, move)
			moved += n
			if !emptied {
				break
			}
		}
		if moved >= budget {
			break
		}
		a.turn++
	}
	a.pool.trimSome()
	return moved
}

// sparse reports whether moving cells can free a run, and enough lies idle for
// it to be worth the work.
func (b *bin) sparse() bool {
	c := &classes[b.class]
	total := b.runs * c.cells
	idle := total - b.used
	return idle >= c.cells && idle >= total/8
}

// evacuate moves the cells of a sparse run to other runs of b. As b is sparse,
// these have room for all of them.
func (a *Arena) evacuate(b *bin, move func(old, new Ref, cell []byte) bool) (moved int, emptied bool) {
	id := a.sparsest(b)
	a.unlink(&b.room, id)
	p, r := a.pool.piece(id.piece()), a.run(id)
	c := &classes[b.class]
	idle := a.idleCells(p, r, id)

	base := id.page() * pageGrains
	for at := uint32(0); at < uint32(r.fresh); at += c.grains() {
		if idle.has(at) {
			continue
		}
		if a.moveCell(b, r, id, refOf(id.piece(), base+at), move) {
			moved += int(c.size)
		}
	}

	if r.used > 0 {
		a.link(&b.room, id)
		return moved, false
	}
	a.dropRun(b, id)
	return moved, true
}

// moveCell moves one cell of a run that is in no list.
func (a *Arena) moveCell(b *bin, r *run, id runID, old Ref, move func(old, new Ref, cell []byte) bool) bool {
	from := a.At(old)
	to, cell := a.take(b)
	copy(cell, from)
	if !move(old, to, cell) {
		a.Free(to)
		return false
	}
	if checked {
		a.checkFreed(old)
	}
	a.give(b, r, id, old)
	return true
}

// sparsest returns the run with the fewest cells among those that got room
// the longest time ago.
func (a *Arena) sparsest(b *bin) runID {
	id := a.run(b.room).prev
	best := id
	for i := 0; i < sample && id != b.room; i++ {
		id = a.run(id).prev
		if a.run(id).used < a.run(best).used {
			best = id
		}
	}
	return best
}

// cellSet is a set of cells of one run, by their positions in grains.
type cellSet [maxRun * pageGrains / 64]uint64

func (s *cellSet) add(at uint32)      { s[at/64] |= 1 << (at % 64) }
func (s *cellSet) has(at uint32) bool { return s[at/64]>>(at%64)&1 != 0 }

// idleCells follows the free list of a run.
func (a *Arena) idleCells(p *piece, r *run, id runID) (idle cellSet) {
	for free := r.free; free != 0; {
		at := uint32(free - 1)
		idle.add(at)
		cell := p.cell(id.page()*pageGrains + at)
		free = uint16(cell[0]) | uint16(cell[1])<<8
	}
	return idle
}
