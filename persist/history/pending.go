package history

import (
	"encoding/binary"
	"slices"
	"sync"

	"kvd/internal/change"
)

// Pending are the versions that were submitted and are not in the data file yet.
// They are few enough to be kept in memory, as they were submitted. Its methods
// are safe for concurrent use.
//
// A checkpoint calls Age before it closes the journal, so that all it takes over
// are old, and Settle when the data file has them.
type Pending struct {
	mu    sync.RWMutex
	young layer
	old   layer
	name  []byte // of the version that is being added
}

// layer is versions by key.
type layer struct {
	keys  map[string][]pendingRow // by number
	bytes int64
	room  []byte // where values are copied to
}

type pendingRow struct {
	number  uint64
	kind    change.Type
	deleted bool
	value   []byte
}

// rowBytes is about what a version takes beside its value, in bytes.
const rowBytes = 64

// Found is what Pending knows of a version.
type Found struct {
	Number  uint64 // 0: nothing
	Deleted bool
	Kind    change.Type
	// Value is as it was submitted. It is not to be changed.
	Value []byte
}

// Add takes note of a row of kind History, which it copies.
func (p *Pending) Add(r *change.Row) {
	row := pendingRow{number: r.ID, kind: r.Type, deleted: r.Op == change.Delete}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !row.deleted {
		row.value = p.young.copy(r.Value)
	}
	p.name = appendName(p.name[:0], r.Space, r.Key)
	p.young.put(p.name, row)
}

// copy returns a copy of a value. Many share a piece of memory, which goes with the
// last of them.
func (l *layer) copy(value []byte) []byte {
	const piece = 1 << 20
	if cap(l.room)-len(l.room) < len(value) {
		l.room = make([]byte, 0, max(piece, len(value)))
	}
	from := len(l.room)
	l.room = append(l.room, value...)
	return l.room[from:len(l.room):len(l.room)]
}

// appendName appends the name of a key in a layer.
func appendName(dst []byte, space uint32, key []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, space), key...)
}

func (l *layer) put(name []byte, row pendingRow) {
	if l.keys == nil {
		l.keys = map[string][]pendingRow{}
	}
	rows := l.keys[string(name)]
	l.bytes += int64(len(row.value)) + rowBytes
	i, found := slices.BinarySearchFunc(rows, row.number, compareNumber)
	if !found {
		l.keys[string(name)] = slices.Insert(rows, i, row)
		return
	}
	l.bytes -= int64(len(rows[i].value)) + rowBytes
	rows[i] = row
}

func compareNumber(r pendingRow, number uint64) int {
	switch {
	case r.number < number:
		return -1
	case r.number > number:
		return 1
	}
	return 0
}

// floor returns the newest version up to number.
func (l *layer) floor(name []byte, number uint64) Found {
	rows := l.keys[string(name)]
	i, found := slices.BinarySearchFunc(rows, number, compareNumber)
	if !found {
		i--
	}
	if i < 0 {
		return Found{}
	}
	r := &rows[i]
	return Found{r.number, r.deleted, r.kind, r.value}
}

// Floor returns the newest version of a key up to number, deletions included.
func (p *Pending) Floor(space uint32, key []byte, number uint64) Found {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.young.keys)+len(p.old.keys) == 0 {
		return Found{}
	}
	name := appendName(nil, space, key)
	young, old := p.young.floor(name, number), p.old.floor(name, number)
	if young.Number >= old.Number {
		return young
	}
	return old
}

// Bytes is the memory that the versions take.
func (p *Pending) Bytes() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.young.bytes + p.old.bytes
}

// Age makes all versions old.
func (p *Pending) Age() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.old.keys == nil {
		p.old, p.young = p.young, layer{}
		return
	}
	for name, rows := range p.young.keys { // a checkpoint has failed
		for _, row := range rows {
			p.old.put([]byte(name), row)
		}
	}
	p.young = layer{}
}

// Settle forgets the versions that are old: the data file has them.
func (p *Pending) Settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.old = layer{}
}

// Reset forgets all versions.
func (p *Pending) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.young, p.old = layer{}, layer{}
}
