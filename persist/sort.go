package persist

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"kvd/internal/change"
)

// A row is first sorted by a number: the rank of its bucket above the first
// bytes of its key, or above the number of its collection if it is an element.
// The last rank and the last number of a collection stand for all that are as
// high; for these the number does not decide.
const (
	rankShift = 56
	maxRank   = 1<<(64-rankShift) - 1
	maxID     = 1<<rankShift - 1
)

// turn is when the rows of a kind are written: settings last, in one transaction
// with the number of the last write in the file. Which space a database uses must
// not be newer than that, or after a checkpoint that was cut short rows of the
// journal would come to the wrong database.
func turn(kind change.Kind) int {
	switch kind {
	case change.Key, change.History, change.Head:
		return 0
	case change.Element:
		return 1
	}
	return 2
}

// sorted turns the table into a list of rows in the order in which they are
// written, without those that the Drop of a space took; the Drop of a collection
// comes before its elements. The table is gone afterwards; reset the window.
//
// Keys are sorted at once, and elements brought together by collection, each of
// which is then sorted. Most comparisons are of two numbers, made of what comes
// after the bytes that all keys, or all elements of the collection, begin with.
func (w *window) sorted() []slot {
	first, end := w.rank()
	list := w.collect()
	elements := func(s slot) bool { return s.hash>>rankShift >= first && s.hash>>rankShift < min(end, maxRank) }
	slices.SortFunc(list, func(a, b slot) int {
		if elements(a) {
			return cmp.Compare(a.hash, b.hash)
		}
		return w.compare(a, b)
	})
	for rest := list; len(rest) > 0; {
		n := 1
		if elements(rest[0]) {
			for n < len(rest) && rest[n].hash == rest[0].hash {
				n++
			}
			w.sortCollection(rest[:n])
		}
		rest = rest[n:]
	}
	return list
}

// rank numbers the buckets in the order in which they are written, and returns
// the number of the first that has elements and of the one after the last.
func (w *window) rank() (first, end uint64) {
	list := make([]*home, 0, len(w.homes))
	for _, h := range w.homes {
		list = append(list, h)
		if turn(h.bucket.Kind) == turn(change.Key) {
			first++
		}
		if h.bucket.Kind != change.Meta {
			end++
		}
	}
	slices.SortFunc(list, func(a, b *home) int {
		return cmp.Or(cmp.Compare(turn(a.bucket.Kind), turn(b.bucket.Kind)), cmp.Compare(a.bucket.Space, b.bucket.Space))
	})
	for i, h := range list {
		h.rank = min(uint64(i), maxRank)
	}
	return first, end
}

// collect lists the rows that are left, each with its number.
func (w *window) collect() []slot {
	list := w.slots[:0]
	var r change.Row
	for _, s := range w.slots {
		if s.place == 0 {
			continue
		}
		w.row(s.place, &r)
		if !w.taken(s.place, &r) {
			list = append(list, slot{hash: w.homeOf(&r).number(&r), place: s.place})
		}
	}
	return list
}

func (h *home) number(r *change.Row) uint64 {
	switch {
	case h.rank == maxRank:
		return maxRank << rankShift
	case r.Kind == change.Element:
		return h.rank<<rankShift | min(r.ID, maxID)
	}
	return h.rank<<rankShift | sortKey(r.Key[len(h.prefix):])>>(64-rankShift)
}

// sortCollection sorts rows of one collection, or of several if their number is
// the last.
func (w *window) sortCollection(group []slot) {
	if len(group) == 1 {
		return
	}
	if group[0].hash&maxID < maxID {
		skip := len(w.prefix(group))
		var r change.Row
		for i := range group {
			w.row(group[i].place, &r)
			group[i].hash = sortKey(r.Key[min(skip, len(r.Key)):])
		}
	}
	slices.SortFunc(group, w.compare)
}

// prefix is what the elements of a collection begin with, Drops aside.
func (w *window) prefix(group []slot) []byte {
	var (
		r      change.Row
		prefix []byte
		found  bool
	)
	for _, s := range group {
		w.row(s.place, &r)
		switch {
		case r.Op == change.Drop:
		case !found:
			prefix, found = r.Key, true
		default:
			prefix = common(prefix, r.Key)
		}
	}
	return prefix
}

// sortKey is the first bytes of key as a number.
func sortKey(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var head [8]byte
	copy(head[:], key)
	return binary.BigEndian.Uint64(head[:])
}

func (w *window) compare(a, b slot) int {
	if c := cmp.Compare(a.hash, b.hash); c != 0 {
		return c
	}
	var x, y change.Row
	w.row(a.place, &x)
	w.row(b.place, &y)
	if c := cmp.Or(cmp.Compare(turn(x.Kind), turn(y.Kind)), cmp.Compare(x.Space, y.Space), cmp.Compare(x.Kind, y.Kind)); c != 0 {
		return c
	}
	if x.Kind == change.History {
		return cmp.Or(bytes.Compare(x.Key, y.Key), cmp.Compare(x.ID, y.ID))
	}
	return cmp.Or(cmp.Compare(x.ID, y.ID), dropsFirst(&x, &y), bytes.Compare(x.Key, y.Key))
}

func dropsFirst(x, y *change.Row) int {
	switch {
	case x.Op == change.Drop && y.Op != change.Drop:
		return -1
	case y.Op == change.Drop && x.Op != change.Drop:
		return 1
	}
	return 0
}
