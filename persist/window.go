package persist

import (
	"bytes"
	"errors"
	"hash/maphash"
	"math/bits"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/journal"
)

// window is the newest row of each key and each element in a stretch of the
// journal, the edits that came after it, and the last Drop of each collection. It
// knows rows by where they are: 16 bytes each, whatever their size.
type window struct {
	seed   maphash.Seed
	slots  []slot // open addressing, a power of two
	used   int
	maps   []*journal.Mapped
	drops  map[uint32]uint64      // space → place of its last Drop
	expiry map[uint64]int64       // place of a row → expiry set after it
	edits  edits                  // place of a row → edits after it
	homes  map[codec.Bucket]*home // buckets with rows
	last   *home                  // the one of the row before, not to look it up
}

// home is a bucket that the window has rows of.
type home struct {
	bucket codec.Bucket
	prefix []byte // what all its keys begin with; of no use for elements
	rank   uint64 // its place among the others, once the window is complete
}

// slot is a row of the table; place 0 is a free slot. Once the window is
// complete it is an element of the sorted list, and hash is the sort key.
type slot struct{ hash, place uint64 }

// A place is the index of a segment in maps and an offset in it. Later rows
// have higher places.
const offsetBits = 40

func newWindow() *window {
	w := &window{seed: maphash.MakeSeed()}
	w.reset()
	return w
}

// reset empties the window, and keeps the segment that is being read.
func (w *window) reset() {
	const first = 1 << 12
	if w.slots == nil {
		w.slots = make([]slot, first)
	}
	clear(w.slots)
	w.used = 0
	w.drops, w.expiry = map[uint32]uint64{}, map[uint64]int64{}
	w.edits.reset()
	w.homes, w.last = map[codec.Bucket]*home{}, nil
	if n := len(w.maps); n > 1 {
		for _, m := range w.maps[:n-1] {
			_ = m.Close()
		}
		w.maps = w.maps[n-1:]
	}
}

// close lets go of the segments.
func (w *window) close() error {
	var err error
	for _, m := range w.maps {
		err = errors.Join(err, m.Close())
	}
	w.maps = nil
	return err
}

// row reads the row at a place. It was verified when it was added.
func (w *window) row(place uint64, r *change.Row) {
	data := w.maps[place>>offsetBits].Bytes()
	if _, err := codec.ReadRow(data[place&(1<<offsetBits-1):], r); err != nil {
		panic(err) // the file has changed since: Guard turns it into damage
	}
}

// add notes a row of the segment that is being read.
func (w *window) add(offset int64, r *change.Row) {
	place := uint64(len(w.maps)-1)<<offsetBits | uint64(offset)
	if r.Op == change.Drop && r.Kind != change.Element {
		w.drops[r.Space] = place
		return
	}
	if 4*(w.used+1) > 3*len(w.slots) {
		w.grow()
	}
	hash := w.hash(r)
	at, old := w.find(hash, r)
	if w.slots[at].place == 0 {
		w.used++
		w.meet(r)
		w.slots[at] = slot{hash: hash, place: place}
		return
	}
	w.replace(&w.slots[at], old, place, r)
}

// full reports that the window has so many rows.
func (w *window) full(rows int) bool { return w.used+w.edits.len() >= rows }

// replace notes a newer row of the same key beside the older one in its slot, or
// instead of it.
func (w *window) replace(s *slot, old change.Op, place uint64, r *change.Row) {
	switch {
	case r.Op != change.Expire && r.Op != change.Edit:
		s.place = place
	case r.Op == old && r.Op == change.Expire && !w.edits.has(s.place):
		s.place = place
	case w.taken(s.place, r), old == change.Delete:
		// There is no row that could change.
	case r.Op == change.Edit:
		w.edits.add(s.place, place)
	default:
		w.expiry[s.place] = r.Expire
	}
}

// taken reports whether the Drop of its space came after the row at a place.
func (w *window) taken(place uint64, r *change.Row) bool {
	return r.Kind != change.Meta && place < w.drops[r.Space]
}

func (w *window) hash(r *change.Row) uint64 {
	const odd = 0x9E3779B97F4A7C15
	h := maphash.Bytes(w.seed, r.Key) + (uint64(r.Space)<<8|uint64(r.Kind))*odd
	if !r.Kind.Numbered() {
		return h
	}
	high, low := bits.Mul64(r.ID^odd, odd)
	return h + (high ^ low)
}

// find returns the slot of the row's key, or the free one where it belongs, and
// the op of the row that is there.
func (w *window) find(hash uint64, r *change.Row) (at uint64, old change.Op) {
	mask := uint64(len(w.slots) - 1)
	var have change.Row
	for at = hash & mask; w.slots[at].place != 0; at = (at + 1) & mask {
		if w.slots[at].hash != hash {
			continue
		}
		w.row(w.slots[at].place, &have)
		if sameName(&have, r) {
			return at, have.Op
		}
	}
	return at, 0
}

// sameName reports whether two rows are of the same key or element. The Drop of
// a collection is not of the element that has no name.
func sameName(a, b *change.Row) bool {
	return a.Kind == b.Kind && a.Space == b.Space && a.ID == b.ID &&
		(a.Op == change.Drop) == (b.Op == change.Drop) && bytes.Equal(a.Key, b.Key)
}

func (w *window) grow() {
	old := w.slots
	w.slots = make([]slot, 2*len(old))
	mask := uint64(len(w.slots) - 1)
	for _, s := range old {
		if s.place == 0 {
			continue
		}
		at := s.hash & mask
		for w.slots[at].place != 0 {
			at = (at + 1) & mask
		}
		w.slots[at] = s
	}
}

// meet notes the bucket of a new key, and what it begins with.
func (w *window) meet(r *change.Row) {
	h := w.homeOf(r)
	if h == nil {
		h = &home{bucket: codec.NewBucket(r.Kind, r.Space), prefix: bytes.Clone(r.Key)}
		w.homes[h.bucket], w.last = h, h
	}
	h.prefix = common(h.prefix, r.Key)
}

// homeOf is the bucket of a row, or nil.
func (w *window) homeOf(r *change.Row) *home {
	if h := w.last; h == nil || h.bucket.Kind != r.Kind || h.bucket.Space != r.Space {
		w.last = w.homes[codec.NewBucket(r.Kind, r.Space)]
	}
	return w.last
}

// common is what prefix and key both begin with.
func common(prefix, key []byte) []byte {
	n := 0
	for n < len(prefix) && n < len(key) && prefix[n] == key[n] {
		n++
	}
	return prefix[:n]
}
