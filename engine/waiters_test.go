package engine

import (
	"slices"
	"sync"
	"testing"

	"kvd/internal/change"
)

// line is clients that wait for strings, for want of simpler values, and the
// order in which they were tried and served.
type line struct {
	tried, served, woken []string
}

// client adds a waiter for keys of database db. do is what it does when it is
// tried: nil serves it.
func (l *line) client(e *Engine, name string, db int, do func(tx *Tx, key []byte) bool, keys ...int) *Waiter {
	w := &Waiter{Kind: change.String, Wake: func() { l.woken = append(l.woken, name) }}
	w.Try = func(tx *Tx, key []byte, _ change.Type) bool {
		l.tried = append(l.tried, name)
		served := do == nil || do(tx, key)
		if served {
			l.served = append(l.served, name)
		}
		return served
	}
	park(e, w, db, keys...)
	return w
}

func park(e *Engine, w *Waiter, db int, keys ...int) {
	var lock Lock
	var list [][]byte
	for _, i := range keys {
		e.AddKey(&lock, key(i))
		list = append(list, key(i))
	}
	tx := e.Begin(db, 0, 0, &lock)
	tx.Park(w, list, &lock)
	tx.Commit()
}

// write sets a key that is not there.
func write(e *Engine, db, i int) { writeAs(e, 0, db, i) }

func writeAs(e *Engine, mode Mode, db, i int) {
	tx := e.BeginKey(db, 0, mode, key(i))
	tx.Delete(key(i))
	tx.SetString(key(i), []byte("x"), NoExpiry)
	tx.Commit()
}

// takeKey is what a client does that removes what it waits for.
func takeKey(tx *Tx, key []byte) bool { return tx.Delete(key) }

// findNothing leaves the client where it is.
func findNothing(*Tx, []byte) bool { return false }

func (l *line) want(t *testing.T, what string, tried, served, woken []string) {
	t.Helper()
	if !slices.Equal(l.tried, tried) || !slices.Equal(l.served, served) || !slices.Equal(l.woken, woken) {
		t.Errorf("%s: tried %v, served %v, woken %v; want %v, %v, %v", what, l.tried, l.served, l.woken, tried, served, woken)
	}
	*l = line{}
}

func wantNoQueues(t *testing.T, e *Engine) {
	t.Helper()
	for i := range e.shards {
		w := &e.shards[i].waiters
		if len(w.queues) != 0 || w.gone != 0 {
			t.Errorf("shard %d has %d queues and %d places after the last waiter has gone", i, len(w.queues), w.gone)
		}
	}
}

func TestOldestIsServedFirst(t *testing.T) {
	e, _ := newEngine(t)
	var l line
	l.client(e, "a", 0, takeKey, 1)
	l.client(e, "b", 0, takeKey, 2, 1)
	l.client(e, "other", 5, takeKey, 1)
	l.client(e, "c", 0, takeKey, 1, 1, 3)
	for _, want := range []string{"a", "b", "c"} {
		write(e, 0, 1)
		// Once the key is gone there is no use in trying those behind.
		l.want(t, "one element", []string{want}, []string{want}, []string{want})
	}
	write(e, 0, 1)
	write(e, 0, 2)
	l.want(t, "keys that nobody waits for any more", nil, nil, nil)
	write(e, 5, 1)
	l.want(t, "the other database", []string{"other"}, []string{"other"}, []string{"other"})
	wantNoQueues(t, e)
}

func TestOnesThatFindNothingKeepTheirPlaces(t *testing.T) {
	e, _ := newEngine(t)
	var l line
	a := l.client(e, "a", 0, findNothing, 1)
	l.client(e, "b", 0, nil, 1)
	c := l.client(e, "c", 0, findNothing, 1)
	hash := &Waiter{Kind: change.Hash, Try: func(*Tx, []byte, change.Type) bool {
		t.Error("a string is offered to one that waits for a hash")
		return false
	}}
	park(e, hash, 0, 1)
	write(e, 0, 1)
	l.want(t, "first", []string{"a", "b", "c"}, []string{"b"}, []string{"b"})
	write(e, 0, 1)
	l.want(t, "second", []string{"a", "c"}, nil, nil)
	for _, w := range []*Waiter{c, a, a, hash} {
		e.Unpark(w)
		if w.Served() || w.Called() {
			t.Error("one that was not served says that it was")
		}
	}
	wantNoQueues(t, e)
}

// TestKeysAreServedInTheOrderOfWriting, and what serving writes comes after.
func TestKeysAreServedInTheOrderOfWriting(t *testing.T) {
	e, _ := newEngine(t)
	var l line
	l.client(e, "both", 0, takeKey, 1, 2)
	one := &Waiter{Kind: change.String, Wake: func() {}}
	one.Try = func(tx *Tx, k []byte, _ change.Type) bool {
		tx.SetString(key(3), []byte("x"), NoExpiry)
		return tx.Delete(k)
	}
	var lock Lock // it reaches key 3 but waits only for key 1
	e.AddKey(&lock, key(1))
	e.AddKey(&lock, key(3))
	tx := e.Begin(0, 0, 0, &lock)
	tx.Park(one, [][]byte{key(1)}, &lock)
	tx.Commit()
	l.client(e, "chained", 0, takeKey, 3)
	l.client(e, "second", 0, takeKey, 2)
	do(e, func(tx *Tx) {
		tx.SetString(key(2), []byte("x"), NoExpiry)
		tx.SetString(key(1), []byte("x"), NoExpiry)
		if len(l.tried) > 0 {
			t.Error("waiters are tried in the middle of a transaction")
		}
	})
	all := []string{"both", "chained"}
	l.want(t, "two keys", all, all, all)
	if !one.Served() {
		t.Error("the first key's own waiter was not served")
	}
	write(e, 0, 2)
	l.want(t, "the rest", []string{"second"}, []string{"second"}, []string{"second"})
}

