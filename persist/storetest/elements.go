package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"kvd/internal/change"
)

// Element returns the row of an element of a collection.
func Element(space uint32, id uint64, name, value string) change.Row {
	return change.Row{Op: change.Put, Kind: change.Element, Space: space, ID: id, Key: []byte(name), Value: []byte(value)}
}

// DeleteElement returns the row that removes an element.
func DeleteElement(space uint32, id uint64, name string) change.Row {
	return change.Row{Op: change.Delete, Kind: change.Element, Space: space, ID: id, Key: []byte(name)}
}

// DropElements returns the row that removes all elements of a collection.
func DropElements(space uint32, id uint64) change.Row {
	return change.Row{Op: change.Drop, Kind: change.Element, Space: space, ID: id}
}

// elements: they are rows of their own, found by space, collection and name, and
// have an expiry of their own.
func elements(t *testing.T, r *restarts) {
	for _, id := range []uint64{0, 1, 255, 256, 1<<48 - 2, 1<<48 - 1, 1 << 48, 1<<64 - 1} {
		for _, size := range []int{0, 1, 9, 1023, 1024, 1025, 40_000} {
			row := Element(7, id, strings.Repeat("e", size), fmt.Sprint(id, size))
			row.Expire = int64(size) - 1
			r.submit(row, Put(7, strings.Repeat("e", size), "the key of this name"))
		}
		r.submit(Element(8, id, "", "in another space"))
	}
	r.verify(t)
	r.submit(Element(7, 256, "e", "newer"), DeleteElement(7, 256, ""), DeleteElement(7, 1, "none"), DeleteElement(9, 1, "e"))
	r.submit(Element(7, 3, "twice", "1"), Element(7, 3, "twice", "2"), Delete(7, "e"))
	r.submit(Element(7, 3, "short", ""), DeleteElement(7, 3, "short"))
	r.verify(t)
	r.submit(Drop(7), Element(7, 5, "after", "1"), Drop(8))
	r.verify(t)
}

// dropCollection: a Drop takes the elements before it, those in the data file
// and those in the journal, and no others.
func dropCollection(t *testing.T, r *restarts) {
	for id := range uint64(6) {
		for i := range 20 {
			r.submit(Element(1, id, fmt.Sprint(i), "stored"), Element(2, id, fmt.Sprint(i), "stored"))
		}
		r.submit(Element(1, id, "", "has no name"))
	}
	must(t, r.Checkpoint(t.Context()))
	r.submit(Element(1, 2, "late", "x"), Put(1, "key", "x"), DropElements(1, 2), DropElements(1, 4))
	r.submit(DropElements(2, 0), DropElements(3, 0), DropElements(1, 77), DropElements(1, 2), DeleteElement(1, 2, "3"))
	r.submit(Element(1, 8, "", "1"), DropElements(1, 8), Element(1, 9, "", "1"))
	r.submit(DropElements(1, 5), Element(1, 5, "", "again"), Element(1, 5, "x", "again"))
	r.verify(t)
	r.submit(DropElements(1, 1), Drop(1), Element(1, 10, "a", "1"), DropElements(2, 3))
	r.verify(t)
}

// largeCollections: one large collection and many small ones, dropped by rows
// that are folded together with what they drop, and by others.
func largeCollections(t *testing.T, r *restarts) {
	const large, small, first = 30_000, 3_000, 1000
	for i := range large {
		r.submit(Element(0, 1, fmt.Sprintf("member:%08d", i*7919%large), fmt.Sprint(i)))
	}
	for i := range small {
		id := uint64(first + i*31%small)
		r.submit(Put(0, fmt.Sprint("key", i), fmt.Sprint(id)), Element(0, id, "field", "1"), Element(0, id, "other", "2"))
		if i%3 == 0 {
			r.submit(Delete(0, fmt.Sprint("key", i)), DropElements(0, id))
		}
	}
	r.verify(t)
	r.submit(DropElements(0, 1))
	for i := range uint64(small) {
		r.submit(DropElements(0, first+i))
	}
	r.submit(Element(0, 9999, "a", "1"))
	r.verify(t)
}

var errOrder = errors.New("a row came too early")

// loadingOrder: all keys come before the first element, all settings before the
// first key.
func loadingOrder(t *testing.T, r *restarts) {
	for i := range 2_000 {
		r.submit(Element(uint32(i%3), uint64(i%7), fmt.Sprint(i), "x"), Put(uint32(i%3), fmt.Sprint(i), "x"))
	}
	r.submit(change.Row{Op: change.Put, Kind: change.Meta, Key: []byte("setting")})
	must(t, r.Checkpoint(t.Context()))
	var mu sync.Mutex
	seen := map[change.Kind]int{}
	_, err := r.Load(3, func(row *change.Row) error {
		mu.Lock()
		defer mu.Unlock()
		seen[row.Kind]++
		if row.Kind != change.Meta && seen[change.Meta] != 1 || row.Kind == change.Element && seen[change.Key] != 2_000 {
			return fmt.Errorf("%w: %v", errOrder, row)
		}
		return nil
	})
	must(t, err)
	if seen[change.Element] != 2_000 {
		t.Errorf("%d elements", seen[change.Element])
	}
}
