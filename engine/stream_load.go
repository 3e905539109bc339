package engine

import (
	"encoding/binary"
	"errors"
	"fmt"

	"kvd/engine/ds/stream"
)

var errStreamRow = errors.New("damaged row of a stream")

// readEntry reads the value of an entry's row. fields is appended to.
func readEntry(value []byte, fields [][]byte) (added uint64, _ [][]byte, err error) {
	added, n := binary.Uvarint(value)
	if n <= 0 {
		return 0, nil, errStreamRow
	}
	for value = value[n:]; len(value) > 0; {
		item, rest, ok := cutItem(value)
		if !ok {
			return 0, nil, errStreamRow
		}
		fields, value = append(fields, item), rest
	}
	if len(fields) == 0 || len(fields)%2 != 0 {
		return 0, nil, errStreamRow
	}
	return added, fields, nil
}

// cutItem cuts the first item off b, which comes from storage.
func cutItem(b []byte) (item, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	end := n + int(size)
	return b[n:end:end], b[end:], true
}

// loadStream applies the row of an element.
func (c *collection) loadStream(sub, value []byte, _ int64) error {
	if len(sub) == 0 {
		return errStreamRow
	}
	c.fill()
	l, name := c.log(), sub[1:]
	var err error
	switch sub[0] {
	case entryRow:
		err = loadEntry(l, name, value)
	case stateRow:
		err = loadState(l, name, value)
	case groupRow:
		err = loadGroup(l, name, value)
	case consumerRow:
		err = loadConsumer(l, name, value)
	case pendingRow:
		err = loadPending(l, name, value)
	default:
		err = errStreamRow
	}
	c.resized()
	if err != nil {
		return fmt.Errorf("row %.40q: %w", sub, err)
	}
	return nil
}

func loadEntry(l *stream.Stream, name, value []byte) error {
	if len(name) != stream.IDSize {
		return errStreamRow
	}
	var room [32][]byte
	added, fields, err := readEntry(value, room[:0])
	if err == nil {
		l.Load(stream.ReadKey(name), added, fields, usualLimits)
	}
	return err
}

func loadState(l *stream.Stream, name, value []byte) error {
	if len(name) != 0 || len(value) < 2*stream.IDSize {
		return errStreamRow
	}
	added, n := binary.Uvarint(value[2*stream.IDSize:])
	if n <= 0 || 2*stream.IDSize+n != len(value) {
		return errStreamRow
	}
	l.SetState(stream.ReadKey(value), added, stream.ReadKey(value[stream.IDSize:]))
	return nil
}

func loadGroup(l *stream.Stream, name, value []byte) error {
	if len(value) < stream.IDSize {
		return errStreamRow
	}
	read, n := binary.Varint(value[stream.IDSize:])
	if n <= 0 || stream.IDSize+n != len(value) {
		return errStreamRow
	}
	g := l.AddGroup(name)
	g.Last, g.Read = stream.ReadKey(value), read
	return nil
}

func loadConsumer(l *stream.Stream, name, value []byte) error {
	group, consumer, ok := cutItem(name)
	seen, n := binary.Varint(value)
	if !ok || n <= 0 || n != len(value) {
		return errStreamRow
	}
	l.AddGroup(group).AddConsumer(consumer).Seen = seen
	return nil
}

func loadPending(l *stream.Stream, name, value []byte) error {
	group, id, ok := cutItem(name)
	if !ok || len(id) != stream.IDSize {
		return errStreamRow
	}
	delivered, n := binary.Varint(value)
	if n <= 0 {
		return errStreamRow
	}
	count, m := binary.Varint(value[n:])
	if m <= 0 {
		return errStreamRow
	}
	g := l.AddGroup(group)
	g.SetPending(stream.Pending{
		ID: stream.ReadKey(id), Delivered: delivered, Count: count, Consumer: g.AddConsumer(value[n+m:]),
	})
	return nil
}

// unloadStream applies the removal of a row.
func (c *collection) unloadStream(sub []byte) error {
	if len(sub) == 0 {
		return errStreamRow
	}
	c.fill()
	ok := unloadRow(c.log(), sub[0], sub[1:])
	c.resized()
	if !ok {
		return fmt.Errorf("row %.40q: %w", sub, errStreamRow)
	}
	return nil
}

func unloadRow(l *stream.Stream, kind byte, name []byte) bool {
	switch kind {
	case entryRow:
		if len(name) != stream.IDSize {
			return false
		}
		l.Delete(stream.ReadKey(name))
		return true
	case groupRow:
		l.RemoveGroup(name)
		return true
	case stateRow:
		return len(name) == 0 // it goes with the stream only
	case consumerRow, pendingRow:
		group, rest, ok := cutItem(name)
		if !ok || kind == pendingRow && len(rest) != stream.IDSize {
			return false
		}
		if g := l.Group(group); g != nil {
			unloadOf(g, kind, rest)
		}
		return true
	}
	return false
}

func unloadOf(g *StreamGroup, kind byte, name []byte) {
	if kind == pendingRow {
		g.Ack(stream.ReadKey(name))
		return
	}
	if c := g.Consumer(name); c != nil {
		g.RemoveConsumer(c)
	}
}

// lenStream returns the number of entries.
func (c *collection) lenStream() int {
	if l := c.log(); l != nil {
		return l.Len()
	}
	return 0
}
