package rdb

import (
	"encoding/binary"
	"slices"
)

// idSize is the length of the ID of an entry where it is two numbers, the
// highest byte first.
const idSize = 16

// The bits of the first number of a stream's entry.
const (
	entryDeleted    = 1 << 0
	entrySameFields = 1 << 1
)

// stream reads a stream: its entries in listpacks, its counters, its groups.
func (r *reader) stream(kind byte) *StreamValue {
	s := &StreamValue{}
	for range r.nodes() {
		r.streamNode(s)
		if r.bad {
			return s
		}
	}
	if r.number() != uint64(len(s.Entries)) {
		r.fail()
	}
	s.Last = r.streamID()
	first := StreamID{}
	if len(s.Entries) > 0 {
		first = s.Entries[0].ID
		if s.Last.Less(s.Entries[len(s.Entries)-1].ID) {
			r.fail()
		}
	}
	if kind == typeStream {
		s.EntriesAdded = uint64(len(s.Entries))
	} else {
		r.streamID() // the first entry, which is there
		s.MaxDeleted = r.streamID()
		s.EntriesAdded = r.number()
	}
	for range r.nodes() {
		g := r.group(kind, s, first)
		if r.bad {
			return s
		}
		s.Groups = append(s.Groups, g)
	}
	if !unique(len(s.Groups), func(i int) []byte { return s.Groups[i].Name }) {
		r.fail()
	}
	return s
}

// nodes reads a number of things of which there may be none.
func (r *reader) nodes() int {
	n := r.number()
	if !r.mayHold(n) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) streamID() StreamID {
	ms := r.number()
	return StreamID{MS: ms, Seq: r.number()}
}

// rawID reads an ID of fixed size.
func (r *reader) rawID() StreamID {
	b := r.take(idSize)
	if b == nil {
		return StreamID{}
	}
	return StreamID{MS: binary.BigEndian.Uint64(b), Seq: binary.BigEndian.Uint64(b[8:])}
}

// streamNode appends the entries of a listpack: the ID that those of the others
// are relative to comes before it; its first entry has the number of entries,
// of deleted ones, the names of most, and a zero.
func (r *reader) streamNode(s *StreamValue) {
	id := r.string()
	if len(id) != idSize {
		r.fail()
		return
	}
	base := StreamID{MS: binary.BigEndian.Uint64(id), Seq: binary.BigEndian.Uint64(id[8:])}
	p := r.listpack()
	valid, deleted := p.int(), p.int()
	names := p.strings(p.int())
	if p.int() != 0 || valid < 0 || deleted < 0 {
		r.fail()
	}
	for p.more() {
		entry, gone := p.streamEntry(base, names)
		switch {
		case r.bad:
			return
		case gone:
			deleted--
			continue
		}
		valid--
		last := StreamID{}
		if n := len(s.Entries); n > 0 {
			last = s.Entries[n-1].ID
		}
		if !last.Less(entry.ID) || len(entry.Fields) == 0 {
			r.fail()
			return
		}
		s.Entries = append(s.Entries, entry)
	}
	if valid != 0 || deleted != 0 {
		r.fail()
	}
}

// strings reads n entries.
func (p *packReader) strings(n int64) [][]byte {
	if n < 0 || n > int64(len(p.rest)) {
		p.r.fail()
		return nil
	}
	list := make([][]byte, 0, min(n, growth))
	for range n {
		list = append(list, p.string())
		if p.r.bad {
			return nil
		}
	}
	return list
}

// streamEntry reads an entry: flags, what its ID is above base, its names unless
// they are those of the node, its values, and the number of all these.
func (p *packReader) streamEntry(base StreamID, names [][]byte) (e Entry, gone bool) {
	flags := p.int()
	e.ID = StreamID{MS: base.MS + uint64(p.int()), Seq: base.Seq + uint64(p.int())}
	var parts int64
	if flags&entrySameFields != 0 {
		values := p.strings(int64(len(names)))
		parts = 3 + int64(len(values))
		for i, value := range values {
			e.Fields = append(e.Fields, names[i], value)
		}
	} else {
		n := p.int()
		if n < 0 || n > int64(len(p.rest)) {
			p.r.fail()
			return e, false
		}
		e.Fields = p.strings(2 * n)
		parts = 4 + 2*n
	}
	if p.int() != parts {
		p.r.fail()
	}
	return e, flags&entryDeleted != 0
}

// group reads a consumer group of a stream whose first entry is first.
func (r *reader) group(kind byte, s *StreamValue, first StreamID) Group {
	g := Group{Name: r.string(), Last: r.streamID()}
	if kind == typeStream {
		g.EntriesRead = s.readBefore(g.Last, first)
	} else {
		g.EntriesRead = int64(r.number())
	}
	for range r.nodes() {
		p := Pending{ID: r.rawID(), Delivered: int64(r.fixed()), Deliveries: r.number(), Consumer: -1}
		if n := len(g.Pending); n > 0 && !g.Pending[n-1].ID.Less(p.ID) {
			r.fail()
		}
		if r.bad {
			return g
		}
		g.Pending = append(g.Pending, p)
	}
	for range r.nodes() {
		r.consumer(kind, &g)
		if r.bad {
			return g
		}
	}
	if !unique(len(g.Consumers), func(i int) []byte { return g.Consumers[i].Name }) ||
		slices.ContainsFunc(g.Pending, func(p Pending) bool { return p.Consumer < 0 }) {
		r.fail()
	}
	return g
}

// consumer reads a consumer and makes what it has its own.
func (r *reader) consumer(kind byte, g *Group) {
	c := Consumer{Name: r.string(), Seen: int64(r.fixed())}
	c.Active = c.Seen
	if kind == typeStream3 {
		c.Active = int64(r.fixed())
	}
	for range r.nodes() {
		i, found := slices.BinarySearchFunc(g.Pending, r.rawID(), func(p Pending, id StreamID) int {
			switch {
			case p.ID.Less(id):
				return -1
			case id.Less(p.ID):
				return 1
			}
			return 0
		})
		if r.bad || !found || g.Pending[i].Consumer >= 0 {
			r.fail()
			return
		}
		g.Pending[i].Consumer = len(g.Consumers)
	}
	g.Consumers = append(g.Consumers, c)
}

// readBefore is the number of entries up to last, for a stream of an encoding
// that did not count them: known at its ends only.
func (s *StreamValue) readBefore(last, first StreamID) int64 {
	n := int64(len(s.Entries))
	switch {
	case n == 0:
		return 0
	case last == s.Last:
		return n
	case last == first:
		return 1
	case last.Less(first):
		return 0
	}
	return UnknownRead
}
