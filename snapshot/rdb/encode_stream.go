package rdb

import "encoding/binary"

// The size of a stream's listpack, by its bytes and by its entries.
const (
	streamNodeBytes   = 4096
	streamNodeEntries = 100
)

// stream writes a stream as redis-server 7.0 does.
func (w *writer) stream(s *StreamValue) {
	w.byte(typeStream2)
	w.streamEntries(s.Entries)
	w.length(uint64(len(s.Entries)))
	w.streamID(s.Last)
	if len(s.Entries) > 0 {
		w.streamID(s.Entries[0].ID)
	} else {
		w.streamID(StreamID{})
	}
	w.streamID(s.MaxDeleted)
	w.length(s.EntriesAdded)
	w.length(uint64(len(s.Groups)))
	for i := range s.Groups {
		w.group(&s.Groups[i])
	}
}

// streamEntries writes the number of listpacks and these.
func (w *writer) streamEntries(entries []Entry) {
	nodes := 0
	body := writer{lzf: w.lzf}
	for len(entries) > 0 {
		entries = entries[body.streamNode(entries):]
		nodes++
	}
	w.length(uint64(nodes))
	w.raw(body.dst)
	w.lzf = body.lzf
}

// streamNode writes a listpack of entries from the front of a list and returns
// how many. Their IDs are relative to that of the first, whose names the others
// need not repeat.
func (w *writer) streamNode(entries []Entry) (n int) {
	base, master := entries[0].ID, entries[0].Fields
	p := &w.pack
	p.reset()
	p.addInt(0) // the number of entries, which is small
	p.addInt(0)
	p.addInt(int64(len(master) / 2))
	for i := 0; i < len(master); i += 2 {
		p.add(master[i])
	}
	p.addInt(0)
	for n < len(entries) && n < streamNodeEntries && (n == 0 || len(p.b)+1+fieldBytes(entries[n].Fields) < streamNodeBytes) {
		p.streamEntry(entries[n], base, master)
		n++
	}
	p.b[packHeader] = byte(n)
	w.string(base.append(nil))
	w.packed()
	return n
}

func fieldBytes(fields [][]byte) (n int) {
	for _, f := range fields {
		n += len(f)
	}
	return n
}

func (p *pack) streamEntry(e Entry, base StreamID, master [][]byte) {
	same := sameNames(e.Fields, master)
	flags, parts := int64(0), 4+len(e.Fields)
	if same {
		flags, parts = entrySameFields, 3+len(e.Fields)/2
	}
	p.addInt(flags)
	p.addInt(int64(e.ID.MS - base.MS))
	p.addInt(int64(e.ID.Seq - base.Seq))
	if !same {
		p.addInt(int64(len(e.Fields) / 2))
	}
	for i, f := range e.Fields {
		if !same || i%2 == 1 {
			p.add(f)
		}
	}
	p.addInt(int64(parts))
}

// sameNames reports whether two entries have the same names.
func sameNames(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i += 2 {
		if string(a[i]) != string(b[i]) {
			return false
		}
	}
	return true
}

func (w *writer) streamID(id StreamID) {
	w.length(id.MS)
	w.length(id.Seq)
}

// append appends an ID in its fixed size.
func (id StreamID) append(dst []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, id.MS), id.Seq)
}

func (w *writer) group(g *Group) {
	w.string(g.Name)
	w.streamID(g.Last)
	w.length(uint64(g.EntriesRead))
	w.length(uint64(len(g.Pending)))
	for _, p := range g.Pending {
		w.dst = p.ID.append(w.dst)
		w.fixed(uint64(p.Delivered))
		w.length(p.Deliveries)
	}
	owned := make([][]Pending, len(g.Consumers))
	for _, p := range g.Pending {
		owned[p.Consumer] = append(owned[p.Consumer], p)
	}
	w.length(uint64(len(g.Consumers)))
	for i, c := range g.Consumers {
		w.string(c.Name)
		w.fixed(uint64(c.Seen))
		w.length(uint64(len(owned[i])))
		for _, p := range owned[i] {
			w.dst = p.ID.append(w.dst)
		}
	}
}
