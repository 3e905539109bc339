package stream

import (
	"encoding/binary"

	"kvd/engine/packed"
)

// A block is a cell with entries whose IDs follow each other. Its own ID, which
// the tree of blocks has, is that of its first entry, also after that was
// deleted. All numbers of the header are little-endian:
//
//	 0  live     uint32, entries
//	 4  dead     uint32, deleted entries, which stay until the block goes
//	 8  used     uint32, bytes of the block
//	12  size     uint32, bytes that its listpack would have, but for live and dead
//	16  last     the ID of its last entry, deleted or not
//	32  entries  uint32, where they begin
//	36  names    uint32, number of the field names
//	40  the field names of the first entry, as items of package packed
//
// An entry is
//
//	flags    byte
//	id       two varints: the milliseconds after those of the block's ID, and the
//	         number, counted from that of the block's ID if they are the same
//	names    varint, number of fields, unless flagSame
//	items    name and value in turn, or the values only with flagSame
//	length   of all before it, written so that it can be read backwards
type block []byte

const (
	blockHeader = 40

	flagDead = 1 // the entry was deleted
	flagSame = 2 // its field names are those of the block
)

func (b block) u32(at int) int    { return int(binary.LittleEndian.Uint32(b[at:])) }
func (b block) setU32(at, v int)  { binary.LittleEndian.PutUint32(b[at:], uint32(v)) }
func (b block) live() int         { return b.u32(0) }
func (b block) setLive(n int)     { b.setU32(0, n) }
func (b block) dead() int         { return b.u32(4) }
func (b block) setDead(n int)     { b.setU32(4, n) }
func (b block) used() int         { return b.u32(8) }
func (b block) setUsed(n int)     { b.setU32(8, n) }
func (b block) size() int         { return b.u32(12) }
func (b block) setSize(n int)     { b.setU32(12, n) }
func (b block) entries() int      { return b.u32(32) }
func (b block) setEntries(at int) { b.setU32(32, at) }
func (b block) names() int        { return b.u32(36) }
func (b block) setNames(n int)    { b.setU32(36, n) }
func (b block) count() int        { return b.live() + b.dead() }

// listpack returns the bytes that the block would have as a listpack.
func (b block) listpack() int {
	return b.size() + packedInt(int64(b.live())) + packedInt(int64(b.dead()))
}

// kill marks an entry as deleted.
func (b block) kill(e entry) {
	b[e.at] |= flagDead
	b.setLive(b.live() - 1)
	b.setDead(b.dead() + 1)
}

func (b block) last() ID {
	return ID{binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])}
}

func (b block) setLast(id ID) {
	binary.LittleEndian.PutUint64(b[16:], id.MS)
	binary.LittleEndian.PutUint64(b[24:], id.Seq)
}

// blockRoom returns the bytes of a block with one entry.
func blockRoom(fields [][]byte) int {
	n := blockHeader + 3 + binary.MaxVarintLen32
	for _, f := range fields {
		n += packed.Size(len(f))
	}
	return n
}

// begin writes the header of a block for an entry with these fields.
func (b block) begin(fields [][]byte) {
	clear(b[:blockHeader])
	at := blockHeader
	size := listpackEnds + packedInt(int64(len(fields)/2)) + packedInt(0)
	for i := 0; i < len(fields); i += 2 {
		at = packed.Put(b, at, fields[i])
		size += packedString(fields[i])
	}
	b.setEntries(at)
	b.setUsed(at)
	b.setNames(len(fields) / 2)
	b.setSize(size)
}

// sameNames reports whether the names of fields are those of the block.
func (b block) sameNames(fields [][]byte) bool {
	if len(fields)/2 != b.names() {
		return false
	}
	at := blockHeader
	for i := 0; i < len(fields); i += 2 {
		var name []byte
		if name, at = packed.Read(b, at); string(name) != string(fields[i]) {
			return false
		}
	}
	return true
}

