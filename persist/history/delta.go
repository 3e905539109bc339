package history

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// A delta makes a content of a base, from front to back. Each step begins with a
// varint, the number of bytes above one bit:
//
//	copy    0, then where in the base the bytes begin, counted from the end of the
//	        bytes copied last, as a signed varint
//	insert  1, then the bytes
//
// So a document with one field changed is a copy, an insert and a copy, in some
// ten bytes, at a thousandth of what a compressor with a dictionary costs to set
// up.
const (
	stepInsert = 1
	// block is how many bytes two contents must have in common for a copy to be
	// found where they are not at the same end.
	block = 16
)

// errDelta says that bytes are not a delta of their base.
var errDelta = errors.New("the difference of a version does not fit its base")

// base is a content that deltas are made from, with an index of its blocks.
type base struct {
	content []byte
	blocks  map[uint64]int32 // hash of a block → where it begins; nil: not made yet
}

// appendDelta appends the delta that makes content of b.
func appendDelta(dst []byte, b *base, content []byte) []byte {
	w := deltaWriter{dst: dst}
	from := b.content
	head := commonPrefix(from, content)
	tail := commonSuffix(from[head:], content[head:])
	w.copy(0, head)
	w.middle(b, content[head:len(content)-tail])
	w.copy(len(from)-tail, tail)
	w.flush()
	return w.dst
}

// deltaWriter joins the steps of a delta.
type deltaWriter struct {
	dst     []byte
	last    int // where the last copy ended
	pending []byte
}

func (w *deltaWriter) copy(at, n int) {
	if n == 0 {
		return
	}
	w.flush()
	w.dst = binary.AppendUvarint(w.dst, uint64(n)<<1)
	w.dst = binary.AppendVarint(w.dst, int64(at-w.last))
	w.last = at + n
}

// flush writes the bytes that are to be inserted.
func (w *deltaWriter) flush() {
	if len(w.pending) == 0 {
		return
	}
	w.dst = binary.AppendUvarint(w.dst, uint64(len(w.pending))<<1|stepInsert)
	w.dst = append(w.dst, w.pending...)
	w.pending = nil
}

// middle writes what is between the ends that the contents have in common: it
// copies blocks that the base has anywhere.
func (w *deltaWriter) middle(b *base, part []byte) {
	done := 0
	for at := 0; at+block <= len(part); {
		from, ok := b.find(part[at:])
		if !ok {
			at++
			continue
		}
		back := commonSuffix(b.content[:from], part[done:at])
		n := commonPrefix(b.content[from:], part[at:])
		w.pending = part[done : at-back]
		w.copy(from-back, back+n)
		at += n
		done = at
	}
	w.pending = part[done:]
}

// find returns where the base has the first block of part.
func (b *base) find(part []byte) (at int, ok bool) {
	if b.blocks == nil {
		b.index()
	}
	from, ok := b.blocks[blockHash(part)]
	at = int(from)
	return at, ok && bytes.Equal(b.content[at:at+block], part[:block])
}

func (b *base) index() {
	b.blocks = make(map[uint64]int32, len(b.content)/block)
	for at := 0; at+block <= len(b.content); at += block {
		hash := blockHash(b.content[at:])
		if _, ok := b.blocks[hash]; !ok {
			b.blocks[hash] = int32(at)
		}
	}
}

func blockHash(b []byte) uint64 {
	const odd = 0x9E3779B97F4A7C15
	first, second := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return (first*odd ^ second) * odd
}

// apply appends what a delta makes of a base.
func apply(dst, base, delta []byte) ([]byte, error) {
	last := 0
	for len(delta) > 0 {
		step, size := binary.Uvarint(delta)
		if size <= 0 {
			return nil, errDelta
		}
		delta = delta[size:]
		n := step >> 1
		if step&stepInsert != 0 {
			if n > uint64(len(delta)) {
				return nil, errDelta
			}
			dst, delta = append(dst, delta[:n]...), delta[n:]
			continue
		}
		move, size := binary.Varint(delta)
		at := int64(last) + move
		if size <= 0 || at < 0 || at > int64(len(base)) || n > uint64(int64(len(base))-at) {
			return nil, errDelta
		}
		delta = delta[size:]
		last = int(at) + int(n)
		if dst = append(dst, base[at:last]...); len(dst) > maxContent {
			return nil, errDelta
		}
	}
	return dst, nil
}

func commonPrefix(a, b []byte) int {
	n, most := 0, min(len(a), len(b))
	for n+8 <= most && binary.LittleEndian.Uint64(a[n:]) == binary.LittleEndian.Uint64(b[n:]) {
		n += 8
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b []byte) int {
	n, most := 0, min(len(a), len(b))
	for n < most && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
