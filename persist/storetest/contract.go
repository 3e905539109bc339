package storetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"kvd/internal/change"
)

// Store is what the contract is about.
type Store interface {
	Loader
	Submit(set *change.Set) (seq uint64)
	Flush() error
	Written() uint64
	Durable() uint64
	Synced() uint64
	Err() error
	Backlog() bool
	Get(space uint32, key []byte, fn func(*change.Row) error) (found bool, err error)
	Epoch() uint32
	Folded() uint32
	Checkpoint(ctx context.Context) error
	Close() error
}

// Run checks that stores made by open keep the contract. Open is called again
// with the same directory for a restart.
func Run(t *testing.T, open func(t *testing.T, dir string) Store) {
	tests := []struct {
		name string
		run  func(*testing.T, *restarts)
	}{
		{"numbers", numbers},
		{"round trip", roundTrip},
		{"later wins", laterWins},
		{"drop", drop},
		{"expire", expire},
		{"edits", edits},
		{"edits and expiry", editsAndExpiry},
		{"many edits", manyEdits},
		{"elements", elements},
		{"drop of a collection", dropCollection},
		{"large collections", largeCollections},
		{"order of loading", loadingOrder},
		{"sets are copied", copied},
		{"get", get},
		{"epochs", epochs},
		{"writers at once", writersAtOnce},
		{"many rows", manyRows},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			r := &restarts{Store: open(t, dir), model: Model{}}
			r.reopen = func(t *testing.T) {
				t.Helper()
				if err := r.Close(); err != nil {
					t.Fatalf("Close: %v", err)
				}
				r.Store = open(t, dir)
			}
			t.Cleanup(func() {
				if err := r.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			test.run(t, r)
		})
	}
}

// restarts is a store that can be closed and opened again, and what must be in
// it.
type restarts struct {
	Store
	model  Model
	reopen func(*testing.T)
}

func (r *restarts) submit(rows ...change.Row) uint64 {
	set := &change.Set{Rows: rows}
	r.model.ApplySet(set)
	return r.Submit(set)
}

// verify compares contents and model in every stage that rows pass through.
func (r *restarts) verify(t *testing.T) {
	t.Helper()
	must(t, r.Flush())
	RequireContents(t, r, r.model)
	r.reopen(t)
	RequireContents(t, r, r.model)
	must(t, r.Checkpoint(t.Context()))
	RequireContents(t, r, r.model)
	r.reopen(t)
	RequireContents(t, r, r.model)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Put returns the row of a string.
func Put(space uint32, key, value string) change.Row {
	return change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Space: space, Key: []byte(key), Value: []byte(value)}
}

// Delete returns the row that removes a key.
func Delete(space uint32, key string) change.Row {
	return change.Row{Op: change.Delete, Kind: change.Key, Space: space, Key: []byte(key)}
}

// Expire returns the row that changes a key's expiry.
func Expire(space uint32, key string, at int64) change.Row {
	return change.Row{Op: change.Expire, Kind: change.Key, Space: space, Key: []byte(key), Expire: at}
}

// Drop returns the row that empties a space.
func Drop(space uint32) change.Row {
	return change.Row{Op: change.Drop, Kind: change.Key, Space: space}
}

func numbers(t *testing.T, r *restarts) {
	first := r.submit(Put(0, "a", "1"))
	if second := r.submit(); second != first+1 {
		t.Errorf("an empty set got number %d after %d", second, first)
	}
	last := r.submit(Put(0, "b", "2"), Delete(0, "a"))
	must(t, r.Flush())
	if r.Written() != last || last != first+2 {
		t.Errorf("Written() = %d after numbers %d to %d", r.Written(), first, last)
	}
	if r.Durable() > r.Written() || r.Synced() > r.Written() {
		t.Errorf("durable %d and synced %d are above written %d", r.Durable(), r.Synced(), r.Written())
	}
	if r.Err() != nil || r.Backlog() {
		t.Errorf("Err() = %v, Backlog() = %v", r.Err(), r.Backlog())
	}
	r.verify(t)
	if next := r.submit(Put(0, "c", "3")); next <= last {
		t.Errorf("after a restart the number is %d, it was %d before", next, last)
	}
}

func roundTrip(t *testing.T, r *restarts) {
	for _, size := range []int{0, 1, 63, 64, 1023, 1024, 1025, 40_000, 300_000} {
		r.submit(Put(0, strings.Repeat("k", size), "value"))
		r.submit(Put(1, fmt.Sprint("size", size), strings.Repeat("v", size)))
	}
	for _, at := range []int64{-1, 1, 1 << 40, 1<<63 - 1} {
		row := Put(2, fmt.Sprint("expire", at), "x")
		row.Expire, row.Type = at, change.Type(at)
		r.submit(row)
	}
	r.submit(
		change.Row{Op: change.Put, Kind: change.Meta, Key: []byte("setting"), Value: []byte{0, 255}},
		change.Row{Op: change.Put, Kind: change.Meta, Key: []byte("gone")},
		change.Row{Op: change.Delete, Kind: change.Meta, Key: []byte("gone")},
		Put(1<<32-1, "setting", "in the last space"),
	)
	r.verify(t)
}

