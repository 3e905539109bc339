package stream

import (
	"slices"
	"sort"
)

// Unknown stands for a number of entries read that cannot be told.
const Unknown = -1

// Group is a consumer group.
type Group struct {
	Name string
	// Last is the ID of the last entry that was delivered.
	Last ID
	// Read is how many entries up to Last were ever added to the stream, or
	// Unknown.
	Read int64

	memory  *memory
	pending tree // see pendingData
	// oldest is not after the time at which any pending entry was delivered.
	oldest    int64
	consumers []*Consumer
	numbers   []*Consumer // by the number that pending entries have
	spare     []uint32    // numbers
}

// Consumer is a member of a group.
type Consumer struct {
	Name string
	// Seen is when the consumer last asked for something, in unix milliseconds.
	Seen int64

	number  uint32
	pending tree // the IDs of its pending entries
}

const (
	groupBytes    = 200 // what a group takes beside its lists
	consumerBytes = 120
)

// Group returns the group of a name, or nil.
func (s *Stream) Group(name []byte) *Group {
	if i, ok := s.groupAt(name); ok {
		return s.groups[i]
	}
	return nil
}

// Groups returns the groups by their names. The slice is the stream's own.
func (s *Stream) Groups() []*Group { return s.groups }

func (s *Stream) groupAt(name []byte) (i int, ok bool) {
	i = sort.Search(len(s.groups), func(i int) bool { return s.groups[i].Name >= string(name) })
	return i, i < len(s.groups) && s.groups[i].Name == string(name)
}

// AddGroup returns the group of a name, a new one if there is none.
func (s *Stream) AddGroup(name []byte) *Group {
	i, ok := s.groupAt(name)
	if !ok {
		g := &Group{Name: string(name), Read: Unknown, memory: &s.memory, pending: tree{width: IDSize + pendingData}}
		s.groups = slices.Insert(s.groups, i, g)
		s.memory.bytes += groupBytes + len(name)
	}
	return s.groups[i]
}

// RemoveGroup removes the group of a name, with its consumers, and reports
// whether there was one.
func (s *Stream) RemoveGroup(name []byte) bool {
	i, ok := s.groupAt(name)
	if ok {
		s.groups[i].free()
		s.groups = slices.Delete(s.groups, i, i+1)
	}
	return ok
}

// Consumer returns the consumer of a name, or nil.
func (g *Group) Consumer(name []byte) *Consumer {
	if i, ok := g.consumerAt(name); ok {
		return g.consumers[i]
	}
	return nil
}

// Consumers returns the consumers by their names. The slice is the group's own.
func (g *Group) Consumers() []*Consumer { return g.consumers }

func (g *Group) consumerAt(name []byte) (i int, ok bool) {
	i = sort.Search(len(g.consumers), func(i int) bool { return g.consumers[i].Name >= string(name) })
	return i, i < len(g.consumers) && g.consumers[i].Name == string(name)
}

// AddConsumer returns the consumer of a name, a new one if there is none.
func (g *Group) AddConsumer(name []byte) *Consumer {
	i, ok := g.consumerAt(name)
	if ok {
		return g.consumers[i]
	}
	c := &Consumer{Name: string(name), pending: tree{width: IDSize}}
	if n := len(g.spare); n > 0 {
		c.number = g.spare[n-1]
		g.spare = g.spare[:n-1]
		g.numbers[c.number] = c
	} else {
		c.number = uint32(len(g.numbers))
		g.numbers = append(g.numbers, c)
	}
	g.consumers = slices.Insert(g.consumers, i, c)
	g.memory.bytes += consumerBytes + len(name)
	return c
}

// RemoveConsumer removes a consumer of the group with its pending entries.
func (g *Group) RemoveConsumer(c *Consumer) {
	for at := (spot{}); c.pending.has(at); at = c.pending.after(at) {
		id, _ := c.pending.record(g.memory, at)
		g.pending.remove(g.memory, id)
	}
	c.pending.clear(g.memory)
	i, _ := g.consumerAt([]byte(c.Name))
	g.consumers = slices.Delete(g.consumers, i, i+1)
	g.numbers[c.number] = nil
	g.spare = append(g.spare, c.number)
	g.memory.bytes -= consumerBytes + len(c.Name)
}

// free gives the memory of the group back.
func (g *Group) free() {
	g.pending.clear(g.memory)
	for _, c := range g.consumers {
		c.pending.clear(g.memory)
		g.memory.bytes -= consumerBytes + len(c.Name)
	}
	g.memory.bytes -= groupBytes + len(g.Name)
	g.consumers, g.numbers, g.spare = nil, nil, nil
}

// clone copies the group into other memory.
func (g *Group) clone(to *memory) *Group {
	c := *g
	c.memory = to
	c.pending = g.pending.clone(g.memory, to)
	c.spare = slices.Clone(g.spare)
	c.consumers = make([]*Consumer, len(g.consumers))
	c.numbers = make([]*Consumer, len(g.numbers))
	to.bytes += groupBytes + len(g.Name)
	for i, old := range g.consumers {
		fresh := *old
		fresh.pending = old.pending.clone(g.memory, to)
		c.consumers[i], c.numbers[fresh.number] = &fresh, &fresh
		to.bytes += consumerBytes + len(fresh.Name)
	}
	return &c
}
