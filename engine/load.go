package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"kvd/internal/change"
)

// Load takes one row of stored state; after the last one, Loaded is to be called.
// Rows of keys may come from several goroutines at once if no two are of the same
// key; then rows of elements, also of one collection; then, from one goroutine,
// rows of all kinds. A row of Op Put with a value of Large bytes or more stays on
// disk until it is first used if it is known to be there (folded).
//
// Rows whose time has passed are loaded like others: they count as expired when
// they are looked at, with event and row.
func (e *Engine) Load(row *change.Row, folded bool) error {
	switch {
	case row.Kind == change.Element:
		return e.loadElement(row, false)
	case row.Kind == change.Meta, row.Op == change.Drop, row.Op == change.Put && !folded && isCollection(row.Type):
		// The last may take the elements of an entry of another shard.
		e.lockAll()
		defer e.unlockAll()
		return e.apply(row, folded)
	}
	s := &e.shards[e.shardOf(e.hash(row.Key))]
	s.mu.Lock()
	defer s.mu.Unlock()
	return e.apply(row, folded)
}

// apply is Load with the locks held.
func (e *Engine) apply(row *change.Row, folded bool) error {
	switch {
	case row.Kind == change.Meta:
		return e.loadMeta(row)
	case row.Kind == change.Element:
		return e.loadElement(row, true)
	case row.Kind != change.Key && row.Kind != change.Head:
		return fmt.Errorf("stored row of unknown kind %d", row.Kind)
	}
	db, ok := e.spaces.database(row.Space)
	if !ok {
		return nil // dropped, or of a database beyond the configured number
	}
	if row.Op == change.Drop {
		for i := range e.shards {
			e.shards[i].flush(db)
			e.shards[i].count()
		}
		e.documentsGone(db)
		return nil
	}
	if row.Kind == change.Head {
		return e.loadHead(db, row)
	}
	hash := e.hash(row.Key)
	i := e.shardOf(hash)
	s := &e.shards[i]
	err := s.load(i, db, hash, row, folded)
	s.count()
	return err
}

// load applies a row of one key of the shard with this number.
func (s *shard) load(number, db int, hash uint64, row *change.Row, folded bool) error {
	if row.Op == change.Put {
		return s.loadPut(number, db, hash, row, folded)
	}
	ref, ok := s.find(db, hash, row.Key)
	switch row.Op {
	case change.Delete:
		if ok {
			s.setAside(number, db, ref)
			s.drop(db, hash, ref)
			s.engine.documentGone(db, row.Key)
		}
	case change.Expire:
		if ok {
			s.loadExpiry(number, db, hash, ref, row)
		}
	case change.Edit:
		if ok && s.entry(ref).kind() == change.String {
			return s.loadEdit(db, hash, ref, row)
		}
	default:
		return fmt.Errorf("stored row with unknown operation %d", row.Op)
	}
	return nil
}

// loadPut applies the row of a key with its value.
func (s *shard) loadPut(number, db int, hash uint64, row *change.Row, folded bool) error {
	if row.Type == change.Cached {
		if err := s.engine.checkCached(row); err != nil {
			return err
		}
	}
	ref, ok := s.find(db, hash, row.Key)
	c := s.engine.loaded(row, folded)
	if isCollection(row.Type) {
		if ok {
			s.engine.documentGone(db, row.Key)
		}
		return s.loadCollection(number, db, hash, row, c, folded)
	}
	if ok {
		s.setAside(number, db, ref)
	}
	s.write(db, hash, ref, row.Key, c)
	if row.Type == change.JSON {
		return s.engine.loadDocument(db, row)
	}
	if ok {
		s.engine.documentGone(db, row.Key)
	}
	return nil
}

// loadExpiry applies a row that changes only when a key expires.
func (s *shard) loadExpiry(number, db int, hash, ref uint64, row *change.Row) {
	c := s.contentOf(s.entry(ref))
	if c.blob == nil {
		c.value = append([]byte(nil), c.value...)
	}
	c.at, c.epoch = row.Expire, s.engine.opt.Store.Epoch()
	s.write(db, hash, ref, row.Key, c)
	if isCollection(c.kind) {
		ref, _ = s.find(db, hash, row.Key)
		s.engine.loading.set(binary.LittleEndian.Uint64(c.value), placeOf(number, ref))
	}
}

// loadEdit applies a row that changes a part of a string. A value that has stayed
// on disk is read: loading is the one time that this is done under a lock.
func (s *shard) loadEdit(db int, hash, ref uint64, row *change.Row) error {
	if s.entry(ref).has(flagCold) {
		if err := s.fetch(db, hash, row.Space, row.Key); err != nil {
			return fmt.Errorf("read the value of a key: %w", err)
		}
		ref, _ = s.find(db, hash, row.Key)
	}
	f := found{s, hash, ref, s.entry(ref)}
	c := s.contentOf(f.entry)
	n := max(len(c.value), int(row.Offset)+len(row.Value))
	if c.blob != nil {
		c.value = c.blob.resized(n)
	} else {
		c.value = append(make([]byte, 0, n), c.value...)[:n]
	}
	copy(c.value[row.Offset:], row.Value)
	c.blob, c.epoch = f.blobOf(c.value), s.engine.opt.Store.Epoch()
	s.write(db, hash, ref, row.Key, c)
	return nil
}

// loaded returns the content of a stored row.
func (e *Engine) loaded(row *change.Row, folded bool) content {
	store := e.opt.Store
	c := content{
		kind: row.Type, at: row.Expire, value: row.Value,
		stamp: e.memory.fresh(e.opt.Clock.Now().UnixMilli()), epoch: store.Epoch(),
	}
	if folded {
		c.epoch = store.Folded()
	}
	if len(row.Value) < Large {
		return c
	}
	if folded && row.Type != change.Cached {
		c.flags, c.coldLen, c.value = flagCold, len(row.Value), nil
		return c
	}
	c.value = append([]byte(nil), row.Value...)
	return c
}

// Reload drops all keys and calls load, which is to call put for every stored
// row, from any goroutine. Everybody else waits meanwhile: it is for the time
// after a failed write, when memory may show what the disk has refused, and for
// DEBUG RELOAD.
func (e *Engine) Reload(load func(put func(row *change.Row, folded bool) error) error) error {
	defer e.tellEmptied()
	e.lockAll()
	defer e.unlockAll()
	for i := range e.shards {
		s := &e.shards[i]
		s.reset()
		// What is loaded is on disk. A number that the disk has refused would
		// keep every reader of the shard from its reply.
		s.lastSeq = 0
		s.count()
	}
	e.spaces.init(e.opt.Databases)
	e.settings.clear()
	e.cache.rules = cacheRules{}
	e.cache.ruled.Store(false)
	e.forgetCollections()
	var mu sync.Mutex
	err := load(func(row *change.Row, folded bool) error {
		mu.Lock()
		defer mu.Unlock()
		return e.apply(row, folded)
	})
	return errors.Join(err, e.finishLoading())
}
