package engine

import "kvd/internal/change"

// Store is the disk as the engine sees it. The package persist has the real
// one; Discard keeps nothing.
type Store interface {
	// Submit takes the effects of one commit, in the order of the calls, and
	// numbers them. It is called under shard locks: it copies what it needs and
	// does no I/O.
	Submit(set *change.Set) (seq uint64)
	// Get reads the stored row of a key whose value is not in memory.
	Get(space uint32, key []byte, fn func(*change.Row) error) (found bool, err error)
	// Epoch numbers the checkpoint that what is submitted now will be part of.
	Epoch() uint32
	// Folded is the newest epoch of which Get knows every row.
	Folded() uint32
}

// Observer is told of commits after their locks are gone, in no fixed order
// between shards.
type Observer interface {
	// Committed is called for a set that has events. The set is valid during
	// the call.
	Committed(set *change.Set)
}

// Discard is the Store of a server that keeps its data in memory only.
type Discard struct{}

// Submit implements Store.
func (Discard) Submit(*change.Set) uint64 { return 0 }

// Get implements Store.
func (Discard) Get(uint32, []byte, func(*change.Row) error) (bool, error) { return false, nil }

// Epoch implements Store.
func (Discard) Epoch() uint32 { return 1 }

// Folded implements Store. Nothing is ever on disk, so nothing can be unloaded.
func (Discard) Folded() uint32 { return 0 }
