package engine

import (
	"kvd/engine/ds/stream"
	"kvd/engine/slab"
	"kvd/internal/change"
)

// What a Stream is made of; see package stream.
type (
	// StreamID is the ID of an entry.
	StreamID = stream.ID
	// StreamCursor goes over entries.
	StreamCursor = stream.Cursor
	// StreamDirection is the order in which it does.
	StreamDirection = stream.Direction
	// StreamLimits say when a block of entries is full.
	StreamLimits = stream.Limits
	// StreamGroup is a consumer group.
	StreamGroup = stream.Group
	// StreamConsumer is a member of one.
	StreamConsumer = stream.Consumer
	// StreamPending is an entry that one got and has not acknowledged.
	StreamPending = stream.Pending
	// StreamTrim says which of the oldest entries are to go.
	StreamTrim = stream.Trim
)

// The directions of a StreamCursor.
const (
	StreamForward  = stream.Forward
	StreamBackward = stream.Backward
	// StreamUnknown stands for a number of entries read that cannot be told.
	StreamUnknown = stream.Unknown
)

// MaxStreamID is the greatest ID.
var MaxStreamID = stream.Max

// usualLimits are those of blocks that are made of stored rows.
var usualLimits = stream.Limits{Entries: 100, Bytes: 4096}

// Stream is the stream at a key, which may be missing. Groups, consumers and
// cursors that it gives are valid until its next change.
type Stream struct{ c collection }

// log is a native.
type log struct{ *stream.Stream }

// Clone implements native.
func (l log) Clone(h *slab.Heap) native { return log{l.Stream.Clone(h)} }

// Stream returns the stream at key. It fails with WRONGTYPE.
func (tx *Tx) Stream(key []byte) (s Stream, err error) {
	if s.c, err = tx.open(key, change.Stream); err == nil {
		s.c.fill()
	}
	return s, err
}

// PeekStream is Stream without noting an access.
func (tx *Tx) PeekStream(key []byte) (s Stream, err error) {
	if s.c, err = tx.peek(key, change.Stream); err == nil {
		s.c.fill()
	}
	return s, err
}

// fill makes the log of a stream that was loaded without an element.
func (c *collection) fill() {
	if c.exists() && !c.has(flagNative) {
		c.setNative(log{stream.New(c.heap())})
	}
}

// Exists reports whether there is such a key: a stream may be empty.
func (s *Stream) Exists() bool { return s.c.exists() }

// log returns the elements of a stream that exists; nil for a missing one.
func (s *Stream) log() *stream.Stream { return s.c.log() }

func (c *collection) log() *stream.Stream {
	if l, ok := c.native().(log); ok {
		return l.Stream
	}
	return nil
}

// Len returns the number of entries.
func (s *Stream) Len() int {
	if l := s.log(); l != nil {
		return l.Len()
	}
	return 0
}

// Last returns the greatest ID that was given out; 0-0 for a missing stream.
func (s *Stream) Last() StreamID {
	if l := s.log(); l != nil {
		return l.Last()
	}
	return StreamID{}
}

// Top returns the ID of the last entry; 0-0 if there is none.
func (s *Stream) Top() StreamID {
	if l := s.log(); l != nil {
		return l.Top()
	}
	return StreamID{}
}

// Has reports whether there is an entry with this ID.
func (s *Stream) Has(id StreamID) bool {
	l := s.log()
	return l != nil && l.Has(id)
}

// Range returns a cursor before the first entry from ID from to ID to, both of
// them included; backwards, that is the one with the greatest ID.
func (s *Stream) Range(from, to StreamID, dir StreamDirection) StreamCursor {
	return s.log().Range(from, to, dir)
}

// Count returns how many entries there are from ID from to ID to, up to most; 0
// is no limit.
func (s *Stream) Count(from, to StreamID, most int64) int64 { return s.log().Count(from, to, most) }

// Beyond returns about how many entries Trim would remove from a stream that
// exists.
func (s *Stream) Beyond(how StreamTrim) int64 { return s.log().Beyond(how) }

// Group returns the consumer group of a name, or nil.
func (s *Stream) Group(name []byte) *StreamGroup {
	if l := s.log(); l != nil {
		return l.Group(name)
	}
	return nil
}

// Groups returns the consumer groups by their names.
func (s *Stream) Groups() []*StreamGroup {
	if l := s.log(); l != nil {
		return l.Groups()
	}
	return nil
}

// Lag returns how many entries a group has not read yet; ok is false if that
// cannot be told.
func (s *Stream) Lag(g *StreamGroup) (lag int64, ok bool) { return s.log().Lag(g) }

// StreamState is what XINFO shows of a stream as a whole.
type StreamState struct {
	// First is the ID of the first entry, Last the greatest one given out and
	// MaxDeleted the greatest one deleted other than by trimming.
	First, Last, MaxDeleted StreamID
	// Added is how many entries were ever added.
	Added uint64
	// Blocks is how many blocks the entries are in, and Nodes how many nodes a
	// radix tree with their IDs has.
	Blocks, Nodes int
}

// State returns the state of a stream that exists.
func (s *Stream) State() StreamState {
	l := s.log()
	return StreamState{
		First: l.First(), Last: l.Last(), MaxDeleted: l.MaxDeleted(),
		Added: l.Added(), Blocks: l.Blocks(), Nodes: l.RadixNodes(),
	}
}

// Create makes an empty stream at a key that is missing. Event: new.
func (s *Stream) Create() {
	if !s.c.exists() {
		s.c.setNative(log{stream.New(s.c.heap())})
	}
}

// Add appends an entry to the stream, which is made if missing. fields are names
// and values in turn, and id must be above Last. Event: xadd.
func (s *Stream) Add(id StreamID, fields [][]byte, limits StreamLimits) {
	s.Create()
	l := s.log()
	l.Append(id, fields, limits)
	s.c.putRow(s.c.tx.entrySub(id), s.c.tx.entryValue(l.Added(), fields), 0)
	s.c.resized()
	s.c.changed(change.EventStream, "xadd")
	s.c.wake()
}

// Set sets the greatest ID given out, how many entries were ever added and the
// greatest ID deleted of a stream that exists. last must not be below the ID of
// an entry. Event: xsetid.
func (s *Stream) Set(last StreamID, added uint64, maxDeleted StreamID) {
	l := s.log()
	l.SetLast(last)
	l.SetAdded(added)
	l.SetMaxDeleted(maxDeleted)
	s.putState()
	s.event("xsetid")
}

// event records an event that, as in Redis, leaves those who watch the key alone.
func (s *Stream) event(name string) { s.c.tx.event(change.EventStream, name, s.c.key) }

// putState records what the rows of the entries do not tell.
func (s *Stream) putState() { s.c.putRow(stateSub, s.c.tx.stateValue(s.log()), 0) }
