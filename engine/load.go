package engine

import (
	"fmt"
	"sync"

	"kvd/internal/change"
)

// Load takes one row of stored state. Rows of keys may come from several
// goroutines at once if no two are of the same key. A row of Op Put with a
// value of Large bytes or more stays on disk until it is first used if it is
// known to be there (folded).
//
// Rows whose time has passed are loaded like others: they count as expired when
// they are looked at, with event and row.
func (e *Engine) Load(row *change.Row, folded bool) error {
	if row.Kind == change.Meta || row.Op == change.Drop {
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
		if row.Op != change.Put {
			return nil
		}
		return e.loadSpace(row)
	case row.Kind != change.Key:
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
		return nil
	}
	hash := e.hash(row.Key)
	s := &e.shards[e.shardOf(hash)]
	err := s.load(db, hash, row, folded)
	s.count()
	return err
}

// load applies a row of one key.
func (s *shard) load(db int, hash uint64, row *change.Row, folded bool) error {
	ref, ok := s.find(db, hash, row.Key)
	switch row.Op {
	case change.Delete:
		if ok {
			s.drop(db, hash, ref)
		}
	case change.Expire:
		if ok {
			c := s.contentOf(s.entry(ref))
			if c.blob == nil {
				c.value = append([]byte(nil), c.value...)
			}
			c.at, c.epoch = row.Expire, s.engine.opt.Store.Epoch()
			s.write(db, hash, ref, row.Key, c)
		}
	case change.Put:
		s.write(db, hash, ref, row.Key, s.engine.loaded(row, folded))
	default:
		return fmt.Errorf("stored row with unknown operation %d", row.Op)
	}
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
	if folded {
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
	var mu sync.Mutex
	return load(func(row *change.Row, folded bool) error {
		mu.Lock()
		defer mu.Unlock()
		return e.apply(row, folded)
	})
}
