package migrate

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"kvd/engine/doc"
)

// A delta says how one run of bytes is made from another: pieces that are copied
// from anywhere in the other, and pieces that are new.
//
//	crc32c of the result, 4 bytes, little-endian
//	length of the result, varint
//	pieces: varint n<<1 | copied; then for a copy its offset, for a new piece its bytes
//
// It is exact, whatever the bytes are. A patch of RFC 6902 is not: it says nothing
// of the order of members and takes 5 and 5.0 for the same.

// deltaWord is the shortest piece that is copied, in bytes.
const deltaWord = 8

var errDelta = errors.New("the undo record does not fit the document")

// appendDelta adds the delta that makes to from base.
func appendDelta(dst, base, to []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(to, castagnoli()))
	dst = binary.AppendUvarint(dst, uint64(len(to)))
	words := wordsOf(base)
	fresh := 0 // where what is new begins
	for at := 0; at < len(to); {
		from, length := longest(base, to, at, words)
		if length == 0 {
			at++
			continue
		}
		dst = appendFresh(dst, to[fresh:at])
		dst = binary.AppendUvarint(dst, uint64(length)<<1|1)
		dst = binary.AppendUvarint(dst, uint64(from))
		at += length
		fresh = at
	}
	return appendFresh(dst, to[fresh:])
}

func appendFresh(dst, piece []byte) []byte {
	if len(piece) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(piece))<<1)
	return append(dst, piece...)
}

// wordsOf says where in base the words are that begin at multiples of half a word.
func wordsOf(base []byte) map[uint64]int {
	const step = deltaWord / 2
	words := make(map[uint64]int, len(base)/step)
	for at := (len(base) - deltaWord) / step * step; at >= 0 && at+deltaWord <= len(base); at -= step {
		words[binary.LittleEndian.Uint64(base[at:])] = at
	}
	return words
}

// longest looks for a piece of base that to goes on with at an offset.
func longest(base, to []byte, at int, words map[uint64]int) (from, length int) {
	if at < len(base) { // often nothing has moved
		if n := common(base[at:], to[at:]); n >= deltaWord {
			return at, n
		}
	}
	if at+deltaWord > len(to) {
		return 0, 0
	}
	from, ok := words[binary.LittleEndian.Uint64(to[at:])]
	if !ok {
		return 0, 0
	}
	return from, common(base[from:], to[at:])
}

// common is the number of bytes that a and b begin with both.
func common(a, b []byte) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// applyDelta returns what a delta makes of base. It fails for a delta that was made
// for another base.
func applyDelta(base, delta []byte) ([]byte, error) {
	if len(delta) < 5 {
		return nil, errDelta
	}
	sum := binary.LittleEndian.Uint32(delta)
	size, n := binary.Uvarint(delta[4:])
	if n <= 0 || size > maxRestored {
		return nil, errDelta
	}
	out := make([]byte, 0, min(size, uint64(len(base)+len(delta))))
	for rest := delta[4+n:]; len(rest) > 0; {
		head, n := binary.Uvarint(rest)
		if n <= 0 || head>>1 > size-uint64(len(out)) {
			return nil, errDelta
		}
		rest = rest[n:]
		length := int(head >> 1)
		piece := rest
		if head&1 == 1 {
			from, n := binary.Uvarint(rest)
			if n <= 0 || from > uint64(len(base)) {
				return nil, errDelta
			}
			rest, piece = rest[n:], base[from:]
		}
		if length > len(piece) {
			return nil, errDelta
		}
		out = append(out, piece[:length]...)
		if head&1 == 0 {
			rest = rest[length:]
		}
	}
	if crc32.Checksum(out, castagnoli()) != sum || uint64(len(out)) != size {
		return nil, errDelta
	}
	return out, nil
}

// maxRestored is the greatest document that a delta makes, in bytes.
const maxRestored = doc.DefaultBytes

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
