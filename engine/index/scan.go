package index

import "math/bits"

// scanEffort bounds how many buckets Scan visits for each entry it is asked for.
const scanEffort = 10

// Scan calls emit for the entries of some buckets, about count of them, and
// returns the cursor to go on with. An iteration begins with cursor 0 and has
// ended when Scan returns 0. Entries that are in the table all the while are
// emitted at least once, however it grows and shrinks between the calls; some
// may come twice. Any cursor is allowed. emit must not change the table.
//
// A cursor counts in bits from the highest of the level's mask downwards. What
// such a count has passed, it has passed at any other level too: the buckets
// that one bucket is split into have their places next to each other.
func (t *Table) Scan(cursor uint64, count int, emit func(ref uint64)) (next uint64) {
	if t.n == 0 {
		return 0
	}
	count = max(count, 1)
	size := uint64(1) << t.level()
	for visits, emitted := 1, 0; ; visits++ {
		b := cursor & (size - 1)
		emitted += t.emit(b, emit)
		if b+size < t.n {
			emitted += t.emit(b+size, emit)
		}
		cursor = bits.Reverse64(bits.Reverse64(cursor|-size) + 1)
		if cursor == 0 || emitted >= count || visits/scanEffort >= count {
			return cursor
		}
	}
}

// emit calls fn for the entries of a bucket and returns how many those are.
func (t *Table) emit(b uint64, fn func(ref uint64)) (count int) {
	for n := t.bucket(b); n != nil; n = t.next(n) {
		for i := range n.len() {
			fn(n.ref(i))
		}
		count += n.len()
	}
	return count
}

// All calls fn for each entry until it returns false. fn must not change the
// table.
func (t *Table) All(fn func(ref uint64) bool) {
	for b := range t.n {
		for n := t.bucket(b); n != nil; n = t.next(n) {
			for i := range n.len() {
				if !fn(n.ref(i)) {
					return
				}
			}
		}
	}
}
