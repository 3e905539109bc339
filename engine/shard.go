package engine

import (
	"bytes"
	"sync"
	"sync/atomic"

	"kvd/engine/index"
	"kvd/engine/slab"
)

// shard is a share of the keys of every database. All but nextDeadline belongs
// to the holder of mu.
type shard struct {
	mu        sync.Mutex
	engine    *Engine
	arena     *slab.Arena // entries, which move when it is compacted
	tables    *slab.Arena // the indexes, which do not
	elements  *slab.Heap  // those of collections too large for their entry
	dbs       []database
	heads     []heads // by database
	large     blobs
	natives   natives
	deadlines deadlines
	fields    deadlines // hashes by their first field that expires, see hash_expire.go
	waiters   waiters
	watchers  watchers
	cache     *shardCache // nil: no command of the cache was used
	counted   int64       // the bytes that the engine's total has of this shard
	lastSeq   uint64      // of the newest change set that touched the shard
	stats     shardStats

	// nextDeadline is the unix time in milliseconds at which the first key
	// expires, or noDeadline.
	nextDeadline atomic.Int64
	// nextField is the same for the fields of hashes.
	nextField atomic.Int64
	_         [64]byte // neighbours' locks stay out of this cache line
}

// database is the keys of one database in one shard.
type database struct {
	index   *index.Table // nil: never had a key
	expires int          // how many of the keys expire
	cold    int          // how many values are on disk only
}

type shardStats struct {
	hits, misses, expired, evicted, unloaded, fetched uint64
}

func (s *shard) init(e *Engine, databases int) {
	s.engine = e
	s.arena = e.pool.NewArena()
	s.tables = e.pool.NewArena()
	s.elements = slab.NewHeap(e.pool)
	s.dbs = make([]database, databases)
	s.heads = make([]heads, databases)
	s.deadlines.moved = s.placeDeadline
	s.nextDeadline.Store(noDeadline)
	s.fields.moved = s.placeFields
	s.nextField.Store(noDeadline)
}

// Hash implements index.Keys.
func (s *shard) Hash(ref uint64) uint64 { return s.engine.hash(s.key(s.entry(ref))) }

// Equal implements index.Keys.
func (s *shard) Equal(ref uint64, key []byte) bool {
	e := s.entry(ref)
	if e.has(flagLongKey) {
		return bytes.Equal(s.large.get(number(e.keyBytes())).data, key)
	}
	return bytes.Equal(e.keyBytes(), key)
}

func (s *shard) entry(ref uint64) entry { return entry(s.arena.At(slab.Ref(ref))) }

// key returns an entry's key, wherever it is.
func (s *shard) key(e entry) []byte {
	if e.has(flagLongKey) {
		return s.large.get(number(e.keyBytes())).data
	}
	return e.keyBytes()
}

func (s *shard) table(db int) *index.Table {
	d := &s.dbs[db]
	if d.index == nil {
		d.index = index.New(s, s.tables)
	}
	return d.index
}

// find returns the reference of a key's entry.
func (s *shard) find(db int, hash uint64, key []byte) (ref uint64, ok bool) {
	if t := s.dbs[db].index; t != nil {
		return t.Get(hash, key)
	}
	return 0, false
}

// place puts entry e, whose content is in the cell of ref, into the index in
// place of old (0: it is new).
func (s *shard) place(db int, hash, old, ref uint64) {
	if old == 0 {
		s.table(db).Put(hash, ref)
		return
	}
	s.table(db).Replace(hash, old, ref)
}

// bytes is the memory that the shard's keys take.
func (s *shard) bytes() int64 {
	return int64(s.arena.Used()) + int64(s.tables.Used()) + int64(s.large.bytes) + s.deadlines.bytes() +
		s.fields.bytes() + int64(s.elements.Used()) + s.natives.bytes + s.cache.size()
}

// count brings the engine's total of used memory up to date.
func (s *shard) count() {
	if now := s.bytes(); now != s.counted {
		s.engine.memory.used.Add(now - s.counted)
		s.counted = now
	}
}
