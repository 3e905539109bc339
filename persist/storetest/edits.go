package storetest

import (
	"fmt"
	"strings"
	"testing"

	"kvd/internal/change"
)

// Edit returns the row that writes part over the value of a key from offset on.
func Edit(space uint32, key string, offset uint64, part string) change.Row {
	return change.Row{Op: change.Edit, Kind: change.Key, Space: space, Key: []byte(key), Offset: offset, Value: []byte(part)}
}

// edits: they change what the data file or the journal has of a string, in their
// order, and nothing else.
func edits(t *testing.T, r *restarts) {
	hash := Put(0, "hash", "its elements' number")
	hash.Type = change.Hash
	long := strings.Repeat("long", 1000)
	r.submit(Put(0, "stored", "0123456789"), Put(0, "gone", "0123456789"), Put(0, "replaced", "0123456789"), hash)
	r.submit(Put(0, long, "0123456789"), Put(0, "large", strings.Repeat("x", 300_000)), Put(3, "dropped", "0123456789"))
	must(t, r.Checkpoint(t.Context()))
	r.submit(Edit(0, "stored", 2, "ab"), Edit(0, "stored", 3, "cd"), Edit(0, "none", 0, "x"), Edit(1, "stored", 0, "x"))
	r.submit(Edit(0, "stored", 10, "!"), Edit(0, "stored", 20, "far"), Edit(0, "stored", 0, ""), Edit(0, "hash", 0, "x"))
	r.submit(Edit(0, long, 1, "x"), Edit(0, "large", 150_000, "y"), Edit(0, "large", 400_000, ""))
	r.submit(Edit(0, "gone", 1, "x"), Delete(0, "gone"), Edit(0, "gone", 2, "y"))
	r.submit(Edit(0, "replaced", 50, "x"), Put(0, "replaced", "short"), Edit(0, "replaced", 1, "y"), Edit(0, "replaced", 4, "zz"))
	r.submit(Edit(3, "dropped", 0, "x"), Drop(3), Edit(3, "dropped", 1, "y"))
	r.submit(Put(0, "fresh", "0123456789"), Edit(0, "fresh", 9, "ab"), Put(0, "again", "x"), Edit(0, "again", 2, "y"), Delete(0, "again"))
	r.submit(Put(0, "again", "12"), Edit(0, "again", 0, "3"), hash, Edit(0, "hash", 5, "x"))
	r.verify(t)
	r.submit(Edit(0, "fresh", 0, "zz"), Put(3, "dropped", "new"), Edit(3, "dropped", 3, "!"))
	r.verify(t)
}

// editsAndExpiry: neither takes from the other what it has changed, in whatever
// order they come.
func editsAndExpiry(t *testing.T, r *restarts) {
	orders := map[string][]change.Row{
		"edit, expire":         {Edit(0, "", 1, "a"), Expire(0, "", 7)},
		"expire, edit":         {Expire(0, "", 7), Edit(0, "", 1, "a")},
		"expire, edit, expire": {Expire(0, "", 7), Edit(0, "", 1, "a"), Expire(0, "", 8)},
		"edit between expires": {Expire(0, "", 6), Expire(0, "", 7), Edit(0, "", 1, "a"), Expire(0, "", 0), Edit(0, "", 2, "b")},
		"edit, expire, edit":   {Edit(0, "", 1, "a"), Expire(0, "", 7), Edit(0, "", 3, "bc")},
	}
	for name := range orders {
		stored := Put(0, name, "123")
		stored.Expire = 5
		r.submit(stored)
	}
	must(t, r.Checkpoint(t.Context()))
	for name, rows := range orders {
		r.submit(Put(0, "new "+name, "123"))
		for _, key := range []string{name, "new " + name} {
			for _, row := range rows {
				row.Key = []byte(key)
				r.submit(row)
			}
		}
	}
	r.verify(t)
}

// manyEdits: more than a checkpoint keeps in mind at once, of one key and of many.
func manyEdits(t *testing.T, r *restarts) {
	r.submit(Put(0, "one", strings.Repeat("x", 5_000)))
	must(t, r.Checkpoint(t.Context()))
	for i := range 6_000 {
		r.submit(Edit(0, "one", uint64(i*7919%6_000), fmt.Sprint(i)))
		if i%5 == 0 {
			key := fmt.Sprint("key", i*31%800)
			r.submit(Put(0, key, fmt.Sprint("value", i)), Edit(0, key, 2, fmt.Sprint(i)), Edit(0, key, uint64(i%40), "!"))
		}
	}
	r.verify(t)
}
