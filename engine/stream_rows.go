package engine

import (
	"encoding/binary"

	"kvd/engine/ds/stream"
	"kvd/engine/packed"
)

// The rows of a stream, by the first byte of their names. Items are spelt as in
// package packed, IDs as 16 bytes that sort, numbers as varints:
//
//	e id           an entry: how many were ever added with it, and its fields
//	m              the last ID, how many entries were ever added, the greatest
//	               ID deleted: where the last entry does not tell
//	g name         a group: its last ID and how many entries it has read
//	c group name   a consumer, with the group as an item: when it was last seen
//	p group id     a pending entry: when and how often delivered, and to whom
//
// An entry above the last ID of m is newer than m. Rows of a group may come
// before the group's own.
const (
	entryRow    = 'e'
	stateRow    = 'm'
	groupRow    = 'g'
	consumerRow = 'c'
	pendingRow  = 'p'
)

var stateSub = []byte{stateRow}

func (tx *Tx) entrySub(id StreamID) []byte {
	from := len(tx.scratch)
	tx.scratch = id.AppendKey(append(tx.scratch, entryRow))
	return tx.since(from)
}

// since returns what was appended to scratch from offset from on.
func (tx *Tx) since(from int) []byte { return tx.scratch[from:len(tx.scratch):len(tx.scratch)] }

func (tx *Tx) entryValue(added uint64, fields [][]byte) []byte {
	from := len(tx.scratch)
	tx.scratch = binary.AppendUvarint(tx.scratch, added)
	for _, f := range fields {
		tx.scratch = packed.Append(tx.scratch, f)
	}
	return tx.since(from)
}

// entryAgain returns the value of an entry that was added some time ago: the row
// of the state tells how many were.
func (tx *Tx) entryAgain(c *StreamCursor) []byte {
	from := len(tx.scratch)
	tx.scratch = binary.AppendUvarint(tx.scratch, 0)
	for range c.Fields() {
		name, value := c.Field()
		tx.scratch = packed.Append(packed.Append(tx.scratch, name), value)
	}
	return tx.since(from)
}

func (tx *Tx) stateValue(l *stream.Stream) []byte {
	from := len(tx.scratch)
	tx.scratch = l.MaxDeleted().AppendKey(l.Last().AppendKey(tx.scratch))
	tx.scratch = binary.AppendUvarint(tx.scratch, l.Added())
	return tx.since(from)
}

func (tx *Tx) groupSub(g *StreamGroup) []byte {
	from := len(tx.scratch)
	tx.scratch = append(append(tx.scratch, groupRow), g.Name...)
	return tx.since(from)
}

func (tx *Tx) groupValue(g *StreamGroup) []byte {
	from := len(tx.scratch)
	tx.scratch = binary.AppendVarint(g.Last.AppendKey(tx.scratch), g.Read)
	return tx.since(from)
}

// ofGroup begins the name of a row that belongs to a group.
func (tx *Tx) ofGroup(kind byte, g *StreamGroup) {
	tx.scratch = binary.AppendUvarint(append(tx.scratch, kind), uint64(len(g.Name)))
	tx.scratch = append(tx.scratch, g.Name...)
}

func (tx *Tx) consumerSub(g *StreamGroup, c *StreamConsumer) []byte {
	from := len(tx.scratch)
	tx.ofGroup(consumerRow, g)
	tx.scratch = append(tx.scratch, c.Name...)
	return tx.since(from)
}

func (tx *Tx) consumerValue(c *StreamConsumer) []byte {
	from := len(tx.scratch)
	tx.scratch = binary.AppendVarint(tx.scratch, c.Seen)
	return tx.since(from)
}

func (tx *Tx) pendingSub(g *StreamGroup, id StreamID) []byte {
	from := len(tx.scratch)
	tx.ofGroup(pendingRow, g)
	tx.scratch = id.AppendKey(tx.scratch)
	return tx.since(from)
}

func (tx *Tx) pendingValue(p StreamPending) []byte {
	from := len(tx.scratch)
	tx.scratch = binary.AppendVarint(binary.AppendVarint(tx.scratch, p.Delivered), p.Count)
	tx.scratch = append(tx.scratch, p.Consumer.Name...)
	return tx.since(from)
}

// eachStream calls fn with every row of the stream.
func (c *collection) eachStream(fn func(sub, value []byte, expire int64) bool) {
	l := c.log()
	if l == nil {
		return
	}
	// The rows are spelt in a buffer of their own: fn may need that of the Tx.
	tx := c.tx
	home := tx.scratch
	tx.scratch = nil
	defer func() { tx.scratch = home }()
	give := func(sub, value []byte) bool {
		own := tx.scratch
		tx.scratch = home
		ok := fn(sub, value, 0)
		home, tx.scratch = tx.scratch, own[:0]
		return ok
	}
	for e := l.Range(StreamID{}, MaxStreamID, StreamForward); e.Next(); {
		if !give(tx.entrySub(e.ID()), tx.entryAgain(&e)) {
			return
		}
	}
	if !give(stateSub, tx.stateValue(l)) {
		return
	}
	for _, g := range l.Groups() {
		if !tx.eachOfGroup(g, give) {
			return
		}
	}
}

// eachOfGroup calls give with every row of a group.
func (tx *Tx) eachOfGroup(g *StreamGroup, give func(sub, value []byte) bool) bool {
	if !give(tx.groupSub(g), tx.groupValue(g)) {
		return false
	}
	for _, who := range g.Consumers() {
		if !give(tx.consumerSub(g, who), tx.consumerValue(who)) {
			return false
		}
	}
	for p, ok := g.NextPending(nil, StreamID{}); ok; p, ok = g.AfterPending(nil, p.ID) {
		if !give(tx.pendingSub(g, p.ID), tx.pendingValue(p)) {
			return false
		}
	}
	return true
}
