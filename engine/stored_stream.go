package engine

import (
	"encoding/binary"
	"fmt"

	"kvd/engine/ds/stream"
	"kvd/engine/packed"
)

// StreamRowKind says what a stored row of a stream is about.
type StreamRowKind byte

// The kinds of rows of a stream, in the order in which they are stored.
const (
	StreamConsumerRow StreamRowKind = consumerRow
	StreamEntryRow    StreamRowKind = entryRow
	StreamGroupRow    StreamRowKind = groupRow
	StreamStateRow    StreamRowKind = stateRow
	StreamPendingRow  StreamRowKind = pendingRow
)

// StreamRow is one stored row of a stream. Its slices point into what it was
// read from.
type StreamRow struct {
	Kind StreamRowKind
	// ID is that of an entry or of a pending entry, and for a group and the state
	// of the stream the last one.
	ID StreamID
	// MaxDeleted is the greatest ID deleted, of a state.
	MaxDeleted StreamID
	// Added is how many entries were ever added, of a state, or with an entry; 0 of
	// an entry: its state tells.
	Added uint64
	// Fields are the names and values of an entry in turn.
	Fields [][]byte
	// Group is the name of the group, and Consumer that of the consumer, if the row
	// has one.
	Group, Consumer []byte
	// Read is how many entries a group has read, or StreamUnknown.
	Read int64
	// Seen is when a consumer was last seen, and Delivered when a pending entry was
	// last delivered, in unix milliseconds; Count is how often.
	Seen, Delivered, Count int64
}

// ReadStreamRow reads a stored row into r, whose Fields it uses again.
func ReadStreamRow(name, value []byte, r *StreamRow) (err error) {
	*r = StreamRow{Fields: r.Fields[:0]}
	if len(name) == 0 {
		return errStreamRow
	}
	r.Kind = StreamRowKind(name[0])
	ok := false
	switch name = name[1:]; r.Kind {
	case StreamEntryRow:
		if len(name) == stream.IDSize {
			r.ID = stream.ReadKey(name)
			r.Added, r.Fields, err = readEntry(value, r.Fields)
			ok = err == nil
		}
	case StreamStateRow:
		ok = len(name) == 0 && r.readState(value)
	case StreamGroupRow:
		r.Group = name
		ok = r.readGroup(value)
	case StreamConsumerRow:
		ok = r.readConsumer(name, value)
	case StreamPendingRow:
		ok = r.readPending(name, value)
	}
	if !ok {
		return fmt.Errorf("row %.40q: %w", name, errStreamRow)
	}
	return nil
}

func (r *StreamRow) readState(value []byte) bool {
	if len(value) < 2*stream.IDSize {
		return false
	}
	added, n := binary.Uvarint(value[2*stream.IDSize:])
	r.ID, r.MaxDeleted, r.Added = stream.ReadKey(value), stream.ReadKey(value[stream.IDSize:]), added
	return n > 0 && 2*stream.IDSize+n == len(value)
}

func (r *StreamRow) readGroup(value []byte) bool {
	if len(value) < stream.IDSize {
		return false
	}
	read, n := binary.Varint(value[stream.IDSize:])
	r.ID, r.Read = stream.ReadKey(value), read
	return n > 0 && stream.IDSize+n == len(value)
}

func (r *StreamRow) readConsumer(name, value []byte) (ok bool) {
	var n int
	r.Group, r.Consumer, ok = cutItem(name)
	r.Seen, n = binary.Varint(value)
	return ok && n > 0 && n == len(value)
}

func (r *StreamRow) readPending(name, value []byte) bool {
	group, id, ok := cutItem(name)
	if !ok || len(id) != stream.IDSize {
		return false
	}
	r.Group, r.ID = group, stream.ReadKey(id)
	var n, m int
	if r.Delivered, n = binary.Varint(value); n <= 0 {
		return false
	}
	if r.Count, m = binary.Varint(value[n:]); m <= 0 {
		return false
	}
	r.Consumer = value[n+m:]
	return true
}

// AppendName appends the name that the row is stored under in its collection.
func (r *StreamRow) AppendName(dst []byte) []byte {
	dst = append(dst, byte(r.Kind))
	switch r.Kind {
	case StreamEntryRow:
		return r.ID.AppendKey(dst)
	case StreamGroupRow:
		return append(dst, r.Group...)
	case StreamConsumerRow:
		return append(packed.Append(dst, r.Group), r.Consumer...)
	case StreamPendingRow:
		return r.ID.AppendKey(packed.Append(dst, r.Group))
	}
	return dst
}

// AppendValue appends the value of the row.
func (r *StreamRow) AppendValue(dst []byte) []byte {
	switch r.Kind {
	case StreamEntryRow:
		dst = binary.AppendUvarint(dst, r.Added)
		for _, f := range r.Fields {
			dst = packed.Append(dst, f)
		}
		return dst
	case StreamStateRow:
		return binary.AppendUvarint(r.MaxDeleted.AppendKey(r.ID.AppendKey(dst)), r.Added)
	case StreamGroupRow:
		return binary.AppendVarint(r.ID.AppendKey(dst), r.Read)
	case StreamConsumerRow:
		return binary.AppendVarint(dst, r.Seen)
	case StreamPendingRow:
		dst = binary.AppendVarint(binary.AppendVarint(dst, r.Delivered), r.Count)
		return append(dst, r.Consumer...)
	}
	return dst
}
