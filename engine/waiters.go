package engine

import (
	"slices"
	"sync/atomic"

	"kvd/internal/change"
)

// Waiter is a client that waits for one of its keys to hold something for it. It
// stands in the queue of each of its keys from Park to Unpark, or until it is
// served.
//
// Who writes a key serves its waiters, oldest first, before the locks are let
// go, so that nobody comes between: a Tx that may write locks from the start what
// the waiters of its shards need. One that only comes to write, because a key has
// expired, may not get the locks of a waiter's other keys at once. Then the waiter
// is called, to take its turn with Turn, and those behind it wait until it has.
type Waiter struct {
	// Kind is the type of value that it waits for. Keys of other types are not
	// for it, unless Gone is set: then it is tried for them, and for a key that
	// is no more, too.
	Kind change.Type
	Gone bool
	// Try does what the client waits to do, because key is ready, which has a
	// value of type kind now (NoType: there is none). It reports whether the
	// client has waited long enough; if not, it has changed nothing. All keys of
	// the command are locked. It is called by whoever has written the key.
	Try func(tx *Tx, key []byte, kind change.Type) (served bool)
	// Wake is called, without locks, after the waiter was served or called. It
	// only signals.
	Wake func()

	db    int
	lock  Lock
	keys  []string
	state atomic.Uint32
	seq   uint64
}

// The states of a Waiter.
const (
	stateWaits uint32 = iota
	stateCalled
	stateServed
)

// Served reports whether the waiter has what it waited for. It stands in no
// queue then, and its reply may leave when Seq is durable.
func (w *Waiter) Served() bool { return w.state.Load() == stateServed }

// Called reports whether the waiter is to take its turn; see Engine.Turn.
func (w *Waiter) Called() bool { return w.state.Load() == stateCalled }

// Seq is the change set that the reply of a waiter that was served depends on.
func (w *Waiter) Seq() uint64 { return w.seq }

// waiters are the clients that wait for a shard's keys, oldest first.
type waiters struct {
	queues map[waitKey][]*Waiter
	gone   int  // places in the queues of those that have Gone set
	reach  Lock // all shards that any of them needs
}

type waitKey struct {
	db  int
	key string
}

// Park puts w into the queue of each key. reach is the shards of all keys that
// Try reaches, these among them. The Tx must have locked them: nothing can be
// written between the look that found nothing and the place in the queue.
func (tx *Tx) Park(w *Waiter, keys [][]byte, reach *Lock) {
	w.db, w.lock = tx.db, *reach
	w.state.Store(stateWaits)
	for _, k := range keys {
		s, _ := tx.shard(k)
		if s.waiters.queues == nil {
			s.waiters.queues = make(map[waitKey][]*Waiter)
		}
		at := waitKey{tx.db, string(k)}
		if slices.Contains(s.waiters.queues[at], w) {
			continue
		}
		s.waiters.queues[at] = append(s.waiters.queues[at], w)
		w.keys = append(w.keys, at.key)
		s.waiters.reach.addLock(&w.lock)
		if w.Gone {
			s.waiters.gone++
		}
	}
}

// Unpark takes w out of all queues, unless it was served before, which Served
// tells from then on. A turn that it had goes to the next.
func (e *Engine) Unpark(w *Waiter) {
	for _, k := range w.keys {
		s := e.shardFor(k)
		s.mu.Lock()
		s.waiters.remove(waitKey{w.db, k}, w)
		s.mu.Unlock()
	}
	if w.Called() {
		e.Turn(w)
	}
	w.keys = nil
}

// Turn serves the waiters of w's keys, each queue from its head on, w itself
// included. It is for a waiter that was called.
func (e *Engine) Turn(w *Waiter) {
	tx := e.Begin(w.db, e.opt.Clock.Now().UnixMilli(), NoTouch, &w.lock)
	w.state.CompareAndSwap(stateCalled, stateWaits)
	for _, k := range w.keys {
		tx.wake(e.shardFor(k), []byte(k))
	}
	tx.Commit()
}

func (e *Engine) shardFor(key string) *shard { return &e.shards[e.shardOf(e.hash([]byte(key)))] }

func (q *waiters) remove(at waitKey, w *Waiter) {
	list := q.queues[at]
	i := slices.Index(list, w)
	if i < 0 {
		return
	}
	if w.Gone {
		q.gone--
	}
	if len(list) == 1 {
		delete(q.queues, at)
		if len(q.queues) == 0 {
			q.reach = Lock{}
		}
		return
	}
	q.queues[at] = append(list[:i:i], list[i+1:]...)
}
