package stream

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// What belongs to the ID of a pending entry: the number of its consumer, when it
// was delivered and how often.
const pendingData = 4 + 8 + 8

// Pending is an entry that was delivered and not acknowledged.
type Pending struct {
	ID       ID
	Consumer *Consumer
	// Delivered is when it was last delivered, in unix milliseconds.
	Delivered int64
	// Count is how often it was delivered.
	Count int64
}

func (g *Group) decode(id ID, data []byte) Pending {
	return Pending{
		ID: id, Consumer: g.numbers[binary.LittleEndian.Uint32(data)],
		Delivered: int64(binary.LittleEndian.Uint64(data[4:])), Count: int64(binary.LittleEndian.Uint64(data[12:])),
	}
}

// PendingLen returns the number of pending entries.
func (g *Group) PendingLen() int { return g.pending.n }

// PendingLen returns the number of pending entries of the consumer.
func (c *Consumer) PendingLen() int { return c.pending.n }

// Pending returns the pending entry of an ID.
func (g *Group) Pending(id ID) (p Pending, ok bool) {
	data, ok := g.pending.get(g.memory, id)
	if !ok {
		return Pending{}, false
	}
	return g.decode(id, data), true
}

// SetPending makes p pending, or changes it if it is; p.Consumer must be one of
// the group's.
func (g *Group) SetPending(p Pending) {
	data, added := g.pending.put(g.memory, p.ID)
	if old := binary.LittleEndian.Uint32(data); !added && old != p.Consumer.number {
		g.numbers[old].pending.remove(g.memory, p.ID)
		added = true
	}
	if added {
		p.Consumer.pending.put(g.memory, p.ID)
	}
	if g.pending.n == 1 || p.Delivered < g.oldest {
		g.oldest = p.Delivered
	}
	binary.LittleEndian.PutUint32(data, p.Consumer.number)
	binary.LittleEndian.PutUint64(data[4:], uint64(p.Delivered))
	binary.LittleEndian.PutUint64(data[12:], uint64(p.Count))
}

// Ack makes an entry no longer pending and reports whether it was.
func (g *Group) Ack(id ID) bool {
	p, ok := g.Pending(id)
	if ok {
		p.Consumer.pending.remove(g.memory, id)
		g.pending.remove(g.memory, id)
	}
	return ok
}

// NextPending returns the first pending entry of the group, or of one of its
// consumers if c is not nil, whose ID is not below id.
func (g *Group) NextPending(c *Consumer, id ID) (p Pending, ok bool) {
	list := &g.pending
	if c != nil {
		list = &c.pending
	}
	at, _ := list.seek(g.memory, id)
	if !list.has(at) {
		return Pending{}, false
	}
	id, data := list.record(g.memory, at)
	if c != nil {
		return g.Pending(id)
	}
	return g.decode(id, data), true
}

// AfterPending is NextPending for IDs above id.
func (g *Group) AfterPending(c *Consumer, id ID) (p Pending, ok bool) {
	if id, ok = id.Next(); !ok {
		return Pending{}, false
	}
	return g.NextPending(c, id)
}

// CountPending returns how many entries are pending for a consumer from an ID on,
// up to most; 0 is no limit.
func (g *Group) CountPending(c *Consumer, from ID, most int64) (n int64) {
	at, _ := c.pending.seek(g.memory, from)
	for ; c.pending.has(at) && (most == 0 || n < most); at = (spot{at.leaf + 1, 0}) {
		n += int64(c.pending.leaves[at.leaf].n) - int64(at.pos)
	}
	if most > 0 {
		n = min(n, most)
	}
	return n
}

// LastPending returns the pending entry with the greatest ID.
func (g *Group) LastPending() (p Pending, ok bool) {
	if g.pending.n == 0 {
		return Pending{}, false
	}
	id, data := g.pending.record(g.memory, g.pending.last())
	return g.decode(id, data), true
}

// HasIdle reports whether some pending entry may have been delivered at time at
// or before it, in unix milliseconds: then Idle looks at all of them.
func (g *Group) HasIdle(at int64) bool { return g.pending.n > 0 && g.oldest <= at }

// Idle returns the pending entries that were delivered at time at or before it,
// those that were delivered first before others.
func (g *Group) Idle(at int64) (list []Pending) {
	if !g.HasIdle(at) {
		return nil
	}
	g.oldest = math.MaxInt64
	for i := (spot{}); g.pending.has(i); i = g.pending.after(i) {
		p := g.decode(g.pending.record(g.memory, i))
		g.oldest = min(g.oldest, p.Delivered)
		if p.Delivered <= at {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b Pending) int { return cmp.Compare(a.Delivered, b.Delivered) })
	return list
}
