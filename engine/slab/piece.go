package slab

// piece is 1 MiB of memory and what is known of its pages.
//
// The pool's lock guards the fields from free on. The others describe runs: a
// run's entries are written while it is handed over under that lock, and are
// otherwise its arena's alone.
type piece struct {
	mem *[pieceSize]byte
	// size is, for each page of a run, the size of the run's cells in bytes.
	size [pageCount]uint16
	// head is, for each page of a run, the run's first page.
	head [pageCount]uint8
	// runs holds each run at the number of its first page.
	runs [pageCount]run

	number     uint32
	free       pageSet // pages of no run
	dirty      pageSet // those of them that may have memory behind them
	bin        int     // the list of the pool that has this piece
	next, prev *piece
}

// run is a row of pages cut into cells of one class.
type run struct {
	next, prev runID  // the other runs in the same list of an arena, a ring
	free       uint16 // the first free cell, in grains from the run's start and plus one; zero is none
	fresh      uint16 // where the cells begin that were never used, in grains
	used       uint16 // cells in use
	class      uint8
}

// open makes a run of class c out of free pages, which begin at first.
func (p *piece) open(first uint32, c int) {
	for i := first; i < first+classes[c].pages; i++ {
		p.size[i] = uint16(classes[c].size)
		p.head[i] = uint8(first)
	}
	p.runs[first] = run{class: uint8(c)}
}

// cell returns the cell at a position counted in grains. It runs to the end of
// the cell and can't grow into the next one.
func (p *piece) cell(grains uint32) []byte {
	start := (grains % pieceGrains) * grain
	end := start + uint32(p.size[start/pageSize])
	return p.mem[start:end:end]
}
