package persist

import (
	"slices"

	"kvd/internal/change"
)

// edits are the places of the Edits that a window has after the newest other row
// of their key, or after its first Edit: 16 bytes each, and some more for each
// such key. A row that is replaced leaves its edits behind, so that they count
// until the window is written.
type edits struct {
	last map[uint64]int32 // place of a row → its newest edit in list
	list []edit
}

// edit is the place of an Edit and the index of the one before it, or none.
type edit struct {
	place  uint64
	before int32
}

const none = -1

// reset forgets all edits.
func (e *edits) reset() { e.last, e.list = nil, nil }

// len is the number of edits.
func (e *edits) len() int { return len(e.list) }

// has reports whether there are edits of the row at base.
func (e *edits) has(base uint64) bool {
	_, ok := e.last[base]
	return ok
}

// add notes that the Edit at place changes what the row at base leaves.
func (e *edits) add(base, place uint64) {
	if e.last == nil {
		e.last = map[uint64]int32{}
	}
	before, ok := e.last[base]
	if !ok {
		before = none
	}
	e.last[base] = int32(len(e.list))
	e.list = append(e.list, edit{place: place, before: before})
}

// appendAfter appends to dst the places of the edits of the row at base, in order.
func (e *edits) appendAfter(dst []uint64, base uint64) []uint64 {
	at, ok := e.last[base]
	if !ok {
		return dst
	}
	from := len(dst)
	for ; at != none; at = e.list[at].before {
		dst = append(dst, e.list[at].place)
	}
	slices.Reverse(dst[from:])
	return dst
}

// placesOf returns the places of the edits that make of the row at place what is
// to be stored, itself included. They are valid until the next call.
func (f *folder) placesOf(place uint64, row *change.Row) []uint64 {
	f.places = f.places[:0]
	if row.Op == change.Edit {
		f.places = append(f.places, place)
	}
	f.places = f.w.edits.appendAfter(f.places, place)
	return f.places
}

// edited returns value with the edits at places in it, as new memory that is valid
// until the next call.
func (f *folder) edited(value []byte, places []uint64) []byte {
	f.value = append(f.value[:0], value...)
	var r change.Row
	for _, place := range places {
		f.w.row(place, &r)
		f.value = overwrite(f.value, int(r.Offset), r.Value)
	}
	return f.value
}

// overwrite writes part over value from offset on.
func overwrite(value []byte, offset int, part []byte) []byte {
	if need := offset + len(part) - len(value); need > 0 {
		value = append(value, make([]byte, need)...)
	}
	copy(value[offset:], part)
	return value
}
