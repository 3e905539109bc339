//go:build linux && !race && !invariants

package slab

import (
	"fmt"
	"syscall"
)

// checked says whether wrong uses of references are looked for.
const checked = false

// reserve takes a piece from the system. There is no going on without it, so
// it panics when the system refuses, as any allocation in Go would.
func reserve() *[pieceSize]byte {
	mem, err := syscall.Mmap(-1, 0, pieceSize, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(fmt.Sprintf("slab: map %d bytes: %v", pieceSize, err))
	}
	return (*[pieceSize]byte)(mem)
}

// release returns a piece to the system.
func release(mem *[pieceSize]byte) {
	if err := syscall.Munmap(mem[:]); err != nil {
		panic(fmt.Sprintf("slab: unmap: %v", err))
	}
}

// discard takes away the memory behind a part of a piece; it reads as zero
// when next used. A refusal is harmless: the memory stays.
func discard(mem []byte) {
	_ = syscall.Madvise(mem, syscall.MADV_DONTNEED)
}
