package engine

import (
	"math/bits"

	"kvd/internal/change"
)

// Lock is the set of shards that a command needs. The zero value is empty.
type Lock struct{ shards [maxShards / 64]uint64 }

// AddKey adds the shard of a key.
func (e *Engine) AddKey(l *Lock, key []byte) { l.add(e.shardOf(e.hash(key))) }

// AddAll adds every shard.
func (e *Engine) AddAll(l *Lock) {
	for i := range e.shards {
		l.add(i)
	}
}

func (l *Lock) add(i int) { l.shards[i/64] |= 1 << (i % 64) }
func (l *Lock) addLock(o *Lock) {
	for w, word := range o.shards {
		l.shards[w] |= word
	}
}
func (l *Lock) has(i int) bool { return l.shards[i/64]&(1<<(i%64)) != 0 }

// each calls fn for every shard of the set, in ascending order.
func (l *Lock) each(fn func(i int)) {
	for w, word := range l.shards {
		for ; word != 0; word &= word - 1 {
			fn(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// Tx is the view that one command, transaction or script has of the keys it
// has locked. It belongs to one goroutine, from Begin to Commit.
//
// The slices that its methods return are valid until the key is written again
// or the Tx ends. Those that are passed to it must stay as they are until it
// ends; a value of Large bytes or more is kept for good.
type Tx struct {
	engine *Engine
	db     int
	now    int64 // unix milliseconds
	mode   Mode
	held   Lock
	single int  // the one shard that is locked, or -1
	quiet  bool // stored rows are being loaded: nothing is recorded

	set     change.Set
	scratch []byte // copies of what must last until the commit
	events  change.EventClass
	epoch   uint32
	resized bool
	cold    coldKey
	last    lookup
	visited uint64    // newest change set that touched a shard it only visited
	ready   []waitKey // keys whose waiters are to be tried
	served  []*Waiter
	woken   []*Waiter // those to be woken after the commit

	rev       uint64    // see Rev; 0: not asked for yet
	policies  *policies // of what is recorded by itself; nil: nothing
	changes   []changedKey
	origin    Origin
	documents documentBuffer

	author      int64    // who writes, for Writes.By
	touchedKeys [][]byte // keys of which only elements were written, while observed
	emptied     bool     // a database was emptied
}

// Mode is how a command treats the keys it looks at.
type Mode uint8

const (
	// Reads counts hits and misses, as for a command that only reads.
	Reads Mode = 1 << iota
	// NoTouch leaves the access stamps, which eviction goes by, as they are.
	NoTouch
	// Immortal has keys live on after their time has passed: for what another
	// server sends, which says itself when a key has gone.
	Immortal
	// Frozen leaves keys whose time has passed where they are; they count as
	// missing all the same. Nothing may be written in this mode.
	Frozen
)

// lookup remembers the last key that was looked up.
type lookup struct {
	key  []byte
	hash uint64
}

// Begin locks what the command declared, in the order of the shards, and
// returns its Tx. now is the time of the command in unix milliseconds: within
// it, time stands still.
func (e *Engine) Begin(db int, now int64, mode Mode, lock *Lock) *Tx {
	tx := e.newTx(db, now, mode)
	tx.single = -1
	tx.held = *lock
	lock.each(func(i int) { e.shards[i].mu.Lock() })
	if mode&Reads == 0 {
		tx.embrace()
	}
	return tx
}

// BeginKey is Begin for a command with one key.
func (e *Engine) BeginKey(db int, now int64, mode Mode, key []byte) *Tx {
	tx := e.newTx(db, now, mode)
	hash := e.hash(key)
	tx.last = lookup{key, hash}
	tx.single = e.shardOf(hash)
	s := &e.shards[tx.single]
	s.mu.Lock()
	if len(s.waiters.queues) > 0 && mode&Reads == 0 {
		tx.embrace()
	}
	return tx
}

func (e *Engine) newTx(db int, now int64, mode Mode) *Tx {
	tx := e.txs.Get().(*Tx)
	tx.engine, tx.db, tx.now, tx.mode = e, db, now, mode
	tx.events = change.EventClass(e.eventMask.Load())
	tx.epoch = e.opt.Store.Epoch()
	tx.policies = e.history.auto.Load()
	return tx
}

// Select changes the database of what follows in the Tx.
func (tx *Tx) Select(db int) { tx.db = db }

// SetMode changes how the keys of what follows are treated.
func (tx *Tx) SetMode(mode Mode) { tx.mode = mode }

// DB is the database in use.
func (tx *Tx) DB() int { return tx.db }

// Now is the time of the command in unix milliseconds.
func (tx *Tx) Now() int64 { return tx.now }

// shard returns the shard of a key, which must be locked, and its hash.
func (tx *Tx) shard(key []byte) (*shard, uint64) {
	hash := tx.last.hash
	if len(key) != len(tx.last.key) || len(key) == 0 || &key[0] != &tx.last.key[0] {
		hash = tx.engine.hash(key)
		tx.last = lookup{key, hash}
	}
	i := tx.engine.shardOf(hash)
	if !tx.holds(i) {
		panic("engine: a command reached for a key that it had not declared")
	}
	return &tx.engine.shards[i], hash
}

func (tx *Tx) holds(shard int) bool {
	return shard == tx.single || tx.single < 0 && tx.held.has(shard)
}

// visit calls fn with shard i locked, for commands about whole databases.
func (tx *Tx) visit(i int, fn func(*shard)) {
	s := &tx.engine.shards[i]
	if !tx.holds(i) {
		s.mu.Lock()
		defer s.mu.Unlock()
		tx.visited = max(tx.visited, s.lastSeq)
	}
	fn(s)
}

// found is a key's entry.
type found struct {
	shard *shard
	hash  uint64
	ref   uint64
	entry
}

// find looks a key up. One that has expired is deleted on the way and is not
// found.
func (tx *Tx) find(key []byte) (found, bool) {
	s, hash := tx.shard(key)
	return tx.findIn(s, hash, tx.db, key)
}

func (tx *Tx) findIn(s *shard, hash uint64, db int, key []byte) (found, bool) {
	f, ok := tx.present(s, hash, db, key)
	if ok && f.kind() == change.Cached && s.concealed(f.entry, db, key, tx.now) {
		tx.conceal(f, db, key)
		return found{shard: s, hash: hash}, false
	}
	return f, ok
}

// glance is find for who only looks in a Tx that writes: a cached value that it does
// not see stays.
func (tx *Tx) glance(key []byte) (found, bool) {
	mode := tx.mode
	tx.mode |= Reads
	f, ok := tx.find(key)
	tx.mode = mode
	return f, ok
}

// present is find for who sees cached values that other commands do not see.
func (tx *Tx) present(s *shard, hash uint64, db int, key []byte) (found, bool) {
	ref, ok := s.find(db, hash, key)
	if !ok {
		return found{shard: s, hash: hash}, false
	}
	f := found{s, hash, ref, s.entry(ref)}
	if f.has(flagExpires) && tx.now > s.deadlineOf(f.entry) && tx.mode&Immortal == 0 {
		if tx.mode&Frozen == 0 {
			tx.expire(f, db, key)
		}
		return found{shard: s, hash: hash}, false
	}
	return f, true
}

// look is find for a key that the command asks about: it counts a hit or a miss.
func (tx *Tx) look(key []byte) (found, bool) {
	f, ok := tx.find(key)
	if tx.mode&Reads != 0 {
		if ok {
			f.shard.stats.hits++
		} else {
			f.shard.stats.misses++
			tx.event(change.EventMissed, "keymiss", key)
		}
	}
	return f, ok
}

// read is look for a key that the command reads or changes: it notes the access.
func (tx *Tx) read(key []byte) (found, bool) {
	f, ok := tx.look(key)
	if ok && tx.mode&NoTouch == 0 {
		tx.engine.memory.touch(f.entry, tx.now)
	}
	return f, ok
}

// put records a row. Its slices must last until the commit.
func (tx *Tx) put(row change.Row) {
	if tx.quiet {
		return
	}
	tx.set.Rows = append(tx.set.Rows, row)
	if tx.policies != nil && tracks(&row) {
		tx.track(row.Key)
	}
}

// event records a keyspace event if anybody wants its class.
func (tx *Tx) event(class change.EventClass, name string, key []byte) {
	if tx.events&class != 0 {
		tx.set.Events = append(tx.set.Events, change.Event{Class: class, DB: tx.db, Name: name, Key: key})
	}
}

// lasting copies b to where it stays until the commit.
func (tx *Tx) lasting(b []byte) []byte {
	from := len(tx.scratch)
	tx.scratch = append(tx.scratch, b...)
	return tx.scratch[from:len(tx.scratch):len(tx.scratch)]
}
