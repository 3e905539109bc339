package engine

import (
	"fmt"
	"testing"
	"time"
)

// scanAll goes through database 0, calls between after each step, and counts how
// often each key came.
func scanAll(t *testing.T, e *Engine, count int, between func()) map[string]int {
	t.Helper()
	seen := map[string]int{}
	cursor := uint64(0)
	for steps := 0; ; steps++ {
		tx := e.Begin(0, e.opt.Clock.Now().UnixMilli(), Reads, &Lock{})
		cursor = tx.Scan(cursor, count, func(it Item) { seen[string(it.Key)]++ })
		tx.Commit()
		if cursor == 0 {
			return seen
		}
		if steps > 1_000_000 {
			t.Fatal("the scan does not end")
		}
		between()
	}
}

// TestScanWhileKeysChange: what is there all the while is seen, however the
// index grows and shrinks.
func TestScanWhileKeysChange(t *testing.T) {
	for _, test := range []struct {
		name   string
		shards int
		change func(e *Engine, step int)
	}{
		{"nothing", 256, func(*Engine, int) {}},
		{"grow", 4, func(e *Engine, step int) { put(e, 10_000+step*200, 10_000+step*200+200, 8, NoExpiry) }},
		{"shrink", 4, func(e *Engine, step int) {
			do(e, func(tx *Tx) {
				for i := 2000 + step*100; i < 2000+step*100+100; i++ {
					tx.Delete(key(i))
				}
			})
		}},
		{"compact", 256, func(e *Engine, _ int) { e.Compact(1 << 20) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, _ := newEngineWith(t, Options{Store: Discard{}, Shards: test.shards})
			put(e, 0, 10_000, 8, NoExpiry)
			step := 0
			seen := scanAll(t, e, 50, func() {
				if step < 100 {
					test.change(e, step)
				}
				step++
			})
			for i := range 2000 {
				if seen[string(key(i))] == 0 {
					t.Fatalf("key %d was not seen", i)
				}
			}
			if test.name == "nothing" && len(seen) != 10_000 {
				t.Errorf("%d keys", len(seen))
			}
		})
	}
}

func TestScanIsBounded(t *testing.T) {
	e, c := newEngine(t)
	put(e, 0, 20_000, 8, NoExpiry)
	tx := e.Begin(0, 0, Reads, &Lock{})
	n := 0
	if tx.Scan(0, 10, func(Item) { n++ }) == 0 || n < 10 || n > 100 {
		t.Errorf("COUNT 10 gave %d keys", n)
	}
	for _, cursor := range []uint64{1, 255, 1 << 40, 1<<64 - 1} {
		tx.Scan(cursor, 10, func(Item) {})
	}
	tx.Commit()

	put(e, 20_000, 20_010, 8, Expiry(c.Now().UnixMilli()+1))
	c.Advance(time.Second)
	if seen := scanAll(t, e, 1000, func() {}); len(seen) != 20_000 {
		t.Errorf("%d keys, those that have expired included", len(seen))
	}
}

// TestRandomKeyIsFair draws from keys in few shards and in many.
func TestRandomKeyIsFair(t *testing.T) {
	e, _ := newEngine(t)
	const keys, draws = 20, 3000
	put(e, 0, keys, 8, NoExpiry)
	counts := map[string]int{}
	tx := e.Begin(0, 0, Reads, &Lock{})
	defer tx.Commit()
	for range draws {
		k, ok := tx.RandomKey()
		if !ok {
			t.Fatal("no key")
		}
		counts[string(k)]++
	}
	for i := range keys {
		if n := counts[string(key(i))]; n < draws/keys/2 || n > draws/keys*2 {
			t.Errorf("key %d came %d times, about %d are fair", i, n, draws/keys)
		}
	}
}

// TestVisitSeesSeq: a reply about keys of a shard that was only visited depends
// on what was written there.
func TestVisitSeesSeq(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	put(e, 0, 7, 8, NoExpiry)
	tx := e.Begin(0, 0, Reads, &Lock{})
	n := tx.Len()
	if c := tx.Commit(); n != 7 || c.Seq != 7 || c.Changed {
		t.Errorf("%d keys, %+v", n, c)
	}
	tx = e.BeginKey(0, 0, Reads, key(3))
	tx.Peek(key(3))
	if c := tx.Commit(); c.Seq == 0 || c.Seq > 7 {
		t.Errorf("%+v", c)
	}
}

// TestUndeclaredKey: a command that reaches for a key of another shard is wrong.
func TestUndeclaredKey(t *testing.T) {
	e, _ := newEngine(t)
	tx := e.BeginKey(0, 0, Reads, key(0))
	defer tx.Commit()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	for i := range 1000 {
		tx.Peek(key(i))
	}
}

func TestKeyspaceEvents(t *testing.T) {
	var seen events
	e, c := newEngineWith(t, Options{Store: Discard{}, Observer: &seen})
	e.SetEvents(0xffff)
	do(e, func(tx *Tx) {
		a, b := []byte("a"), []byte("b")
		tx.SetString(a, []byte("1"), NoExpiry)
		tx.SetString(a, []byte("1"), Expiry(tx.Now()+50))
		tx.EditString(a, []byte("2"), "incrby")
		_, _ = tx.Append(b, []byte("x"))
		_, _ = tx.SetRange(b, 3, []byte("x"))
		tx.Expire(b, Expiry(tx.Now()+50))
		tx.Expire(b, NoExpiry)
		_ = tx.Rename(a, b)
		_, _ = tx.Copy(b, a, 1)
		_, _ = tx.Move(b, 2)
		tx.Exists(b)
		tx.Delete(b)
		tx.Select(1)
		tx.Expire(a, Expiry(tx.Now()))
	})
	want := "new 0:a,set 0:a,set 0:a,expire 0:a,incrby 0:a,keymiss 0:b,new 0:b,append 0:b,setrange 0:b,expire 0:b,persist 0:b," +
		"new 0:b,rename_from 0:a,rename_to 0:b,new 1:a,copy_to 1:a,new 2:b,move_from 0:b,move_to 2:b,keymiss 0:b,del 1:a,"
	got := ""
	for i := range seen.names {
		got += fmt.Sprintf("%s %s,", seen.names[i], seen.keys[i])
	}
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c.Advance(time.Second)
	do(e, func(tx *Tx) {
		tx.Select(2)
		tx.Peek([]byte("b"))
	})
	if last := len(seen.names) - 1; seen.names[last] != "expired" || seen.keys[last] != "2:b" {
		t.Errorf("the last event is %s %s", seen.names[last], seen.keys[last])
	}
}
