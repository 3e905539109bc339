// Package codec spells rows as bytes: once for the journal, once for the data
// file.
//
// Both formats are versioned by what holds them (a segment's header; the first
// byte of a stored value) and both are read as hostile input: no length is
// trusted, nothing panics.
package codec

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"kvd/internal/change"
)

// ErrRow says that bytes are not a row. Errors of this package wrap it.
var ErrRow = errors.New("not a row")

// castagnoli is CRC32C, which processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum continues the CRC32C sum over data. Start with 0 or a seed.
func Sum(sum uint32, data []byte) uint32 { return crc32.Update(sum, castagnoli, data) }

// The first byte of a row in the journal: op in three bits, kind in three, and
// two flags.
const (
	kindShift = 3
	threeBits = 7
	hasExpire = 1 << 6
	hasSpace  = 1 << 7
)

// maxValue is the length of the longest value that an Edit may leave behind, in
// bytes: an offset has no bytes that would prove it.
const maxValue = 1<<32 - 1

// MaxRowOverhead is the most that AppendRow adds to the bytes of key and value.
const MaxRowOverhead = 2 + binary.MaxVarintLen32 + 8 + 3*binary.MaxVarintLen64

// AppendRow appends r as the journal has it:
//
//	op and kind and flags  1 byte
//	type                   1 byte, Put only
//	space                  varint, unless 0
//	collection or number   varint, kinds Element and History only
//	expire                 8 bytes, unless 0
//	offset                 varint, Edit only
//	key                    varint length, bytes; not for Drop
//	value                  varint length, bytes; Put and Edit only
func AppendRow(dst []byte, r *change.Row) []byte {
	head := byte(r.Op) | byte(r.Kind)<<kindShift
	if r.Expire != 0 {
		head |= hasExpire
	}
	if r.Space != 0 {
		head |= hasSpace
	}
	dst = append(dst, head)
	if r.Op == change.Put {
		dst = append(dst, byte(r.Type))
	}
	if r.Space != 0 {
		dst = binary.AppendUvarint(dst, uint64(r.Space))
	}
	if r.Kind.Numbered() {
		dst = binary.AppendUvarint(dst, r.ID)
	}
	if r.Expire != 0 {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(r.Expire))
	}
	switch r.Op {
	case change.Drop:
	case change.Put:
		dst = appendBytes(appendBytes(dst, r.Key), r.Value)
	case change.Edit:
		dst = binary.AppendUvarint(dst, r.Offset)
		dst = appendBytes(appendBytes(dst, r.Key), r.Value)
	default:
		dst = appendBytes(dst, r.Key)
	}
	return dst
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// ReadRow reads the row at the start of src into r and returns the bytes after
// it. Key and Value point into src.
func ReadRow(src []byte, r *change.Row) (rest []byte, err error) {
	d := decoder{src: src}
	head := d.byte()
	*r = change.Row{Op: change.Op(head & threeBits), Kind: change.Kind(head >> kindShift & threeBits)}
	if r.Op < change.Put || r.Op > change.Edit {
		return nil, ErrRow
	}
	if r.Op == change.Put {
		r.Type = change.Type(d.byte())
	}
	if head&hasSpace != 0 {
		r.Space = d.uint32()
	}
	if r.Kind.Numbered() {
		r.ID = d.uvarint()
	}
	if head&hasExpire != 0 {
		r.Expire = d.int64()
	}
	if r.Op == change.Edit {
		r.Offset = d.uvarint()
	}
	if r.Op != change.Drop {
		r.Key = d.bytes()
	}
	if r.Op == change.Put || r.Op == change.Edit {
		r.Value = d.bytes()
	}
	if d.bad || r.Op == change.Edit && !canEdit(r) {
		return nil, ErrRow
	}
	return d.src, nil
}

// canEdit reports whether an Edit is of a key and leaves a value that can be.
func canEdit(r *change.Row) bool {
	return r.Kind == change.Key && r.Offset <= maxValue && uint64(len(r.Value)) <= maxValue-r.Offset
}

// decoder takes fields off the front of src. After the first one that is not
// there, bad is set and all others are zero.
type decoder struct {
	src []byte
	bad bool
}

func (d *decoder) take(n uint64) []byte {
	if d.bad || n > uint64(len(d.src)) {
		d.bad = true
		return nil
	}
	b := d.src[:n:n]
	d.src = d.src[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) int64() int64 {
	if b := d.take(8); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.src)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.src = d.src[n:]
	return v
}

func (d *decoder) uint32() uint32 {
	v := d.uvarint()
	if v > 1<<32-1 {
		d.bad = true
	}
	return uint32(v)
}

func (d *decoder) bytes() []byte { return d.take(d.uvarint()) }