func TestMovesWake(t *testing.T) {
	e, _ := newEngine(t)
	var l line
	write(e, 0, 0)
	l.client(e, "renamed", 0, nil, 1)
	do(e, func(tx *Tx) { must(t, tx.Rename(key(0), key(1))) })
	l.want(t, "Rename", []string{"renamed"}, []string{"renamed"}, []string{"renamed"})
	l.client(e, "moved", 2, nil, 1)
	do(e, func(tx *Tx) {
		if ok, err := tx.Move(key(1), 2); !ok || err != nil {
			t.Errorf("Move = %v, %v", ok, err)
		}
	})
	l.want(t, "Move", []string{"moved"}, []string{"moved"}, []string{"moved"})
	l.client(e, "swapped", 3, nil, 1)
	l.client(e, "not there", 3, nil, 2)
	l.client(e, "third", 4, nil, 1)
	do(e, func(tx *Tx) { tx.Swap(3, 2) })
	l.want(t, "Swap", []string{"swapped"}, []string{"swapped"}, []string{"swapped"})
}

// apart returns a key whose shard is not that of key 1.
func apart(e *Engine) int {
	i := 2
	for e.shardOf(e.hash(key(i))) == e.shardOf(e.hash(key(1))) {
		i++
	}
	return i
}

// TestTakingTurns: where a Tx that was not to write comes to do so, a waiter whose
// other key is locked by somebody else is called, and nobody behind it is served
// before it.
func TestTakingTurns(t *testing.T) {
	e, _ := newEngine(t)
	var l line
	second := apart(e)
	called := func() *Waiter {
		first := l.client(e, "first", 0, nil, 1, second)
		l.client(e, "behind", 0, nil, 1)
		other := e.BeginKey(5, 0, Reads, key(second))
		writeAs(e, Reads, 0, 1)
		other.Commit()
		l.want(t, "locked", nil, nil, []string{"first"})
		if !first.Called() || first.Served() {
			t.Fatal("the waiter is not called")
		}
		return first
	}
	first := called()
	e.Turn(first)
	both := []string{"first", "behind"}
	l.want(t, "a turn", both, both, both)
	if !first.Served() {
		t.Error("the waiter was not served")
	}
	e.Unpark(called())
	l.want(t, "a turn is passed on", []string{"behind"}, []string{"behind"}, []string{"behind"})
	first = called()
	write(e, 0, second)
	l.want(t, "another key serves it", both, both, both)
	e.Unpark(first)
	wantNoQueues(t, e)
}

// TestWritersLockWhatWaitersNeed, so that they can serve them at once.
func TestWritersLockWhatWaitersNeed(t *testing.T) {
	e, _ := newEngine(t)
	var l line
	second := apart(e)
	w := l.client(e, "both", 0, nil, 1, second)
	tx := e.BeginKey(0, 0, 0, key(1))
	other := &e.shards[e.shardOf(e.hash(key(second)))].mu
	if other.TryLock() {
		t.Error("the shard of the waiter's other key is not locked")
		other.Unlock()
	}
	tx.Commit()
	tx = e.BeginKey(0, 0, Reads, key(1))
	if !other.TryLock() {
		t.Error("a reader locks what waiters need")
	} else {
		other.Unlock()
	}
	tx.Commit()
	e.Unpark(w)
	tx = e.BeginKey(0, 0, 0, key(1))
	if tx.single < 0 {
		t.Error("the waiter has gone, and its shards are still locked")
	}
	tx.Commit()
}

// TestServedOnceEach: whoever writes, leaves or takes a turn at the same time,
// each element is taken by one client and each client is served at most once.
func TestServedOnceEach(t *testing.T) {
	e, _ := newEngine(t)
	const keys, clients, rounds = 4, 8, 300
	var mu sync.Mutex
	taken, put := 0, 0
	var work sync.WaitGroup
	for g := range clients {
		work.Go(func() {
			for r := range rounds {
				wake := make(chan struct{}, 8)
				times := 0
				w := &Waiter{Kind: change.String, Wake: func() {
					select {
					case wake <- struct{}{}:
					default:
					}
				}}
				w.Try = func(tx *Tx, key []byte, _ change.Type) bool {
					times++
					return takeKey(tx, key)
				}
				park(e, w, 0, r%keys, (r+g)%keys)
				k := key((r * g) % keys)
				tx := e.BeginKey(0, 0, 0, k)
				if !tx.Peek(k) {
					tx.SetString(k, []byte("x"), NoExpiry)
					mu.Lock()
					put++
					mu.Unlock()
				}
				tx.Commit()
				if r%3 > 0 {
					select {
					case <-wake:
						if w.Called() {
							e.Turn(w)
						}
					default:
					}
				}
				e.Unpark(w)
				if times > 1 || w.Served() != (times == 1) {
					t.Errorf("tried %d times, served: %v", times, w.Served())
				}
				mu.Lock()
				taken += times
				mu.Unlock()
			}
		})
	}
	work.Wait()
	left := 0
	do(e, func(tx *Tx) {
		for i := range keys {
			if tx.Peek(key(i)) {
				left++
			}
		}
	})
	if put != taken+left || taken == 0 {
		t.Errorf("%d put, %d taken, %d left", put, taken, left)
	}
	wantNoQueues(t, e)
}
