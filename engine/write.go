package engine

import (
	"bytes"
	"encoding/binary"

	"kvd/engine/slab"
	"kvd/internal/change"
)

// content is what write stores under a key.
type content struct {
	kind  change.Type
	flags byte // flagRaw, flagCold, flagNative
	// value is the value; of a collection it begins with the ID, and with
	// flagNative that is all.
	value []byte
	// blob holds the value if that is large and comes from another entry: it
	// goes from one to the other whole.
	blob *Blob
	// coldLen is the length of a value that is on disk only (flagCold).
	coldLen int
	// native is where the elements are (flagNative).
	native housed
	// at is when the key expires, in unix milliseconds; 0: never.
	at    int64
	stamp uint32
	epoch uint32
}

// large returns the value as a large one.
func (c *content) large() *Blob {
	if c.blob != nil {
		return c.blob
	}
	return &Blob{data: c.value, tail: cachedTail(c.kind, c.value)}
}

// layout is the shape of an entry: what its flags and lengths say.
type layout struct {
	flags    byte
	keyLen   int
	inCell   int // bytes of the value in the cell
	valueLen int
}

func layoutOf(key []byte, c content) layout {
	l := layout{flags: c.flags, keyLen: len(key), inCell: len(c.value), valueLen: len(c.value)}
	if c.at != 0 {
		l.flags |= flagExpires
	}
	if len(key) >= longKey {
		l.flags |= flagLongKey
		l.keyLen = numberSize
	}
	switch {
	case c.flags&flagCold != 0:
		l.inCell, l.valueLen = 0, c.coldLen
	case c.flags&flagNative != 0:
		l.inCell = idSize + numberSize
		l.valueLen = l.inCell
	case len(c.value) >= Large:
		l.flags |= flagLarge
		l.inCell = numberSize
	}
	return l
}

func (l layout) size() int {
	return headerSize + int(l.flags&flagExpires)*deadlineSize + l.keyLen + l.inCell
}

// write stores c under key. old is the reference of the key's present entry, or
// 0. A value of Large bytes or more is kept, not copied. It reports whether the
// memory in use changed.
func (s *shard) write(db int, hash, old uint64, key []byte, c content) (resized bool) {
	want := layoutOf(key, c)
	if c.kind == change.Cached {
		s.countTags(c.value, db, 1)
	}
	if old == 0 {
		s.insert(db, hash, key, want, c)
		return true
	}
	e := s.entry(old)
	const shape = flagExpires | flagLarge | flagCold | flagNative
	same := (e[1]^want.flags)&shape == 0 && slab.Size(e.size()) == slab.Size(want.size())
	if !same {
		s.reinsert(db, hash, old, want, c)
		return true
	}
	s.unqueueFields(e)
	s.uncountTags(e, db)
	e.setValueLen(want.valueLen)
	s.fill(e, db, old, want, c)
	s.queueFields(e, db, old)
	return want.flags&flagLarge != 0
}

// insert makes the entry of a new key.
func (s *shard) insert(db int, hash uint64, key []byte, want layout, c content) {
	r, cell := s.arena.Alloc(want.size())
	ref, e := uint64(r), entry(cell)
	writeHeader(e, want, c)
	if want.flags&flagLongKey != 0 {
		putNumber(e[e.keyAt():], s.large.add(&Blob{data: bytes.Clone(key)}))
	} else {
		copy(e[e.keyAt():], key)
	}
	s.attach(e, db, ref, want, c)
	s.place(db, hash, 0, ref)
}

// reinsert moves an entry into a cell of another shape.
func (s *shard) reinsert(db int, hash, old uint64, want layout, c content) {
	r, cell := s.arena.Alloc(want.size())
	ref, e, was := uint64(r), entry(cell), s.entry(old)
	elements := s.natives.of(was)
	writeHeader(e, want, c)
	copy(e[e.keyAt():], was.keyBytes())
	s.detach(was, db)
	s.attach(e, db, ref, want, c)
	s.place(db, hash, old, ref)
	s.arena.Free(slab.Ref(old))
	if elements.native != c.native.native {
		s.engine.release(elements)
	}
}

