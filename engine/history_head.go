package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"kvd/internal/change"
)

// head is what is known of a key's versions without reading them: enough to
// record the next one. It takes some 200 bytes of memory, and the key.
type head struct {
	number  uint64 // of the newest version
	first   uint64 // there are none below
	rev     uint64 // of the newest
	time    int64  // of the newest, in unix milliseconds
	created int64  // of the first there ever was
	madeRev uint64 // of the first there ever was
	kind    change.Type
	said    byte // what the newest was recorded with
	hash    [sha256.Size]byte
	chain   [sha256.Size]byte
	sheet   *sheet // nil: nothing is written on it
}

// What a version may be recorded with.
const (
	saidMessage = 1 << iota
	saidAuthor
)

// sheet is what was said about versions after they were recorded.
type sheet struct {
	tags  map[string]uint64
	notes map[uint64]note
}

// note is what a version got that had been saved without.
type note struct{ message, author string }

func (h *head) tags() map[string]uint64 {
	if h.sheet == nil {
		return nil
	}
	return h.sheet.tags
}

// tagged reports whether a version has a tag.
func (h *head) tagged(number uint64) bool {
	for _, n := range h.tags() {
		if n == number {
			return true
		}
	}
	return false
}

// note returns what was said about a version later.
func (h *head) note(number uint64) note {
	if h.sheet == nil {
		return note{}
	}
	return h.sheet.notes[number]
}

// write returns the sheet, to be written on.
func (h *head) write() *sheet {
	if h.sheet == nil {
		h.sheet = &sheet{tags: map[string]uint64{}, notes: map[uint64]note{}}
	}
	return h.sheet
}

// append appends the value of the head's row: its numbers as varints, the type,
// what was said, the sums, the tags by name with their numbers, and the notes by number. The
// order is fixed.
func (h *head) append(dst []byte) []byte {
	for _, n := range [...]uint64{h.number, h.first, h.rev, uint64(h.time), uint64(h.created), h.madeRev} {
		dst = binary.AppendUvarint(dst, n)
	}
	dst = append(append(append(dst, byte(h.kind), h.said), h.hash[:]...), h.chain[:]...)
	if h.sheet == nil {
		return append(dst, 0, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(h.sheet.tags)))
	for _, name := range slices.Sorted(maps.Keys(h.sheet.tags)) {
		dst = binary.AppendUvarint(appendText(dst, name), h.sheet.tags[name])
	}
	dst = binary.AppendUvarint(dst, uint64(len(h.sheet.notes)))
	for _, number := range slices.Sorted(maps.Keys(h.sheet.notes)) {
		n := h.sheet.notes[number]
		dst = appendText(appendText(binary.AppendUvarint(dst, number), n.message), n.author)
	}
	return dst
}

// readHead is the inverse of append.
func readHead(value []byte) (h *head, ok bool) {
	r := trailerReader{rest: value}
	h = &head{
		number: r.uvarint(), first: r.uvarint(), rev: r.uvarint(),
		time: int64(r.uvarint()), created: int64(r.uvarint()), madeRev: r.uvarint(),
	}
	if len(r.rest) < 2 {
		return nil, false
	}
	h.kind, h.said = change.Type(r.rest[0]), r.rest[1]
	r.rest = r.rest[2:]
	r.sum(&h.hash)
	r.sum(&h.chain)
	for range r.count() {
		name := r.text()
		h.write().tags[name] = r.uvarint()
	}
	for range r.count() {
		number := r.uvarint()
		h.write().notes[number] = note{r.text(), r.text()}
	}
	return h, !r.bad && len(r.rest) == 0
}

// count reads the number of things that follow, each of a byte at least.
func (r *trailerReader) count() uint64 {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return 0
	}
	return n
}

// loadHead applies a stored row of kind Head, with its shard locked.
func (e *Engine) loadHead(db int, row *change.Row) error {
	s := &e.shards[e.shardOf(e.hash(row.Key))]
	if row.Op == change.Delete {
		delete(s.heads[db], string(row.Key))
		return nil
	}
	h, ok := readHead(row.Value)
	if !ok {
		return fmt.Errorf("the stored history of %.64q is damaged", row.Key)
	}
	e.meetRev(h.rev)
	if s.heads[db] == nil {
		s.heads[db] = heads{}
	}
	s.heads[db][string(row.Key)] = h
	return nil
}
