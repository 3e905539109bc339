package engine

import (
	"bytes"

	"kvd/internal/change"
)

// Part is the bytes of a value from From to before To. The zero Part is for a
// change whose place is not known.
type Part struct{ From, To int }

const (
	// editMin is the length of the shortest value whose changes are recorded as
	// Edits, in bytes: the row of a shorter one is no trouble.
	editMin = 1 << 10
	// minGap is the least number of equal bytes between two Edits of one change.
	minGap = 64
	// maxParts is how many Edits a change is recorded as at most. A HyperLogLog
	// changes in its header and in a few registers.
	maxParts = 4
)

// record records the row of a string that is about to be written over f, or, if
// that is shorter, the Edits that make it of the value before. Where part is
// known, only it has changed and what is beyond the end of the value before, which
// is zero but for part.
func (tx *Tx) record(f found, exists bool, row change.Row, exp Expiry, part Part) {
	if !exists || exp != Keep || !f.editable(len(row.Value)) {
		tx.put(row)
		return
	}
	var p parts
	old := f.shard.value(f.entry).bytes
	switch {
	case part != (Part{}):
		if len(row.Value) > len(old) {
			part.To = len(row.Value)
		}
		p.addBehind(f.annotated(), part)
	case sameMemory(old, row.Value):
		p.add(Part{0, len(row.Value)}) // what it was is gone
	default:
		p.compare(f.annotated(), old, row.Value)
	}
	if p.bytes() > len(row.Value)/2 {
		tx.put(row)
		return
	}
	edit := change.Row{Op: change.Edit, Kind: change.Key, Space: row.Space, Key: row.Key}
	for _, part := range p.list[:max(p.n, 1)] { // a row at least, for those who watch the key
		edit.Offset, edit.Value = uint64(part.From), row.Value[part.From:part.To]
		tx.put(edit)
	}
}

// editable reports whether Edits could make a value of n bytes of that of f.
func (f *found) editable(n int) bool {
	return n >= editMin && f.kind() == change.String && !f.has(flagCold) && n >= f.valueLen()
}

// annotated is how many bytes at the beginning of the value may be other ones on
// disk; see Tx.Annotate.
func (f *found) annotated() int {
	if f.has(flagRaw) && !f.has(flagLarge) {
		return min(maxNote, f.valueLen())
	}
	return 0
}

// blobOf returns the large value of f if val is a change of it in place.
func (f *found) blobOf(val []byte) *Blob {
	if f.entry == nil || !f.has(flagLarge) || len(val) < Large {
		return nil
	}
	b := f.shard.value(f.entry).blob
	if !sameMemory(b.data, val) || cap(b.data) != cap(val) {
		return nil
	}
	b.data = val
	return b
}

// sameMemory reports whether a change of a is a change of b too.
func sameMemory(a, b []byte) bool {
	return cap(a) > 0 && cap(b) > 0 && &a[:1][0] == &b[:1][0]
}

// parts are the bytes in which a value differs from the one before, in order.
type parts struct {
	list [maxParts]Part
	n    int
}

// add adds a part; if there is no room for it the last one goes on to its end.
func (p *parts) add(part Part) {
	if p.n == maxParts {
		p.list[maxParts-1].To = part.To
		return
	}
	p.list[p.n] = part
	p.n++
}

// bytes is the length of all parts.
func (p *parts) bytes() (n int) {
	for _, part := range p.list[:p.n] {
		n += part.To - part.From
	}
	return n
}

// addBehind adds the first n bytes, if any, and a part.
func (p *parts) addBehind(n int, part Part) {
	switch {
	case n == 0:
	case part.From <= n:
		part = Part{0, max(n, part.To)}
	default:
		p.add(Part{0, n})
	}
	p.add(part)
}

// compare adds the first n bytes, if any, and the parts in which val differs from
// old, which is not longer.
func (p *parts) compare(n int, old, val []byte) {
	if n > 0 {
		p.add(Part{0, n})
	}
	for at := n + prefix(old[n:], val[n:]); at < len(old); {
		end := differenceEnd(old, val, at)
		p.add(Part{at, end})
		at = end + prefix(old[end:], val[end:])
	}
	if len(val) > len(old) {
		p.add(Part{len(old), len(val)})
	}
}

// differenceEnd is where the difference that begins at a place ends: before
// minGap equal bytes, or where old does.
func differenceEnd(old, val []byte, at int) int {
	for end := at + 1; end < len(old); {
		limit := min(end+minGap, len(old))
		same := prefix(old[end:limit], val[end:limit])
		if end+same == limit {
			return end
		}
		end += same + 1
	}
	return len(old)
}

// prefix is the number of bytes that a and b begin with both.
func prefix(a, b []byte) (n int) {
	const block = 256
	least := min(len(a), len(b))
	for n+block <= least && bytes.Equal(a[n:n+block], b[n:n+block]) {
		n += block
	}
	for n < least && a[n] == b[n] {
		n++
	}
	return n
}