func laterWins(t *testing.T, r *restarts) {
	for i := range 50 {
		r.submit(Put(0, "k", fmt.Sprint(i)), Put(0, fmt.Sprint("old", i), "x"))
		r.submit(Delete(0, fmt.Sprint("old", i)), Delete(0, "never there"))
		if i%20 == 10 {
			must(t, r.Checkpoint(t.Context()))
		}
	}
	r.verify(t)
}

func drop(t *testing.T, r *restarts) {
	r.submit(Put(1, "a", "1"), Put(2, "b", "2"), Put(3, "c", "3"))
	must(t, r.Checkpoint(t.Context()))
	r.submit(Put(1, "late", "x"), Drop(1), Put(1, "after", "y"), Drop(2), Expire(1, "a", 5))
	r.submit(Delete(2, "b"), Drop(9), change.Row{Op: change.Put, Kind: change.Meta, Key: []byte("a")})
	r.verify(t)
	r.submit(Drop(1))
	r.verify(t)
}

func expire(t *testing.T, r *restarts) {
	r.submit(Put(0, "folded", "1"), Put(0, "twice", "1"), Put(0, "deleted", "1"))
	must(t, r.Checkpoint(t.Context()))
	r.submit(Expire(0, "folded", 100), Expire(0, "none", 100), Expire(0, "twice", 1), Expire(0, "twice", 2))
	r.submit(Put(0, "fresh", "1"), Expire(0, "fresh", 7), Delete(0, "deleted"), Expire(0, "deleted", 9))
	r.submit(Put(0, "again", "1"), Expire(0, "again", 7), Put(0, "again", "2"))
	r.verify(t)
	r.submit(Expire(0, "folded", 0), Expire(0, "fresh", 8), Delete(0, "twice"))
	r.verify(t)
}

func copied(t *testing.T, r *restarts) {
	row := Put(0, "key", "value")
	r.submit(row)
	copy(row.Key, "xxx")
	copy(row.Value, "xxxxx")
	r.verify(t)
}

func get(t *testing.T, r *restarts) {
	long := strings.Repeat("long", 1000)
	row := Put(4, long, "value")
	row.Expire = 12
	r.submit(row, Put(4, "", "empty"), Put(5, "gone", "x"))
	r.submit(Delete(5, "gone"))
	must(t, r.Checkpoint(t.Context()))
	for key, want := range map[string]Value{long: {change.String, 12, "value"}, "": {change.String, 0, "empty"}} {
		found, err := r.Get(4, []byte(key), func(row *change.Row) error {
			if got := (Value{row.Type, row.Expire, string(row.Value)}); got != want || string(row.Key) != key {
				t.Errorf("Get(%.9q) = %v, want %v", key, got, want)
			}
			return nil
		})
		if err != nil || !found {
			t.Errorf("Get(%.9q) = %v, %v", key, found, err)
		}
	}
	for _, space := range []uint32{5, 6} {
		found, err := r.Get(space, []byte("gone"), func(*change.Row) error { return nil })
		if found || err != nil {
			t.Errorf("Get of a row that is not there = %v, %v", found, err)
		}
	}
}

func epochs(t *testing.T, r *restarts) {
	if r.Folded() >= r.Epoch() {
		t.Fatalf("at the start epoch %d is folded and %d is written", r.Folded(), r.Epoch())
	}
	for range 3 {
		r.submit(Put(0, "k", "v"))
		epoch := r.Epoch()
		if r.Folded() >= epoch {
			t.Fatalf("epoch %d is folded before its checkpoint", epoch)
		}
		must(t, r.Checkpoint(t.Context()))
		if r.Folded() < epoch || r.Epoch() <= epoch {
			t.Fatalf("after the checkpoint of epoch %d: folded %d, epoch %d", epoch, r.Folded(), r.Epoch())
		}
	}
}

func writersAtOnce(t *testing.T, r *restarts) {
	var group sync.WaitGroup
	var mu sync.Mutex
	for w := range 4 {
		group.Go(func() {
			for i := range 200 {
				row := Put(uint32(w), fmt.Sprint(i%50), fmt.Sprint(i))
				r.Submit(&change.Set{Rows: []change.Row{row}})
				mu.Lock()
				r.model.Apply(&row)
				mu.Unlock()
				if err := r.Flush(); err != nil {
					t.Error(err)
				}
				if i == 100 && w == 0 {
					if err := r.Checkpoint(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	r.verify(t)
}

func manyRows(t *testing.T, r *restarts) {
	value := bytes.Repeat([]byte("v"), 50)
	for i := range 12_000 {
		r.submit(Put(uint32(i%2), fmt.Sprintf("key:%07d", i*7919%9_001), string(value)))
	}
	must(t, r.Checkpoint(t.Context()))
	seen := map[ID]int{}
	var mu sync.Mutex
	_, err := r.Load(4, func(row *change.Row) error {
		mu.Lock()
		defer mu.Unlock()
		seen[IDOf(row)]++
		return nil
	})
	must(t, err)
	for id, n := range seen {
		if n != 1 {
			t.Fatalf("%v was loaded %d times", id, n)
		}
	}
	r.verify(t)
}
