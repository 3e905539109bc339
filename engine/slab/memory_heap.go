//go:build !linux || race || invariants

package slab

// reserve makes a piece on the Go heap. It holds no pointers, so the garbage
// collector does not look into it, and the race detector sees its uses.
func reserve() *[pieceSize]byte { return new([pieceSize]byte) }

// release leaves a piece to the garbage collector.
func release(*[pieceSize]byte) {}

// discard does nothing: the Go heap can't give away a part of an object.
func discard([]byte) {}
