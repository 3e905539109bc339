package engine

import (
	"bytes"

	"kvd/engine/slab"
)

const (
	// WarmMost is how many keys Warm takes at once.
	WarmMost = 16
	// warmFrom is the memory in use from which it is worth while, in bytes: less
	// is in the processor's caches anyway.
	warmFrom = 4 << 20
	// cacheLine is how far apart an entry is read, in bytes.
	cacheLine = 64
	warmLines = 2
)

// WorthWarming reports whether so much memory is in use that Warm does anything.
func (e *Engine) WorthWarming() bool { return e.memory.used.Load() >= warmFrom }

// Warm reads what commands on these keys of a database, WarmMost at most, are
// about to look at: the buckets of the index, then the entries. A command waits
// for each of the two in turn; here the waits of several keys overlap. What it
// returns is made of what was read, and means nothing: it is there to be used, or
// the compiler would leave the reading out.
//
// Keys whose shards are not free at once are left out, and commands that begin
// with the same key twice are taken to go on with it.
func (e *Engine) Warm(db int, keys [][]byte) (sum uint64) {
	if !e.WorthWarming() || len(keys) < 2 || bytes.Equal(keys[0], keys[1]) {
		return 0
	}
	var (
		hashes [WarmMost]uint64
		held   Lock
	)
	keys = keys[:min(len(keys), WarmMost)]
	for i, key := range keys {
		hashes[i] = e.hash(key)
		if at := e.shardOf(hashes[i]); !held.has(at) && e.shards[at].mu.TryLock() {
			held.add(at)
		}
	}
	for i := range keys {
		if at := e.shardOf(hashes[i]); held.has(at) {
			if t := e.shards[at].dbs[db].index; t != nil {
				sum += t.Touch(hashes[i])
			}
		}
	}
	for i := range keys {
		if at := e.shardOf(hashes[i]); held.has(at) {
			sum += e.shards[at].warm(db, hashes[i])
		}
	}
	held.each(func(i int) { e.shards[i].mu.Unlock() })
	return sum
}

// warm reads the first lines of an entry.
func (s *shard) warm(db int, hash uint64) (sum uint64) {
	t := s.dbs[db].index
	if t == nil {
		return 0
	}
	ref, ok := t.Guess(hash)
	if !ok {
		return 0
	}
	cell := s.arena.At(slab.Ref(ref))
	for at := 0; at < min(len(cell), warmLines*cacheLine); at += cacheLine {
		sum += uint64(cell[at])
	}
	return sum
}
