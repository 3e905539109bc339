package engine

import (
	"bytes"
	"encoding/binary"

	"kvd/engine/doc"
)

// DocumentInfo is what is stored with a document beside its value.
type DocumentInfo struct {
	// Rev is the revision of the last change, CreatedRev that of the change that
	// made the key. They compare documents over time: no two changes of a key have
	// the same, also after it was deleted and made again.
	Rev, CreatedRev uint64
	// Version counts the changes since the key was made, from 1.
	Version uint64
	// Created and Changed are unix times in milliseconds. Changed never goes back.
	Created, Changed int64
	// Schema is the version of the type that the document was checked against;
	// 0: none.
	Schema uint32
	// Migration is the version of its collection that the document has the shape
	// of; empty: none.
	Migration string
	// Undo restores the shapes that the document had before its migrations. Any
	// other change of the document drops it. It is valid as the document is.
	Undo []byte
	// Author is who made the last change, as the client said.
	Author string
	// Meta is the client's own metadata; it may be absent.
	Meta doc.Value
}

// The value of a document's key is the document, then a trailer: the fields of
// DocumentInfo in their order as varints (CreatedRev, Changed as distances), texts
// with their length before them, Meta to the end; then the length of all that in
// one byte, or where that is 255, in the four bytes before it. Undo, if there is any,
// stands in the text of Migration, behind a zero byte.
const longTrailer = 0xff

// appendTrailer adds the trailer of i to a document.
func (i *DocumentInfo) appendTrailer(dst []byte) []byte {
	from := len(dst)
	for _, n := range [...]uint64{
		i.Rev, i.Rev - i.CreatedRev, i.Version, uint64(i.Created), uint64(i.Changed - i.Created), uint64(i.Schema),
	} {
		dst = binary.AppendUvarint(dst, n)
	}
	dst = i.appendMigration(dst)
	dst = binary.AppendUvarint(dst, uint64(len(i.Author)))
	dst = append(dst, i.Author...)
	dst = append(dst, i.Meta...)
	n := len(dst) - from
	if n < longTrailer {
		return append(dst, byte(n))
	}
	return append(binary.LittleEndian.AppendUint32(dst, uint32(n)), longTrailer)
}

func (i *DocumentInfo) appendMigration(dst []byte) []byte {
	if len(i.Undo) == 0 {
		dst = binary.AppendUvarint(dst, uint64(len(i.Migration)))
		return append(dst, i.Migration...)
	}
	dst = binary.AppendUvarint(dst, uint64(len(i.Migration)+1+len(i.Undo)))
	dst = append(append(dst, i.Migration...), 0)
	return append(dst, i.Undo...)
}

// splitDocument divides a stored value into the document and its trailer. It is
// false for what was not written by appendTrailer.
func splitDocument(stored []byte) (v doc.Value, trailer []byte, ok bool) {
	end := len(stored) - 1
	if end < 0 {
		return nil, nil, false
	}
	n := int(stored[end])
	if n == longTrailer {
		if end -= 4; end < 0 {
			return nil, nil, false
		}
		n = int(binary.LittleEndian.Uint32(stored[end:]))
	}
	if n >= end {
		return nil, nil, false // a document has a byte at least
	}
	return doc.Value(stored[:end-n]), stored[end-n : end], true
}

// readInfo reads a trailer. Meta points into it.
func readInfo(trailer []byte) (i DocumentInfo, ok bool) {
	r := trailerReader{rest: trailer}
	i.Rev = r.uvarint()
	i.CreatedRev = i.Rev - r.uvarint()
	i.Version = r.uvarint()
	i.Created = int64(r.uvarint())
	i.Changed = i.Created + int64(r.uvarint())
	i.Schema = uint32(r.uvarint())
	version, undo, _ := bytes.Cut(r.bytes(), []byte{0})
	i.Migration, i.Undo = string(version), undo
	i.Author = r.text()
	i.Meta = doc.Value(r.rest)
	return i, !r.bad
}

// trailerReader takes a trailer apart.
type trailerReader struct {
	rest []byte
	bad  bool
}

func (r *trailerReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *trailerReader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *trailerReader) text() string { return string(r.bytes()) }
