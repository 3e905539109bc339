package engine

import "kvd/engine/ds/stream"

// A StreamReader is a consumer that reads a group's entries. When a consumer was
// last seen is recorded when it gets entries, not at each look.
type StreamReader struct {
	Stream *Stream
	Group  *StreamGroup
	// Consumer is its name. It is made if missing, with an event.
	Consumer []byte
	// Count is the most entries it gets; 0 is all.
	Count int64
	// NoAck delivers entries that are not to be pending.
	NoAck bool
}

// CountNew returns how many entries New would deliver.
func (r *StreamReader) CountNew() int64 {
	from, ok := r.Group.Last.Next()
	if !ok {
		return 0
	}
	return r.Stream.Count(from, MaxStreamID, r.Count)
}

// New delivers entries that the group has not read and calls each with every one.
func (r *StreamReader) New(each func(*StreamCursor)) (n int64) {
	s := r.Stream
	from, ok := r.Group.Last.Next()
	if !ok {
		return 0
	}
	who := s.consumer(r.Group, r.Consumer)
	for c := s.Range(from, MaxStreamID, StreamForward); (r.Count == 0 || n < r.Count) && c.Next(); n++ {
		s.log().Advance(r.Group, c.ID())
		if !r.NoAck {
			s.setPending(r.Group, StreamPending{ID: c.ID(), Consumer: who, Delivered: s.c.tx.now, Count: 1})
		}
		each(&c)
	}
	if n > 0 {
		s.putGroup(r.Group)
		s.putConsumer(r.Group, who)
		s.c.resized()
	}
	return n
}

// CountOld returns how many entries Old would deliver.
func (r *StreamReader) CountOld(from StreamID) int {
	who := r.Group.Consumer(r.Consumer)
	if who == nil {
		return 0
	}
	return int(r.Group.CountPending(who, from, r.Count))
}

// Old delivers entries again that are pending for the consumer, from an ID on.
// It calls each with every ID and the entry, which is nil if it was removed from
// the stream.
func (r *StreamReader) Old(from StreamID, each func(StreamID, *StreamCursor)) {
	s := r.Stream
	who := s.consumer(r.Group, r.Consumer)
	n := int64(0)
	for p, ok := r.Group.NextPending(who, from); ok && (r.Count == 0 || n < r.Count); n++ {
		c := s.Range(p.ID, p.ID, StreamForward)
		if !c.Next() {
			each(p.ID, nil)
		} else {
			p.Delivered = s.c.tx.now
			p.Count++
			s.setPending(r.Group, p)
			each(p.ID, &c)
		}
		p, ok = r.Group.AfterPending(who, p.ID)
	}
	s.c.resized()
}

// Idle returns the entries that are pending since minIdle milliseconds or longer,
// the longest first, up to Count. Those that were removed from the stream are no
// longer pending then.
func (r *StreamReader) Idle(minIdle int64) (list []StreamPending) {
	s := r.Stream
	for _, p := range r.Group.Idle(s.c.tx.now - minIdle) {
		switch {
		case r.Count > 0 && int64(len(list)) == r.Count:
			return list
		case s.Has(p.ID):
			list = append(list, p)
		default:
			s.ack(r.Group, p.ID)
		}
	}
	return list
}

// Take takes over pending entries and calls each with every one and what was
// known of it before.
func (r *StreamReader) Take(list []StreamPending, each func(*StreamCursor, StreamPending)) {
	claim := StreamClaim{Stream: r.Stream, Group: r.Group, Consumer: r.Consumer, Delivered: r.Stream.c.tx.now, Retries: -1}
	for _, p := range list {
		if c, ok := claim.take(p); ok {
			each(&c, p)
		}
	}
	claim.end()
}

// StreamClaim takes pending entries over for a consumer, which is made if it is
// missing and gets some, with an event.
type StreamClaim struct {
	Stream   *Stream
	Group    *StreamGroup
	Consumer []byte
	// MinIdle is how long an entry must not have been delivered, in
	// milliseconds.
	MinIdle int64
	// Delivered is what counts as the time of its delivery now.
	Delivered int64
	// Retries is what counts as the number of its deliveries; -1 adds one.
	Retries int64
	// JustID does not count as a delivery.
	JustID bool
	// Force makes entries pending that are not.
	Force bool

	who *StreamConsumer // once it has got some
}

// end is called after the last entry.
func (t *StreamClaim) end() {
	if t.who != nil {
		t.Stream.putConsumer(t.Group, t.who)
	}
	t.Stream.c.resized()
}

// ByID takes over the entries of some IDs and calls each with every one. last is
// what the group has read at least.
func (t *StreamClaim) ByID(ids []StreamID, last StreamID, each func(*StreamCursor)) {
	if t.Group.Last.Less(last) {
		t.Group.Last = last
		t.Stream.putGroup(t.Group)
	}
	for _, id := range ids {
		p, ok := t.Group.Pending(id)
		if !ok {
			if !t.Force {
				continue
			}
			p = StreamPending{ID: id}
		}
		if t.tooFresh(p) && t.Stream.Has(id) {
			continue
		}
		if c, ok := t.take(p); ok {
			each(&c)
		}
	}
	t.end()
}

// tooFresh reports whether an entry was delivered to somebody not long enough
// ago.
func (t *StreamClaim) tooFresh(p StreamPending) bool {
	return t.MinIdle > 0 && p.Consumer != nil && t.Stream.c.tx.now-p.Delivered < t.MinIdle
}

// take takes one entry over. One that was removed from the stream is no longer
// pending.
func (t *StreamClaim) take(p StreamPending) (c StreamCursor, ok bool) {
	c = t.Stream.Range(p.ID, p.ID, StreamForward)
	if !c.Next() {
		t.Stream.ack(t.Group, p.ID)
		return c, false
	}
	if t.who == nil {
		t.who = t.Stream.consumer(t.Group, t.Consumer)
	}
	if p.Consumer == nil {
		p.Count = 1
	}
	p.Consumer, p.Delivered = t.who, t.Delivered
	switch {
	case t.Retries >= 0:
		p.Count = t.Retries
	case !t.JustID:
		p.Count++
	}
	t.Stream.setPending(t.Group, p)
	return c, true
}

// attempts is how many pending entries Scan looks at for each that it may return.
const attempts = 10

// Scan takes over pending entries from an ID on, up to count, and calls each with
// every one, and gone with the ID of those that were removed from the stream,
// which count too. It returns the ID at which to go on; 0-0 is the end.
func (t *StreamClaim) Scan(from StreamID, count int64, each func(*StreamCursor), gone func(StreamID)) (next StreamID) {
	p, ok := t.Group.NextPending(nil, from)
	for left := count * attempts; ok && left > 0 && count > 0; left-- {
		id := p.ID
		switch {
		case !t.Stream.Has(id):
			t.Stream.ack(t.Group, id)
			gone(id)
			count--
		case !t.tooFresh(p):
			c, _ := t.take(p)
			each(&c)
			count--
		}
		p, ok = t.Group.AfterPending(nil, id)
	}
	t.end()
	if !ok {
		return stream.ID{}
	}
	return p.ID
}
