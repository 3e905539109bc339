package slab

import (
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
)

// Pool takes memory from the system and lends it to arenas, a run at a time.
// Its methods are safe for concurrent use.
type Pool struct {
	// pieces is indexed by the number of a piece; number 0 is not used, so that
	// no cell has the reference 0. Readers take no lock: an entry changes only
	// when no run of that piece exists, and a longer table replaces a shorter.
	pieces atomic.Pointer[[]*piece]

	mu      sync.Mutex
	vacant  []uint32         // numbers whose pieces were given back
	bins    [binCount]*piece // pieces by the longest stretch of free pages
	present uint32           // the bins that have pieces, a bit each
	turn    uint32           // the piece at which Trim goes on
	stats   Stats
}

// Pieces with n free pages in a row are in bin n, or in bin maxRun if n is
// greater; those that are wholly free have a bin of their own, used last.
const (
	wholeBin = maxRun + 1
	binCount = maxRun + 2
)

// Stats tells where the memory of a pool is. All but Pieces are bytes.
type Stats struct {
	Mapped int // taken from the system
	Runs   int // lent to arenas
	Dirty  int // in no run, but not given back to the system yet
	Pieces int // pieces of 1 MiB that Mapped is made of
}

// NewPool returns a pool without memory.
func NewPool() *Pool {
	p := new(Pool)
	p.pieces.Store(&[]*piece{nil})
	return p
}

// NewArena returns an allocator that draws on p.
func (p *Pool) NewArena() *Arena {
	a := &Arena{pool: p}
	if checked {
		a.live = make(map[Ref]struct{})
	}
	return a
}

// Stats returns the figures of this moment.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Close returns all memory to the system. No arena of the pool may be used
// after it, nor any slice of a cell.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pc := range *p.pieces.Load() {
		if pc != nil {
			release(pc.mem)
		}
	}
	p.pieces.Store(&[]*piece{nil})
	p.vacant, p.bins, p.present, p.turn, p.stats = nil, [binCount]*piece{}, 0, 0, Stats{}
}

// piece returns a piece that has a run.
func (p *Pool) piece(number uint32) *piece { return (*p.pieces.Load())[number] }

// lend makes a run of class c. It prefers the piece in which the run fits
// most tightly, so that the others can become wholly free.
func (p *Pool) lend(c int) runID {
	n := classes[c].pages
	p.mu.Lock()
	defer p.mu.Unlock()

	fitting := p.present >> n << n
	if fitting == 0 {
		p.grow()
		fitting = p.present >> n << n
	}
	pc := p.bins[bits.TrailingZeros32(fitting)]
	first := pc.free.stretches(n).first()
	p.exclude(pc, pagesAt(first, n))
	pc.open(first, c)
	p.stats.Runs += int(n) * pageSize
	return runOf(pc.number, first)
}

// takeBack ends a run, whose memory has been in use.
func (p *Pool) takeBack(id runID) {
	p.mu.Lock()
	pc, first := p.piece(id.piece()), id.page()
	n := classes[pc.runs[first].class].pages
	pages := pagesAt(first, n)
	pc.dirty = pc.dirty.union(pages)
	p.stats.Runs -= int(n) * pageSize
	p.stats.Dirty += int(n) * pageSize
	unused := p.include(pc, pages)
	p.mu.Unlock()

	if unused != nil {
		release(unused.mem)
	}
}

// grow adds a piece from the system.
func (p *Pool) grow() {
	table := *p.pieces.Load()
	pc := &piece{mem: reserve(), free: allPages}
	if n := len(p.vacant); n > 0 {
		pc.number, p.vacant = p.vacant[n-1], p.vacant[:n-1]
		table[pc.number] = pc
	} else {
		if len(table) == maxPieces {
			panic(fmt.Sprintf("slab: more than %d pieces", maxPieces))
		}
		pc.number = uint32(len(table))
		table = append(table, pc)
		p.pieces.Store(&table)
	}
	p.stats.Mapped += pieceSize
	p.stats.Pieces++
	p.file(pc)
}

// exclude takes free pages of a piece out of circulation.
func (p *Pool) exclude(pc *piece, pages pageSet) {
	p.unfile(pc)
	p.stats.Dirty -= pc.dirty.intersect(pages).len() * pageSize
	pc.free = pc.free.without(pages)
	pc.dirty = pc.dirty.without(pages)
	p.file(pc)
}

// include makes pages of a piece free again. It returns the piece if that must
// be given back: one that is wholly free is enough to keep.
func (p *Pool) include(pc *piece, pages pageSet) (unused *piece) {
	p.unfile(pc)
	pc.free = pc.free.union(pages)
	if pc.free != allPages || p.bins[wholeBin] == nil {
		p.file(pc)
		return nil
	}
	(*p.pieces.Load())[pc.number] = nil
	p.vacant = append(p.vacant, pc.number)
	p.stats.Mapped -= pieceSize
	p.stats.Dirty -= pc.dirty.len() * pageSize
	p.stats.Pieces--
	return pc
}

// file puts a piece into the list for the room that it has.
func (p *Pool) file(pc *piece) {
	pc.bin = wholeBin
	if pc.free != allPages {
		pc.bin = int(pc.free.longest(maxRun))
	}
	pc.prev, pc.next = nil, p.bins[pc.bin]
	if pc.next != nil {
		pc.next.prev = pc
	}
	p.bins[pc.bin] = pc
	p.present |= 1 << pc.bin
}

// unfile takes a piece out of its list.
func (p *Pool) unfile(pc *piece) {
	if pc.next != nil {
		pc.next.prev = pc.prev
	}
	if pc.prev != nil {
		pc.prev.next = pc.next
		return
	}
	p.bins[pc.bin] = pc.next
	if pc.next == nil {
		p.present &^= 1 << pc.bin
	}
}
