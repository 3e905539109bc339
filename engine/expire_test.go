package engine

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

// TestDeadlinesModel compares the queue with a plain list.
func TestDeadlinesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q deadlines
		places := map[uint64]uint32{}
		times := map[uint64]int64{}
		q.moved = func(d deadline, place uint32) { places[d.ref()] = place }
		next := uint64(1)
		pick := func() uint64 {
			refs := make([]uint64, 0, len(times))
			for ref := range times {
				refs = append(refs, ref)
			}
			slices.Sort(refs)
			return rapid.SampledFrom(refs).Draw(t, "item")
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				at := rapid.Int64Range(0, 20).Draw(t, "at")
				q.add(newDeadline(at, int(next%4), next))
				times[next] = at
				next++
			},
			"update": func(t *rapid.T) {
				if len(times) == 0 {
					t.Skip()
				}
				ref, at := pick(), rapid.Int64Range(0, 20).Draw(t, "at")
				q.update(places[ref], newDeadline(at, int(ref%4), ref))
				times[ref] = at
			},
			"remove": func(t *rapid.T) {
				if len(times) == 0 {
					t.Skip()
				}
				ref := pick()
				q.remove(places[ref])
				delete(times, ref)
				delete(places, ref)
			},
			"remove database": func(t *rapid.T) {
				db := rapid.IntRange(0, 3).Draw(t, "db")
				q.removeDatabase(db)
				for ref := range times {
					if int(ref%4) == db {
						delete(times, ref)
						delete(places, ref)
					}
				}
			},
			"": func(t *rapid.T) {
				if len(q.items) != len(times) {
					t.Fatalf("%d items, want %d", len(q.items), len(times))
				}
				for i, d := range q.items {
					if times[d.ref()] != d.at || places[d.ref()] != uint32(i) || d.db() != int(d.ref()%4) {
						t.Fatalf("item %d is %+v, should be at %d with time %d", i, d, places[d.ref()], times[d.ref()])
					}
					if i > 0 && q.items[(i-1)/arity].at > d.at {
						t.Fatalf("item %d is before its parent", i)
					}
				}
			},
		})
	})
}

// TestExpiredOnTime: the event and the row of a key come with the tick after
// its time, and not before.
func TestExpiredOnTime(t *testing.T) {
	j, seen := &journal{}, &events{}
	e, c := newEngineWith(t, Options{Store: j, Observer: seen})
	e.SetEvents(change.EventExpired)
	now := c.Now().UnixMilli()
	for i := range 300 {
		put(e, i, i+1, 20, Expiry(now+int64(i+1)*10))
	}
	e.StartBackground(nil)
	defer e.StopBackground()
	for passed := 10; passed <= 3000; passed += 10 {
		c.Advance(10 * time.Millisecond)
		// At its very time a key is still there.
		if want := passed/10 - 1; len(seen.keys) != want {
			t.Fatalf("%d ms: %d keys have expired, want %d", passed, len(seen.keys), want)
		}
	}
	c.Advance(20 * time.Millisecond)
	if len(seen.keys) != 300 || seen.names[0] != "expired" || seen.keys[17] != "0:key:17" {
		t.Errorf("%d events, the first is %q", len(seen.keys), seen.names[0])
	}
	deleted := 0
	for _, row := range j.rows {
		if row.Op == change.Delete {
			deleted++
		}
	}
	if deleted != 300 || e.Used() != 0 {
		t.Errorf("%d rows deleted, %d bytes in use", deleted, e.Used())
	}
}

func TestActiveExpireOff(t *testing.T) {
	e, c := newEngine(t)
	put(e, 0, 10, 20, Expiry(c.Now().UnixMilli()+1))
	e.SetActiveExpire(false)
	e.StartBackground(nil)
	defer e.StopBackground()
	c.Advance(time.Second)
	do(e, func(tx *Tx) {
		if n := tx.Len(); n != 10 {
			t.Errorf("%d keys are left", n)
		}
		if tx.Exists(key(3)) || tx.Len() != 9 {
			t.Error("an expired key was found, or is still there")
		}
	})
	e.SetActiveExpire(true)
	c.Advance(busyTick)
	do(e, func(tx *Tx) {
		if n := tx.Len(); n != 0 {
			t.Errorf("%d keys are left", n)
		}
	})
}

// TestBlocked: nothing is deleted while the disk takes no writes.
func TestBlocked(t *testing.T) {
	e, c := newEngine(t)
	put(e, 0, 10, 20, Expiry(c.Now().UnixMilli()+1))
	blocked := true
	e.StartBackground(func() bool { return blocked })
	defer e.StopBackground()
	c.Advance(time.Second)
	do(e, func(tx *Tx) {
		if n := tx.Len(); n != 10 {
			t.Errorf("%d keys are left", n)
		}
	})
	blocked = false
	c.Advance(busyTick)
	do(e, func(tx *Tx) {
		if n := tx.Len(); n != 0 {
			t.Errorf("%d keys are left", n)
		}
	})
}

func TestStopBackground(t *testing.T) {
	e, c := newEngine(t)
	put(e, 0, 1, 20, Expiry(c.Now().UnixMilli()+1))
	e.StartBackground(nil)
	e.StopBackground()
	e.StartBackground(nil)
	c.Advance(time.Second)
	do(e, func(tx *Tx) {
		if tx.Len() != 1 {
			t.Error("the background goes on after its end")
		}
	})
}

// TestExpireDueIsBounded: a burst is worked off in several rounds.
func TestExpireDueIsBounded(t *testing.T) {
	e, c := newEngine(t)
	const n = expiryMost + 5000
	put(e, 0, n, 8, Expiry(c.Now().UnixMilli()+1))
	c.Advance(time.Second)
	first := e.ExpireDue()
	if first < expiryMost || first >= n {
		t.Errorf("the first round has deleted %d of %d keys", first, n)
	}
	if rest := e.ExpireDue(); first+rest != n {
		t.Errorf("two rounds have deleted %d of %d keys", first+rest, n)
	}
}
