// Package index finds entries by their keys. It is a hash table that holds
// nothing but numbers, references to entries that somebody else keeps, in
// memory that the garbage collector does not look into.
//
// The table grows and shrinks one bucket at a time, by linear hashing (W.
// Litwin, 1980): with n buckets, 2^L ≤ n < 2^(L+1), a key belongs to the bucket
// that the low L bits of its hash name, or to the one that L+1 bits name if
// that bucket has been split already, as the first n−2^L ones have. So no
// operation ever pauses to move the whole table.
//
// Invariant: an entry is in the bucket that its hash names, once, with the tag
// that its hash and the bucket's level give.
package index

import (
	"fmt"
	"math/bits"

	"kvd/engine/slab"
)

// RefBits is how many bits a reference may have. It leaves one to the owner
// beyond those of slab.Ref.
const RefBits = 40

const (
	// A bucket is added when there are more than growLoad entries for each, and
	// one is taken away when there are fewer than shrinkLoad.
	growLoad   = 7
	shrinkLoad = 3
	// windowBits is how many levels use the same bits of the hash for their
	// tags. When a split leaves such a window, hashes are computed again.
	windowBits = 8
)

// Keys reads the entries behind references.
type Keys interface {
	// Hash returns the hash of the entry's key, as it was given to Put.
	Hash(ref uint64) uint64
	// Equal reports whether the entry's key is key.
	Equal(ref uint64, key []byte) bool
}

// Table maps keys to references. Calls that change it need exclusive use;
// others may run side by side. An empty table takes no memory but its own.
//
// Hashes should be good in their 56 low bits; the others are not used.
type Table struct {
	keys     Keys
	mem      *slab.Arena
	segments []segment
	n        uint64 // buckets
	count    int    // entries
	overflow int    // nodes that are not buckets
}

// New returns an empty table. Its memory comes from mem, in which the cells of
// the table must not be moved; several tables under one lock may share it.
func New(k Keys, mem *slab.Arena) *Table { return &Table{keys: k, mem: mem} }

// Len returns the number of entries.
func (t *Table) Len() int { return t.count }

// Get returns the reference of the entry with this key.
func (t *Table) Get(hash uint64, key []byte) (ref uint64, ok bool) {
	if t.n == 0 {
		return 0, false
	}
	b, level := t.address(hash)
	tag := tagOf(hash, level)
	for n := t.bucket(b); n != nil; n = t.next(n) {
		for found := n.match(tag); found != 0; found = found.rest() {
			i := found.first()
			if i >= n.len() {
				continue
			}
			if ref := n.ref(i); t.keys.Equal(ref, key) {
				return ref, true
			}
		}
	}
	return 0, false
}

// Put adds an entry whose key is not in the table. The reference must be below
// 1<<RefBits.
func (t *Table) Put(hash, ref uint64) {
	checkRef(ref)
	if t.n == 0 {
		t.addBucket()
	}
	b, level := t.address(hash)
	t.append(t.bucket(b), tagOf(hash, level), ref)
	t.count++
	if uint64(t.count) > growLoad*t.n {
		t.split()
	}
}

// Replace puts the reference new where old is, for an entry that has moved or
// was written anew under the same key. It panics if old is not there.
func (t *Table) Replace(hash, old, new uint64) {
	checkRef(new)
	n, i := t.find(hash, old)
	n.setRef(i, new)
}

// Delete removes the entry with this reference. It panics if it is not there.
func (t *Table) Delete(hash, ref uint64) {
	hole, i := t.find(hash, ref)
	prev, last := (*node)(nil), hole
	if hole.link() == 0 {
		b, _ := t.address(hash)
		last = t.bucket(b)
	}
	for last.link() != 0 {
		prev, last = last, t.next(last)
	}

	end := last.len() - 1
	hole.set(i, last.tag(end), last.ref(end))
	last.setLen(end)
	if end == 0 && prev != nil {
		t.cut(prev, nodeSlots)
	}

	t.count--
	switch {
	case t.count == 0:
		t.Reset()
	case uint64(t.count) < shrinkLoad*t.n && t.n > 1:
		t.join()
	}
}

// level returns L of the package comment.
func (t *Table) level() int { return bits.Len64(t.n) - 1 }

// address returns the bucket of a hash and its level: how many bits of the
// hash all entries of the bucket have in common.
func (t *Table) address(hash uint64) (b uint64, level int) {
	level = t.level()
	size := uint64(1) << level
	b = hash & (size - 1)
	if b < t.n-size {
		return hash & (2*size - 1), level + 1
	}
	return b, level
}

// tagOf returns the bits of a hash that are kept in a bucket of this level. At
// least nine of them are not among those that name the bucket.
func tagOf(hash uint64, level int) uint16 {
	return uint16(hash >> (level / windowBits * windowBits))
}

// find returns the slot that holds ref.
func (t *Table) find(hash, ref uint64) (*node, int) {
	if t.n > 0 {
		b, level := t.address(hash)
		tag := tagOf(hash, level)
		for n := t.bucket(b); n != nil; n = t.next(n) {
			for found := n.match(tag); found != 0; found = found.rest() {
				if i := found.first(); i < n.len() && n.ref(i) == ref {
					return n, i
				}
			}
		}
	}
	panic(fmt.Sprintf("index: reference %#x is not in the table", ref))
}

func checkRef(ref uint64) {
	if ref > refMask {
		panic(fmt.Sprintf("index: reference %#x has more than %d bits", ref, RefBits))
	}
}
