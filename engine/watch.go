package engine

import (
	"slices"
	"sync/atomic"

	"kvd/internal/change"
)

// Watch is the set of keys that a client watches (WATCH): it becomes dirty when
// one of them is written, and stays so. It is used by one goroutine; others mark
// it under the locks of its keys.
type Watch struct {
	dirty atomic.Bool
	keys  []watchedKey
}

// watchedKey is a key as it was when the client began to watch it.
type watchedKey struct {
	at      waitKey
	existed bool
}

// watchers are the watches of a shard's keys.
type watchers map[waitKey][]*Watch

// Watch adds a key, which the Tx must have locked.
func (tx *Tx) Watch(w *Watch, key []byte) {
	s, _ := tx.shard(key)
	at := waitKey{tx.db, string(key)}
	for _, other := range s.watchers[at] {
		if other == w {
			return
		}
	}
	if s.watchers == nil {
		s.watchers = make(watchers)
	}
	s.watchers[at] = append(s.watchers[at], w)
	w.keys = append(w.keys, watchedKey{at, tx.sees(key)})
	tx.engine.watched.Add(1)
}

// Unwatch forgets all keys of w, which is clean then.
func (e *Engine) Unwatch(w *Watch) {
	for _, k := range w.keys {
		s := &e.shards[e.shardOf(e.hash([]byte(k.at.key)))]
		s.mu.Lock()
		s.watchers.remove(k.at, w)
		s.mu.Unlock()
		e.watched.Add(-1)
	}
	w.keys = nil
	w.dirty.Store(false)
}

func (ws watchers) remove(at waitKey, w *Watch) {
	list := ws[at]
	for i, other := range list {
		if other == w {
			list = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(list) == 0 {
		delete(ws, at)
		return
	}
	ws[at] = list
}

// AddKeys adds the shards of the watched keys to l.
func (w *Watch) AddKeys(e *Engine, l *Lock) {
	for _, k := range w.keys {
		e.AddKey(l, []byte(k.at.key))
	}
}

// Clean reports whether every key that w watches is as it was. The Tx must have
// locked them. A key whose time has passed has changed, deleted or not.
func (tx *Tx) Clean(w *Watch) bool {
	if w.dirty.Load() {
		return false
	}
	home := tx.db
	defer func() { tx.db = home }()
	for _, k := range w.keys {
		tx.db = k.at.db
		if k.existed && !tx.sees([]byte(k.at.key)) {
			return false
		}
	}
	return true
}

// sees is Peek without removing a cached value that is not seen.
func (tx *Tx) sees(key []byte) bool {
	_, ok := tx.glance(key)
	return ok
}

// markWatched marks the watches of the keys that the Tx has written.
func (tx *Tx) markWatched() {
	for i := range tx.set.Rows {
		row := &tx.set.Rows[i]
		if row.Kind != change.Key || row.Op == change.Drop {
			continue
		}
		if db, ok := tx.engine.spaces.database(row.Space); ok {
			s, _ := tx.shard(row.Key)
			s.watchers.mark(waitKey{db, string(row.Key)})
		}
	}
}

func (ws watchers) mark(at waitKey) {
	for _, w := range ws[at] {
		w.dirty.Store(true)
	}
}

// markEmptied marks the watches of the keys that databases have, before these
// are flushed or exchanged with each other. All shards are locked.
func (e *Engine) markEmptied(dbs ...int) {
	if e.watched.Load() == 0 {
		return
	}
	for i := range e.shards {
		s := &e.shards[i]
		for at := range s.watchers {
			for _, db := range dbs {
				_, exists := s.find(db, e.hash([]byte(at.key)), []byte(at.key))
				if exists && slices.Contains(dbs, at.db) {
					s.watchers.mark(at)
				}
			}
		}
	}
}
