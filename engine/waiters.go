package engine

import "slices"

// Waiter is a client that waits for one of its keys to be written. It stands in
// the queue of each of its keys from Park to Unpark.
type Waiter struct {
	// Wake is called, without locks, when one of the keys was written. It only
	// signals; the client then tries its command again.
	Wake func()

	db   int
	keys []string
}

// waiters are the clients that wait for a shard's keys, oldest first.
type waiters struct{ queues map[waitKey][]*Waiter }

type waitKey struct {
	db  int
	key string
}

// Park puts w into the queue of each key. The keys must be among those that the
// Tx has locked: nothing can be written between the look that found nothing and
// the place in the queue.
func (tx *Tx) Park(w *Waiter, keys [][]byte) {
	w.db = tx.db
	for _, k := range keys {
		s, _ := tx.shard(k)
		if s.waiters.queues == nil {
			s.waiters.queues = make(map[waitKey][]*Waiter)
		}
		at := waitKey{tx.db, string(k)}
		if !slices.Contains(s.waiters.queues[at], w) {
			s.waiters.queues[at] = append(s.waiters.queues[at], w)
			w.keys = append(w.keys, at.key)
		}
	}
}

// Unpark takes w out of all queues. Once it returns, Wake is not called for
// commits that begin later.
func (e *Engine) Unpark(w *Waiter) {
	for _, k := range w.keys {
		s := &e.shards[e.shardOf(e.hash([]byte(k)))]
		s.mu.Lock()
		s.waiters.remove(waitKey{w.db, k}, w)
		s.mu.Unlock()
	}
	w.keys = nil
}

func (q *waiters) remove(at waitKey, w *Waiter) {
	list := q.queues[at]
	for i, other := range list {
		if other != w {
			continue
		}
		if len(list) == 1 {
			delete(q.queues, at)
			return
		}
		q.queues[at] = append(list[:i:i], list[i+1:]...)
		return
	}
}

// wake puts the waiters of a key that was written into the list of those to be
// called after the commit.
func (tx *Tx) wake(s *shard, key []byte) {
	if len(s.waiters.queues) == 0 {
		return
	}
	for _, w := range s.waiters.queues[waitKey{tx.db, string(key)}] {
		if !slices.Contains(tx.ready, w) {
			tx.ready = append(tx.ready, w)
		}
	}
}
