// Package engine holds the keys: a sharded hash table with expiry and eviction,
// whose every change is recorded, numbered and handed to a Store.
//
// A key belongs to one shard, chosen by its hash, whatever its database; each
// shard has one lock. All access goes through a Tx, which holds the locks of
// the keys that its command declared. Invariants:
//
//   - Memory and Store see changes in the same order per key: a Tx submits its
//     change set before it lets go of its locks.
//   - A mutator records its own effects (row, event, memory), so no caller can
//     forget one.
//   - No lock is held over I/O, with two exceptions: Reload, after a failed
//     write, which must not let anyone see what was refused, and History, which
//     reads past versions of a key under the lock of its shard, on a worker.
//   - Lock order: shards by number, then the store's queue.
package engine

import (
	"hash/maphash"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"kvd/engine/slab"
	"kvd/internal/change"
	"kvd/internal/clock"
)

// Options are what New needs. Store, Clock and Databases must be set.
type Options struct {
	Store     Store
	Clock     clock.Clock
	Observer  Observer     // may be nil
	History   HistoryStore // nil: past versions are not kept
	Databases int
	// Shards is a power of two, at most 256; 0 means 256.
	Shards int
	Memory MemoryPolicy
	// WantCheckpoint, if not nil, is called from the background, at most once a
	// second, when values have to be unloaded and only a checkpoint can make
	// that possible. It must not wait for the checkpoint.
	WantCheckpoint func()
	// Chance returns numbers from 0 up to 1, by which cached values are computed anew
	// early and expire apart; nil: at random.
	Chance func() float64
	// CycleTook, if not nil, is told how long each round of background work took.
	// It must be quick.
	CycleTook func(cycle Cycle, took time.Duration)
}

const maxShards = 256

// Engine is all keys of a server. Its methods are safe for concurrent use.
type Engine struct {
	opt    Options
	shards []shard
	shift  uint // hash >> shift is the shard
	pool   *slab.Pool
	seed   maphash.Seed

	spaces    spaces
	revisions revisions
	history   history
	settings  settings
	memory    memory
	evictor   evictor
	garbage   garbage
	upkeep    upkeep
	eventMask atomic.Uint32
	watched   atomic.Int64 // keys that clients watch
	writes    atomic.Pointer[WriteObserver]
	shapes    atomic.Pointer[[]Shape]
	lastID    atomic.Uint64
	loading   loading
	cache     cacheEngine
	catalog   atomic.Pointer[catalog] // nil: there are no collections and no types
	docSets   atomic.Uint64           // how many were made
	txs       sync.Pool
	// evaluators are of type *path.Evaluator, for the entries of indexes.
	evaluators sync.Pool
}

// New returns an engine without keys.
func New(opt Options) *Engine {
	if opt.Shards == 0 {
		opt.Shards = maxShards
	}
	e := &Engine{
		opt:    opt,
		shards: make([]shard, opt.Shards),
		shift:  uint(64 - bits.TrailingZeros(uint(opt.Shards))),
		pool:   slab.NewPool(),
		seed:   maphash.MakeSeed(),
	}
	e.txs.New = func() any { return new(Tx) }
	e.spaces.init(opt.Databases)
	e.SetMemoryPolicy(opt.Memory)
	for i := range e.shards {
		e.shards[i].init(e, opt.Databases)
	}
	return e
}

// Close gives the memory of all keys back. Nothing may use the engine after.
func (e *Engine) Close() { e.pool.Close() }

// Databases returns how many databases there are.
func (e *Engine) Databases() int { return e.opt.Databases }

// SetEvents chooses the classes of events that are recorded.
func (e *Engine) SetEvents(classes change.EventClass) { e.eventMask.Store(uint32(classes)) }

func (e *Engine) hash(key []byte) uint64 { return maphash.Bytes(e.seed, key) }

func (e *Engine) shardOf(hash uint64) int { return int(hash >> e.shift) }

// lockAll takes the locks of all shards.
func (e *Engine) lockAll() {
	for i := range e.shards {
		e.shards[i].mu.Lock()
	}
}

func (e *Engine) unlockAll() {
	for i := range e.shards {
		e.shards[i].mu.Unlock()
	}
}
