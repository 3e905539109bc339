package rdb

import (
	"bytes"
	"hash/maphash"
)

// unique reports whether no two of n strings are the same. It takes four to
// sixteen bytes for each of them.
func unique(n int, at func(int) []byte) bool {
	size := 8
	for size < 2*n {
		size *= 2
	}
	seed, slots := maphash.MakeSeed(), make([]uint32, size) // place + 1; 0: free
	for i := range n {
		item := at(i)
		slot := maphash.Bytes(seed, item) & uint64(size-1)
		for ; slots[slot] != 0; slot = (slot + 1) & uint64(size-1) {
			if bytes.Equal(at(int(slots[slot]-1)), item) {
				return false
			}
		}
		slots[slot] = uint32(i) + 1
	}
	return true
}
