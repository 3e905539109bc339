package engine

import (
	"errors"
	"fmt"

	"kvd/internal/change"
)

// ErrCold is what a Tx answers when it needs a value that is on disk only. The
// command has changed nothing; Fetch brings the value in, and then the command
// can be run again.
var ErrCold = errors.New("engine: the value is not in memory")

// coldKey names the value that a Tx found missing.
type coldKey struct {
	db  int
	key []byte
}

// needs notes that a value must be fetched and returns ErrCold.
func (tx *Tx) needs(key []byte) error {
	tx.cold = coldKey{tx.db, append([]byte(nil), key...)}
	return ErrCold
}

// Cold returns the key whose value ErrCold was about. It stays valid after the
// Tx has ended.
func (tx *Tx) Cold() (db int, key []byte) { return tx.cold.db, tx.cold.key }

// OnDisk reports whether a key of this name has its value on disk only, in any
// database, and in which.
func (tx *Tx) OnDisk(key []byte) (db int, cold bool) {
	s, hash := tx.shard(key)
	for db := range s.dbs {
		if s.dbs[db].cold == 0 {
			continue
		}
		if ref, ok := s.find(db, hash, key); ok && s.entry(ref).has(flagCold) {
			return db, true
		}
	}
	return 0, false
}

// minUnload is the length of the smallest value that is worth unloading, in
// bytes.
const minUnload = 16

// unloadable reports whether an entry's value can leave memory: it is on disk
// as it is in memory.
func (s *shard) unloadable(e entry) bool {
	if e.has(flagCold) || e.valueLen() < minUnload || isCollection(e.kind()) || e.kind() == change.Cached {
		return false
	}
	store := s.engine.opt.Store
	now := store.Epoch()
	written := now - (now-e.epoch())&(1<<(8-epochShift)-1)
	return written <= store.Folded()
}

// unload drops an entry's value from memory.
func (tx *Tx) unload(f found, key []byte) {
	c := f.shard.contentOf(f.entry)
	c.flags |= flagCold
	c.coldLen, c.value = len(c.value), nil
	f.shard.write(tx.db, f.hash, f.ref, key, c)
	f.shard.stats.unloaded++
	tx.resized = true
}

// Fetch reads a value from disk into memory, with no lock held while it reads.
// It is no error if the key has gone or its value is there already.
func (e *Engine) Fetch(db int, key []byte) error {
	hash := e.hash(key)
	s := &e.shards[e.shardOf(hash)]
	for {
		space, folded, cold := s.coldState(db, hash, key)
		if !cold {
			return nil
		}
		var value []byte
		ok, err := e.opt.Store.Get(space, key, func(row *change.Row) error {
			value = append([]byte(nil), row.Value...)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the value of a key: %w", err)
		}
		if done, err := s.install(db, hash, key, value, ok, folded); done || err != nil {
			return err
		}
	}
}

// coldState reports whether a key's value is on disk only, where, and which
// epoch the disk knows.
func (s *shard) coldState(db int, hash uint64, key []byte) (space, folded uint32, cold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref, ok := s.find(db, hash, key)
	if !ok || !s.entry(ref).has(flagCold) {
		return 0, 0, false
	}
	return s.engine.spaces.of(db), s.engine.opt.Store.Folded(), true
}

// install puts a fetched value into its entry, unless the value may be older
// than what was written and unloaded meanwhile: then it is not done. That takes
// a checkpoint, so Folded would show it.
func (s *shard) install(db int, hash uint64, key, value []byte, stored bool, folded uint32) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref, ok := s.find(db, hash, key)
	if !ok || !s.entry(ref).has(flagCold) {
		return true, nil
	}
	if s.engine.opt.Store.Folded() != folded {
		return false, nil
	}
	return s.refill(db, hash, key, value, stored)
}

// fetch reads a value that is on disk only into its entry, while the lock of the
// shard is held.
func (s *shard) fetch(db int, hash uint64, space uint32, key []byte) error {
	var value []byte
	stored, err := s.engine.opt.Store.Get(space, key, func(row *change.Row) error {
		value = append([]byte(nil), row.Value...)
		return nil
	})
	if err == nil {
		_, err = s.refill(db, hash, key, value, stored)
	}
	return err
}

// refill gives an entry the value that the disk has of it.
func (s *shard) refill(db int, hash uint64, key, value []byte, stored bool) (done bool, err error) {
	ref, _ := s.find(db, hash, key)
	e := s.entry(ref)
	if !stored || len(value) != e.valueLen() {
		return false, fmt.Errorf("the stored row of a key of %d bytes is missing or has another length", len(key))
	}
	c := s.contentOf(e)
	c.flags &^= flagCold
	c.value = value
	s.write(db, hash, ref, key, c)
	s.stats.fetched++
	s.count()
	return true, nil
}
