package engine

import (
	"math/rand/v2"

	"kvd/engine/ds/dict"
)

// All calls fn with every field and its value until it returns false. fn must
// not change the hash.
func (h *Hash) All(fn func(field, value []byte) bool) {
	h.each(func(field, value []byte, at int64) bool { return h.over(at) || fn(field, value) })
}

// each is All with those whose time has passed.
func (h *Hash) each(fn func(field, value []byte, at int64) bool) {
	if t, ok := h.table(); ok {
		t.All(func(ref dict.Ref) bool {
			field, value := t.Pair(ref)
			return fn(field, value, t.Expire(ref))
		})
		return
	}
	b := smallHash(h.c.packed())
	for at := b.start(); at < len(b); {
		field, f := b.read(at)
		if !fn(field, f.value, f.at) {
			return
		}
		at = f.place.to
	}
}

// Scan calls emit for some fields, about count of them, and returns the cursor
// to go on with: an iteration begins with 0 and has ended when Scan returns 0. A
// field that is there all the while is met at least once. A compact hash is met
// whole at once, as in Redis.
func (h *Hash) Scan(cursor uint64, count int, emit func(field, value []byte)) (next uint64) {
	t, ok := h.table()
	if !ok || h.Compact() {
		h.All(func(field, value []byte) bool {
			emit(field, value)
			return true
		})
		return 0
	}
	return t.Scan(cursor, count, func(ref dict.Ref) {
		if !h.over(t.Expire(ref)) {
			emit(t.Pair(ref))
		}
	})
}

// randomTries is how often Random tries again when it comes upon a field whose
// time has passed, before it goes through all.
const randomTries = 100

// Random returns a field, each as likely as any other, and its value; ok is
// false if there is none.
func (h *Hash) Random() (field, value []byte, ok bool) {
	if t, large := h.table(); large {
		for range randomTries {
			ref, ok := t.Random(rand.Uint64())
			if ok && !h.over(t.Expire(ref)) {
				field, value = t.Pair(ref)
				return field, value, true
			}
		}
	}
	h.choose(1, func(f, v []byte) { field, value, ok = f, v, true })
	return field, value, ok
}

// Sample calls emit with count fields, or with all if there are fewer, none of
// them twice: any choice is as likely as any other.
func (h *Hash) Sample(count int, emit func(field, value []byte)) {
	t, large := h.table()
	if !large || count >= t.Len()/3 {
		h.choose(count, emit)
		return
	}
	if first := h.first(); first != 0 && h.over(first) {
		h.choose(count, emit) // it might look in vain for fields that are left
		return
	}
	seen := make(map[dict.Ref]struct{}, count)
	for len(seen) < count {
		ref, _ := t.Random(rand.Uint64())
		if _, again := seen[ref]; !again {
			seen[ref] = struct{}{}
			emit(t.Pair(ref))
		}
	}
}

// choose is Sample by one walk over all fields (algorithm S of Knuth, The Art of
// Computer Programming, 3.4.2).
func (h *Hash) choose(count int, emit func(field, value []byte)) {
	left := h.Count()
	h.All(func(field, value []byte) bool {
		if rand.IntN(left) < count {
			count--
			emit(field, value)
		}
		left--
		return count > 0
	})
}
