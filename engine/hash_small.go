package engine

import (
	"encoding/binary"

	"kvd/engine/packed"
)

// smallHash is a hash in its entry's cell. Most are plain:
//
//	0  plainForm
//	1  fields, each the field and its value, packed
//
// One of which a field has ever been given an expiry is timed:
//
//	 0  timedForm
//	 1  its place in the shard's queue, uint32
//	 5  when the first field expires, int64 in unix milliseconds; 0: none does
//	13  fields, each the field and its value, packed, and when it expires, int64
//
// There are no bytes at all if there is no key.
type smallHash []byte

const (
	plainForm   = 0
	timedForm   = 1
	plainHeader = 1
	timedHeader = 13
	placeAt     = 1
	firstAt     = 5
	expirySize  = 8
)

// fieldSpan is where something stands in a blob: from the first offset up to the
// second.
type fieldSpan struct{ from, to int }

func (s fieldSpan) size() int { return s.to - s.from }

// timed reports whether there is room for the expiry of each field.
func (b smallHash) timed() bool { return len(b) > 0 && b[0] == timedForm }

// start is the offset of the first field.
func (b smallHash) start() int {
	if b.timed() {
		return timedHeader
	}
	return plainHeader
}

// skip returns the offset after the field at offset at.
func (b smallHash) skip(at int) int {
	_, at = packed.Read(b, at)
	_, at = packed.Read(b, at)
	if b.timed() {
		at += expirySize
	}
	return at
}

func (b smallHash) len() (n int) {
	for at := b.start(); at < len(b); at = b.skip(at) {
		n++
	}
	return n
}

// read returns the field at offset at.
func (b smallHash) read(at int) (field []byte, f hashField) {
	f.place.from = at
	field, at = packed.Read(b, at)
	f.value, at = packed.Read(b, at)
	if b.timed() {
		f.at = int64(binary.LittleEndian.Uint64(b[at:]))
		at += expirySize
	}
	f.place.to = at
	return field, f
}

func (b smallHash) find(field []byte) (hashField, bool) {
	for at := b.start(); at < len(b); {
		item, next := packed.Read(b, at)
		if string(item) == string(field) {
			_, f := b.read(at)
			return f, true
		}
		if _, at = packed.Read(b, next); b.timed() {
			at += expirySize
		}
	}
	return hashField{}, false
}

// write puts a field at offset at, where there is room for it.
func (b smallHash) write(at int, field, value []byte, expire int64) {
	at = packed.Put(b, at, field)
	at = packed.Put(b, at, value)
	if b.timed() {
		b.putInt(at, expire)
	}
}

// fieldSize is how many bytes a field takes.
func fieldSize(field, value []byte, timed bool) int {
	n := packed.Size(len(field)) + packed.Size(len(value))
	if timed {
		n += expirySize
	}
	return n
}

func (b smallHash) putInt(at int, n int64) { binary.LittleEndian.PutUint64(b[at:], uint64(n)) }

// writeHeader begins a blob without fields.
func (b smallHash) writeHeader(timed bool) {
	b[0] = plainForm
	if timed {
		b[0] = timedForm
		b.setPlace(notQueued)
		b.putInt(firstAt, 0)
	}
}

// place is the hash's place in the queue of those with fields that expire.
func (b smallHash) place() uint32 {
	if !b.timed() {
		return notQueued
	}
	return number(b[placeAt:])
}

func (b smallHash) setPlace(place uint32) {
	if b.timed() {
		putNumber(b[placeAt:], place)
	}
}

// first is when the first field expires; 0: none does.
func (b smallHash) first() int64 {
	if !b.timed() {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(b[firstAt:]))
}

// retime brings first up to date.
func (b smallHash) retime() {
	if !b.timed() {
		return
	}
	first := int64(0)
	for at := b.start(); at < len(b); {
		_, f := b.read(at)
		if f.at != 0 && (first == 0 || f.at < first) {
			first = f.at
		}
		at = f.place.to
	}
	b.putInt(firstAt, first)
}

// withTimes returns a timed copy of a plain blob, in memory that lasts until the
// commit.
func (tx *Tx) withTimes(b smallHash) smallHash {
	timed := smallHash(tx.blank(len(b) - plainHeader + timedHeader + b.len()*expirySize))
	timed.writeHeader(true)
	to := timedHeader
	for at := b.start(); at < len(b); {
		next := b.skip(at)
		to += copy(timed[to:], b[at:next])
		timed.putInt(to, 0)
		to, at = to+expirySize, next
	}
	return timed
}
