// Package slab hands out small cells of memory that the garbage collector
// never looks into.
//
// Memory comes from the system in pieces of 1 MiB, which a Pool shares among
// arenas. A piece is cut into pages of 8 KiB; a run is a few pages in a row
// that belong to one Arena and hold cells of one size. Free cells of a run are
// linked through their own first bytes, so a cell costs nothing beyond its
// rounded size.
//
// Invariants: a page belongs to at most one run; a cell that is in use is in no
// free list; a run with room is in its bin's room list, a full one in its full
// list, and an empty one is with the pool again.
//
// On Linux the memory is mapped. Elsewhere, and in builds with the race
// detector or the tag invariants, it comes from the Go heap, and in those two
// builds wrong uses of a reference panic.
package slab

// Ref names a cell of an arena. It is a number, so structures full of them
// hold nothing for the garbage collector to follow. Zero names no cell.
//
// A Ref is below 1<<RefBits: the number of a piece above the position inside
// it, in units of 8 bytes.
type Ref uint64

const (
	// RefBits is how many low bits of a Ref can be set.
	RefBits = 39
	// MaxCell is the largest cell, in bytes.
	MaxCell = 40 << 10

	grain       = 8 // every cell starts at, and measures, a multiple of this
	pieceSize   = 1 << 20
	pageSize    = 8 << 10
	pageCount   = pieceSize / pageSize
	pieceGrains = pieceSize / grain
	pageGrains  = pageSize / grain
	maxPieces   = 1 << RefBits / pieceGrains
)

func refOf(piece, grains uint32) Ref { return Ref(piece)*pieceGrains + Ref(grains) }

func (r Ref) piece() uint32 { return uint32(r / pieceGrains) }

// grains returns the cell's position inside its piece.
func (r Ref) grains() uint32 { return uint32(r % pieceGrains) }

// A runID names a run by the number of its first page, counted over all pieces.
type runID uint32

func runOf(piece, page uint32) runID { return runID(piece*pageCount + page) }

func (id runID) piece() uint32 { return uint32(id) / pageCount }

func (id runID) page() uint32 { return uint32(id) % pageCount }
