package persist

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/journal"
)

// window is the newest row of each key in a stretch of the journal. It knows
// rows by where they are: 16 bytes each, whatever their size.
type window struct {
	seed   maphash.Seed
	slots  []slot // open addressing, a power of two
	used   int
	maps   []*journal.Mapped
	drops  map[uint32]uint64         // space → place of its last Drop
	expiry map[uint64]int64          // place of a Put → expiry set after it
	homes  map[codec.Bucket]struct{} // buckets with rows
	last   codec.Bucket              // the one of the row before, not to look it up
	prefix []byte                    // what all keys begin with
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
	w.used, w.prefix = 0, nil
	w.drops, w.expiry = map[uint32]uint64{}, map[uint64]int64{}
	w.homes, w.last = map[codec.Bucket]struct{}{}, codec.Bucket{}
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
	if r.Op == change.Drop {
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

// replace puts a newer row of the same key in the slot of an older one.
func (w *window) replace(s *slot, old change.Op, place uint64, r *change.Row) {
	switch {
	case r.Op != change.Expire, old == change.Expire:
		s.place = place
	case r.Kind == change.Key && s.place < w.drops[r.Space], old == change.Delete:
		// There is no row whose expiry could change.
	default:
		w.expiry[s.place] = r.Expire
	}
}

func (w *window) hash(r *change.Row) uint64 {
	return maphash.Bytes(w.seed, r.Key) + (uint64(r.Space)<<8|uint64(r.Kind))*0x9E3779B97F4A7C15
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
		if have.Kind == r.Kind && have.Space == r.Space && bytes.Equal(have.Key, r.Key) {
			return at, have.Op
		}
	}
	return at, 0
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

// meet notes bucket and prefix of a new key.
func (w *window) meet(r *change.Row) {
	if w.used == 1 {
		w.prefix = bytes.Clone(r.Key)
	}
	n := 0
	for n < len(w.prefix) && n < len(r.Key) && w.prefix[n] == r.Key[n] {
		n++
	}
	w.prefix = w.prefix[:n]
	if w.last.Kind != r.Kind || w.last.Space != r.Space {
		w.last = codec.NewBucket(r.Kind, r.Space)
		w.homes[w.last] = struct{}{}
	}
}

// buckets lists the buckets with rows in the order in which they are written.
func (w *window) buckets() []codec.Bucket {
	var list []codec.Bucket
	for b := range w.homes {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b codec.Bucket) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Space, b.Space))
	})
	return list
}

// sorted turns the table into a list of rows by bucket and key, without those
// that a Drop took. The table is gone afterwards; reset the window.
//
// Most comparisons are of one number: the rank of the bucket and the bytes of
// the key after what all keys begin with.
func (w *window) sorted() []slot {
	rank := map[codec.Bucket]uint64{}
	for i, b := range w.buckets() {
		rank[b] = min(uint64(i), 1<<16-1)
	}
	list, last, lastRank := w.slots[:0], codec.Bucket{}, uint64(0)
	var r change.Row
	for _, s := range w.slots {
		if s.place == 0 {
			continue
		}
		w.row(s.place, &r)
		if r.Kind == change.Key && s.place < w.drops[r.Space] {
			continue
		}
		if last.Kind != r.Kind || last.Space != r.Space {
			last = codec.NewBucket(r.Kind, r.Space)
			lastRank = rank[last]
		}
		list = append(list, slot{hash: sortKey(r.Key[len(w.prefix):], lastRank, len(rank) > 1), place: s.place})
	}
	slices.SortFunc(list, w.compare)
	return list
}

// sortKey packs rank, if it matters, and the first bytes of key.
func sortKey(key []byte, rank uint64, ranked bool) uint64 {
	var head [8]byte
	copy(head[:], key)
	n := binary.BigEndian.Uint64(head[:])
	if ranked {
		return rank<<48 | n>>16
	}
	return n
}

func (w *window) compare(a, b slot) int {
	if c := cmp.Compare(a.hash, b.hash); c != 0 {
		return c
	}
	var x, y change.Row
	w.row(a.place, &x)
	w.row(b.place, &y)
	return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Space, y.Space), bytes.Compare(x.Key, y.Key))
}
