package engine

import (
	"testing"

	"kvd/internal/change"
)

func contents(e *Engine, db int) map[string]string {
	all := map[string]string{}
	do(e, func(tx *Tx) {
		tx.Select(db)
		tx.Each(func(it Item) { all[string(it.Key)] = "" })
		for k := range all {
			s, _ := tx.String([]byte(k))
			all[k] = string(s.Bytes())
		}
	})
	return all
}

// TestSpacesReplay: the rows of SWAPDB and FLUSHDB give the same databases at
// any later start.
func TestSpacesReplay(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	put := func(db, i int) {
		tx := e.BeginKey(db, 0, 0, key(i))
		tx.SetString(key(i), []byte("v"), NoExpiry)
		tx.Commit()
	}
	put(0, 0)
	put(1, 1)
	put(2, 2)
	do(e, func(tx *Tx) { tx.Swap(0, 1) })
	put(0, 3)
	do(e, func(tx *Tx) { tx.Swap(1, 2) })
	do(e, func(tx *Tx) { tx.Flush(1) })
	put(1, 4)
	do(e, func(tx *Tx) { tx.Swap(1, 1) })
	do(e, func(tx *Tx) { tx.Swap(0, 1) })
	do(e, func(tx *Tx) { tx.Flush(7) })
	if set := do(e, func(tx *Tx) { tx.Flush(7) }); set.Changed {
		t.Error("flushing an empty database has written rows")
	}

	again, _ := newEngine(t)
	must(t, replay(again, j.rows))
	for db := range 16 {
		want, got := contents(e, db), contents(again, db)
		if len(want) != len(got) {
			t.Errorf("database %d has %v, want %v", db, got, want)
		}
		for k := range want {
			if got[k] != want[k] {
				t.Errorf("database %d has %v, want %v", db, got, want)
			}
		}
	}
	if n := len(contents(e, 0)); n != 1 {
		t.Errorf("database 0 has %d keys", n)
	}
	// Replaying twice gives what replaying once gives, and new spaces are new.
	do(again, func(tx *Tx) { tx.Flush(0) })
	if again.spaces.next != e.spaces.next+1 {
		t.Errorf("the next space is %d, want %d", again.spaces.next, e.spaces.next+1)
	}
}

// TestDamagedSpaceRow: a setting that cannot be right is an error.
func TestDamagedSpaceRow(t *testing.T) {
	e, _ := newEngine(t)
	for _, row := range []change.Row{
		{Key: []byte("space/x"), Value: make([]byte, 4)},
		{Key: []byte("space/-1"), Value: make([]byte, 4)},
		{Key: []byte("space/1"), Value: make([]byte, 3)},
	} {
		row.Op, row.Kind = change.Put, change.Meta
		if err := e.Load(&row, true); err == nil {
			t.Errorf("%q was taken", row.Key)
		}
	}
	for _, row := range []change.Row{
		{Op: change.Put, Kind: change.Meta, Key: []byte("other"), Value: []byte("x")},
		{Op: change.Put, Kind: change.Meta, Key: []byte("space/99"), Value: []byte{1, 0, 0, 0}},
		{Op: change.Delete, Kind: change.Meta, Key: []byte("space/1")},
		{Op: change.Put, Kind: change.Key, Type: change.String, Space: 77, Key: key(1)},
	} {
		if err := e.Load(&row, true); err != nil {
			t.Errorf("%q: %v", row.Key, err)
		}
	}
	if err := e.Load(&change.Row{Op: 77, Kind: change.Key, Key: key(1)}, true); err == nil {
		t.Error("an unknown operation was taken")
	}
	if err := e.Load(&change.Row{Op: change.Put, Kind: 77, Key: key(1)}, true); err == nil {
		t.Error("an unknown kind was taken")
	}
}

// TestFlushGivesMemoryBack: what was flushed is freed by and by, and is not
// counted as used meanwhile if the shard is empty.
func TestFlushGivesMemoryBack(t *testing.T) {
	e, c := newEngine(t)
	do(e, func(tx *Tx) {
		for i := range 20_000 {
			tx.Select(i % 2)
			tx.SetString(key(i), make([]byte, 100+i%3*Large/2), Expiry(tx.Now()+int64(1+i%7)*1000))
		}
	})
	before := e.Used()
	do(e, func(tx *Tx) {
		if n := tx.Flush(0); n != 10_000 {
			t.Errorf("Flush = %d", n)
		}
	})
	checkDeadlines(t, e)
	e.StartBackground(nil)
	defer e.StopBackground()
	for range 50 {
		c.Advance(busyTick)
	}
	if used := e.Used(); used > before*6/10 || used < before*4/10 {
		t.Errorf("%d of %d bytes in use after half is gone", used, before)
	}
	do(e, func(tx *Tx) { tx.Flush(1) })
	if used := e.Used(); used != 0 {
		t.Errorf("%d bytes in use after all is gone", used)
	}
	for range 20 {
		c.Advance(busyTick)
	}
	if held := e.pool.Stats().Runs; held != 0 {
		t.Errorf("%d bytes held after all is gone", held)
	}
}

// TestReload: keys come anew from what the caller loads.
func TestReload(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	put(e, 0, 1000, 50, NoExpiry)
	do(e, func(tx *Tx) { tx.Swap(0, 3) })
	kept := len(j.rows)
	put(e, 5000, 5001, 50, NoExpiry) // the disk has refused this one
	used := e.Used()
	must(t, e.Reload(func(load func(*change.Row, bool) error) error {
		for i := range j.rows[:kept] {
			if err := load(&j.rows[i], false); err != nil {
				return err
			}
		}
		return nil
	}))
	if n := len(contents(e, 3)); n != 1000 || len(contents(e, 0)) != 0 {
		t.Errorf("%d keys after Reload", n)
	}
	if e.Used() >= used || e.Used() == 0 {
		t.Errorf("%d bytes in use, %d before", e.Used(), used)
	}
}
