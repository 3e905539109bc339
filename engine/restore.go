package engine

import (
	"math"

	"kvd/internal/change"
)

// Restore puts a new value in place of whatever key holds: fill makes it, with
// the handle of one type, and must leave a key. Then the key expires at exp.
// Events: new, restore; none for what fill does.
func (tx *Tx) Restore(key []byte, exp Expiry, fill func()) {
	tx.find(key) // an expired key has its own event
	recorded := tx.events
	tx.events = 0
	tx.Discard(key)
	fill()
	tx.events = recorded
	tx.event(change.EventNew, "new", key)
	if f, ok := tx.find(key); ok && exp > 0 {
		tx.setDeadline(f, key, int64(exp))
	}
	tx.event(change.EventGeneric, "restore", key)
}

// SetIdle has a key count as not used for so many milliseconds. It does nothing
// under an LFU policy.
func (tx *Tx) SetIdle(key []byte, idle int64) {
	const longest = math.MaxInt32 * lruUnit
	if f, ok := tx.find(key); ok && !tx.engine.LFU() {
		f.setStamp(lruClock(tx.now - min(idle, longest)))
	}
}

// SetFrequency sets the access counter of a key. It does nothing but under an
// LFU policy.
func (tx *Tx) SetFrequency(key []byte, counter uint8) {
	if f, ok := tx.find(key); ok && tx.engine.LFU() {
		f.setStamp(lfuStamp(tx.now, counter))
	}
}

// Fields calls fn with every field, its value and when it expires until fn
// returns false. They are valid until the hash is changed, which fn must not do.
func (h *Hash) Fields(fn func(field, value []byte, at Expiry) bool) {
	h.each(func(field, value []byte, at int64) bool { return h.over(at) || fn(field, value, Expiry(at)) })
}

// StreamGroupState is all of a consumer group.
type StreamGroupState struct {
	Name      []byte
	Last      StreamID
	Read      int64 // or StreamUnknown
	Consumers []StreamConsumerState
	Pending   []StreamPendingState
}

// StreamConsumerState is a consumer. Seen is in unix milliseconds.
type StreamConsumerState struct {
	Name []byte
	Seen int64
}

// StreamPendingState is a pending entry. Delivered is in unix milliseconds, and
// Consumer an index of the group's.
type StreamPendingState struct {
	ID               StreamID
	Delivered, Count int64
	Consumer         int
}

// GroupState returns all of a group. Names are valid until the stream is
// changed.
func (s *Stream) GroupState(g *StreamGroup) StreamGroupState {
	state := StreamGroupState{Name: []byte(g.Name), Last: g.Last, Read: g.Read}
	index := make(map[*StreamConsumer]int)
	for i, who := range g.Consumers() {
		index[who] = i
		state.Consumers = append(state.Consumers, StreamConsumerState{Name: []byte(who.Name), Seen: who.Seen})
	}
	for p, ok := g.NextPending(nil, StreamID{}); ok; p, ok = g.AfterPending(nil, p.ID) {
		state.Pending = append(state.Pending, StreamPendingState{
			ID: p.ID, Delivered: p.Delivered, Count: p.Count, Consumer: index[p.Consumer],
		})
	}
	return state
}

// RestoreGroup makes a group that the stream, which exists, has not. It records
// no event: it is for the fill of Restore.
func (s *Stream) RestoreGroup(state *StreamGroupState) {
	g := s.log().AddGroup(state.Name)
	g.Last, g.Read = state.Last, state.Read
	s.putGroup(g)
	list := make([]*StreamConsumer, len(state.Consumers))
	for i, c := range state.Consumers {
		list[i] = g.AddConsumer(c.Name)
		list[i].Seen = c.Seen
		s.putConsumer(g, list[i])
	}
	for _, p := range state.Pending {
		s.setPending(g, StreamPending{ID: p.ID, Delivered: p.Delivered, Count: p.Count, Consumer: list[p.Consumer]})
	}
	s.c.resized()
}