func writeHeader(e entry, want layout, c content) {
	e[0] = byte(c.kind)
	e[1] = want.flags
	binary.LittleEndian.PutUint16(e[2:], uint16(want.keyLen))
	e.setValueLen(want.valueLen)
	e.setStamp(c.stamp)
	e.setEpoch(c.epoch)
}

// attach gives a new cell its value and its place in the expiry queue.
func (s *shard) attach(e entry, db int, ref uint64, want layout, c content) {
	d := &s.dbs[db]
	if want.flags&flagCold != 0 {
		d.cold++
	}
	switch {
	case want.flags&flagLarge != 0:
		putNumber(e.valueBytes(), s.large.add(c.large()))
	case want.flags&flagNative != 0:
		copy(e.valueBytes(), c.value)
		putNumber(e.valueBytes()[idSize:], s.natives.add(c.native))
	default:
		copy(e.valueBytes(), c.value)
	}
	if c.at != 0 {
		d.expires++
		s.deadlines.add(newDeadline(c.at, db, ref))
		s.noteDeadline()
	}
	s.queueFields(e, db, ref)
}

// detach takes from a cell what it has outside itself, but for a long key.
func (s *shard) detach(e entry, db int) {
	s.unqueueFields(e)
	s.uncountTags(e, db)
	d := &s.dbs[db]
	if e.has(flagCold) {
		d.cold--
	}
	if e.has(flagLarge) {
		s.large.remove(number(e.valueBytes()))
	}
	if e.has(flagNative) {
		s.natives.remove(number(e.valueBytes()[idSize:]))
	}
	if e.has(flagExpires) {
		d.expires--
		s.deadlines.remove(e.deadline())
		s.noteDeadline()
	}
}

// fill changes the content of a cell whose shape stays.
func (s *shard) fill(e entry, db int, ref uint64, want layout, c content) {
	e[0] = byte(c.kind)
	e[1] = e[1]&^flagRaw | want.flags&flagRaw
	e.setStamp(c.stamp)
	e.setEpoch(c.epoch)
	switch {
	case want.flags&flagLarge != 0:
		s.large.replace(number(e.valueBytes()), c.large())
	case want.flags&flagNative != 0:
		copy(e.valueBytes(), c.value)
		if was := s.natives.of(e); was.native != c.native.native {
			s.natives.replace(number(e.valueBytes()[idSize:]), c.native)
			s.engine.release(was)
		}
	default:
		copy(e.valueBytes(), c.value)
	}
	if c.at != 0 && s.deadlines.items[e.deadline()].at != c.at {
		s.deadlines.update(e.deadline(), newDeadline(c.at, db, ref))
		s.noteDeadline()
	}
}

// drop removes a key's entry from its index and frees it.
func (s *shard) drop(db int, hash, ref uint64) {
	s.dbs[db].index.Delete(hash, ref)
	s.free(db, ref)
}

// free frees an entry that no index has, with all that it has outside its cell.
func (s *shard) free(db int, ref uint64) {
	e := s.entry(ref)
	elements := s.natives.of(e)
	s.detach(e, db)
	s.engine.release(elements)
	if e.has(flagLongKey) {
		s.large.remove(number(e.keyBytes()))
	}
	s.arena.Free(slab.Ref(ref))
}

// deadlineOf returns when an entry expires, in unix milliseconds; 0: never.
func (s *shard) deadlineOf(e entry) int64 {
	if !e.has(flagExpires) {
		return 0
	}
	return s.deadlines.items[e.deadline()].at
}

// value returns an entry's value, which must be in memory.
func (s *shard) value(e entry) String {
	if e.has(flagLarge) {
		b := s.large.get(number(e.valueBytes()))
		return String{bytes: b.data, blob: b}
	}
	return String{bytes: e.valueBytes()}
}