// full reports whether an entry needs another block, as where
// redis-server begins another listpack.
func (b block) full(fields [][]byte, limits Limits) bool {
	most := limits.Bytes
	if most <= 0 || most > maxListpack {
		most = maxListpack
	}
	n := b.listpack()
	for _, f := range fields {
		n += len(f)
	}
	return int64(n) >= most || limits.Entries > 0 && int64(b.count()) >= limits.Entries
}

// entryRoom is the most bytes that an entry takes.
func entryRoom(fields [][]byte) int {
	n := 1 + 3*binary.MaxVarintLen64 + binary.MaxVarintLen32
	for _, f := range fields {
		n += packed.Size(len(f))
	}
	return n
}

// add writes an entry after the others; there must be room. base is the block's
// ID.
func (b block) add(base, id ID, fields [][]byte) {
	from := b.used()
	same := b.sameNames(fields)
	b[from] = 0
	at := from + 1
	ms, seq := id.MS-base.MS, id.Seq
	if ms == 0 {
		seq -= base.Seq
	}
	at += binary.PutUvarint(b[at:], ms)
	at += binary.PutUvarint(b[at:], seq)
	size := packedInt(0) + packedInt(int64(ms)) + packedInt(int64(id.Seq-base.Seq))

	step, pieces := 1, len(fields)/2+3
	if same {
		b[from] = flagSame
		step = 2
	} else {
		at += binary.PutUvarint(b[at:], uint64(len(fields)/2))
		size += packedInt(int64(len(fields) / 2))
		pieces += len(fields)/2 + 1
	}
	for i := step - 1; i < len(fields); i += step {
		at = packed.Put(b, at, fields[i])
		size += packedString(fields[i])
	}
	size += packedInt(int64(pieces))

	b.setUsed(putBackwards(b, at, at-from))
	b.setSize(b.size() + size)
	b.setLive(b.live() + 1)
	b.setLast(id)
}

// putBackwards writes n so that it can be read from its end, and returns that.
func putBackwards(b []byte, at, n int) int {
	for top := n >> 7; top > 0; top >>= 7 {
		at++
	}
	end := at + 1
	for ; ; at-- {
		b[at] = byte(n & 0x7f)
		if n >>= 7; n == 0 {
			return end
		}
		b[at] |= 0x80
	}
}

// readBackwards reads what putBackwards has written up to end, and returns where
// it begins.
func readBackwards(b []byte, end int) (n, at int) {
	for shift := 0; ; shift += 7 {
		end--
		n |= int(b[end]&0x7f) << shift
		if b[end]&0x80 == 0 {
			return n, end
		}
	}
}

// entry is where an entry of a block is.
type entry struct {
	id    ID
	at    int // its flags
	items int // its first item
	pairs int // fields
	dead  bool
	same  bool
}

// read returns the entry that begins at at. base is the block's ID.
func (b block) read(base ID, at int) entry {
	e := entry{at: at, dead: b[at]&flagDead != 0, same: b[at]&flagSame != 0, pairs: -1}
	at++
	ms, n := binary.Uvarint(b[at:])
	at += n
	seq, n := binary.Uvarint(b[at:])
	at += n
	if ms == 0 {
		seq += base.Seq
	}
	e.id = ID{base.MS + ms, seq}
	if e.same {
		e.pairs = b.names()
	} else {
		pairs, n := binary.Uvarint(b[at:])
		e.pairs = int(pairs)
		at += n
	}
	e.items = at
	return e
}

// end returns where the entry after e begins.
func (b block) end(e entry) int {
	items := e.pairs
	if !e.same {
		items *= 2
	}
	at := e.items
	for range items {
		_, at = packed.Read(b, at)
	}
	for n := (at - e.at) >> 7; n > 0; n >>= 7 {
		at++
	}
	return at + 1
}

// find returns the entry of an ID, deleted or not.
func (b block) find(base, id ID) (e entry, ok bool) {
	for at := b.entries(); at < b.used(); at = b.end(e) {
		if e = b.read(base, at); !e.id.Less(id) {
			return e, e.id == id
		}
	}
	return entry{}, false
}
