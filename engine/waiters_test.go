package engine

import (
	"slices"
	"testing"
)

// write sets a key and returns the waiters that its commit has made ready.
func write(e *Engine, db, i int) []*Waiter {
	tx := e.BeginKey(db, 0, 0, key(i))
	tx.SetString(key(i), []byte("x"), NoExpiry)
	return tx.Commit().Ready
}

func park(e *Engine, db int, keys ...int) *Waiter {
	w := &Waiter{Wake: func() {}}
	do(e, func(tx *Tx) {
		tx.Select(db)
		var list [][]byte
		for _, i := range keys {
			list = append(list, key(i))
		}
		tx.Park(w, list)
	})
	return w
}

func TestWaitersAreServedInOrder(t *testing.T) {
	e, _ := newEngine(t)
	a, b, c := park(e, 0, 1), park(e, 0, 2, 1), park(e, 0, 1, 1, 3)
	other := park(e, 5, 1)
	if got := write(e, 0, 1); !slices.Equal(got, []*Waiter{a, b, c}) {
		t.Errorf("%d waiters are ready, not three in order", len(got))
	}
	if got := write(e, 0, 2); !slices.Equal(got, []*Waiter{b}) {
		t.Errorf("%d waiters are ready for the second key", len(got))
	}
	if got := write(e, 0, 4); got != nil {
		t.Errorf("%d waiters are ready for a key of nobody", len(got))
	}
	if got := write(e, 5, 1); !slices.Equal(got, []*Waiter{other}) {
		t.Errorf("%d waiters are ready in the other database", len(got))
	}
	for _, w := range []*Waiter{b, a, c, other, other} {
		e.Unpark(w)
	}
	for i := range e.shards {
		if n := len(e.shards[i].waiters.queues); n != 0 {
			t.Errorf("shard %d has %d queues after the last waiter has gone", i, n)
		}
	}
}

func TestUnparkLeavesOthers(t *testing.T) {
	e, _ := newEngine(t)
	a, b, c := park(e, 0, 1), park(e, 0, 1), park(e, 0, 1)
	e.Unpark(b)
	if got := write(e, 0, 1); !slices.Equal(got, []*Waiter{a, c}) {
		t.Errorf("%d waiters are ready", len(got))
	}
}

// TestRenameWakes: a key can also come into being by moving there.
func TestRenameWakes(t *testing.T) {
	e, _ := newEngine(t)
	write(e, 0, 0)
	w, inOther := park(e, 0, 1), park(e, 2, 1)
	rename := do(e, func(tx *Tx) { must(t, tx.Rename(key(0), key(1))) })
	if !slices.Equal(rename.Ready, []*Waiter{w}) {
		t.Error("Rename has not woken the waiter")
	}
	move := do(e, func(tx *Tx) {
		if ok, err := tx.Move(key(1), 2); !ok || err != nil {
			t.Errorf("Move = %v, %v", ok, err)
		}
	})
	if !slices.Equal(move.Ready, []*Waiter{inOther}) {
		t.Error("Move has not woken the waiter")
	}
}
