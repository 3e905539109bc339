package engine

import (
	"errors"
	"fmt"
	"runtime"

	"kvd/internal/change"
)

// ErrOutside says that a Tx that holds some locks would need others, which it can't
// take any more.
var ErrOutside = errors.New("engine: the keys were not declared")

// Visited is a document that EachDocument has come to.
type Visited struct {
	Document
	// Expire is when it expires; NoExpiry is never.
	Expire Expiry
}

// EachDocument calls fn for each of the keys that holds a document, in turn, until
// it fails. The document's shard is locked meanwhile, and no other unless the Tx
// holds it: so each document is whole, and between two of them others may write.
// Documents whose time has passed are left out. A value that is on disk only is
// read with no lock held and stays out of memory. A walk without locks lets others
// have the processor from time to time. It notes no access, and fails as fn does,
// with ErrOutside, and when the disk cannot be read.
func (tx *Tx) EachDocument(keys [][]byte, fn func(i int, d Visited) error) error {
	yields := !tx.Locked()
	work := 0
	for i, key := range keys {
		size, err := tx.visitKey(i, key, fn)
		if err != nil {
			return err
		}
		if work += perVisit + size; work >= turn && yields {
			runtime.Gosched() // else event loops wait until the runtime preempts, ten milliseconds
			work = 0
		}
	}
	return nil
}

// A walk has the processor for a turn of about so many bytes of documents, of which
// each counts perVisit more: some ten microseconds.
const (
	turn     = 64 << 10
	perVisit = 4 << 10
)

// visitKey calls fn for the document at a key, and returns its size in bytes.
func (tx *Tx) visitKey(i int, key []byte, fn func(i int, d Visited) error) (size int, err error) {
	hash := tx.engine.hash(key)
	at := tx.engine.shardOf(hash)
	s := &tx.engine.shards[at]
	if tx.holds(at) {
		d, there, err := tx.documentIn(s, hash, key, nil)
		if !there || err != nil {
			return 0, err
		}
		return len(d.value), fn(i, d)
	}
	if tx.Locked() {
		return 0, ErrOutside
	}
	var read coldValue
	for {
		size, err := tx.visitFree(s, hash, i, key, &read, fn)
		if err == nil || !errors.Is(err, ErrCold) {
			return size, err
		}
		if err := tx.readCold(s, hash, key, &read); err != nil {
			return 0, err
		}
	}
}

// visitFree is visitKey for a shard that nobody here has locked.
func (tx *Tx) visitFree(
	s *shard, hash uint64, i int, key []byte, read *coldValue, fn func(i int, d Visited) error,
) (size int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx.visited = max(tx.visited, s.lastSeq)
	d, there, err := tx.documentIn(s, hash, key, read)
	if !there || err != nil {
		return 0, err
	}
	return len(d.value), fn(i, d)
}

// coldValue is a value that was read from disk, and what the disk knew then.
type coldValue struct {
	value  []byte
	folded uint32
	done   bool
}

// readCold reads a value that is on disk only. One that is there no more, or in
// memory again, is none.
func (tx *Tx) readCold(s *shard, hash uint64, key []byte, read *coldValue) error {
	space, folded, cold := s.coldState(tx.db, hash, key)
	if !cold {
		return nil
	}
	value, err := tx.engine.stored(space, key)
	if err != nil {
		return err
	}
	*read = coldValue{value, folded, true}
	return nil
}

// stored reads the value of a key from disk.
func (e *Engine) stored(space uint32, key []byte) (value []byte, err error) {
	_, err = e.opt.Store.Get(space, key, func(row *change.Row) error {
		value = append([]byte(nil), row.Value...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the document at a key: %w", err)
	}
	return value, nil
}

// documentIn returns the document at a key of a locked shard, and whether there is
// one. A value that is on disk only is the one that was read, if that is still what
// the disk has; without one to take, it is read with the lock held.
func (tx *Tx) documentIn(s *shard, hash uint64, key []byte, read *coldValue) (d Visited, there bool, err error) {
	ref, ok := s.find(tx.db, hash, key)
	if !ok {
		return d, false, nil
	}
	ent := s.entry(ref)
	if ent.kind() != change.JSON || s.expired(ent, tx.now) {
		return d, false, nil
	}
	value, err := tx.valueIn(s, ent, key, read)
	if err != nil {
		return d, false, err
	}
	v, trailer, ok := splitDocument(value)
	if !ok {
		return d, false, fmt.Errorf("the document at a key of %d bytes is damaged", len(key))
	}
	d.Document = Document{v, trailer}
	if ent.has(flagExpires) {
		d.Expire = Expiry(s.deadlineOf(ent))
	}
	return d, true, nil
}

func (tx *Tx) valueIn(s *shard, ent entry, key []byte, read *coldValue) ([]byte, error) {
	switch {
	case !ent.has(flagCold):
		return s.value(ent).bytes, nil
	case read == nil:
		return tx.engine.stored(tx.engine.spaces.of(tx.db), key)
	case !read.done || read.folded != tx.engine.opt.Store.Folded() || len(read.value) != ent.valueLen():
		return nil, ErrCold
	}
	return read.value, nil
}

// AnyOnDisk reports whether one of the keys, whose shards are locked, has its value
// on disk only.
func (tx *Tx) AnyOnDisk(keys [][]byte) bool {
	for _, key := range keys {
		if db, cold := tx.OnDisk(key); cold && db == tx.db {
			return true
		}
	}
	return false
}
