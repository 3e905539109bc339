package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// The content of a version is, by type:
//
//	string   its bytes
//	JSON     the compact text, members in their order
//	others   the elements one after the other, each as its parts with their
//	         lengths before them, as varints: a list its values in their order; a
//	         set its members, sorted; a hash field, value and, as a varint, when
//	         it expires in unix milliseconds, or 0, sorted by field; a sorted set
//	         member and score as stored, in order; a stream its rows as stored,
//	         sorted
//
// All but JSON has one form for one value, so that its sum tells values apart;
// that of JSON is taken of the canonical text.

// capture returns a version of the state of a key now, without number, and whether
// there is such a key. Its content is valid until the key is written. It fails
// with ErrCold, and with WRONGTYPE for a value that has no history.
func (tx *Tx) capture(key []byte) (v Version, exists bool, err error) {
	f, ok := tx.glance(key)
	switch {
	case !ok:
		return v, false, nil
	case f.has(flagCold):
		return v, true, tx.needs(key)
	case f.kind() != change.String && f.kind() != change.JSON && !isCollection(f.kind()):
		return v, true, rediserr.WrongType // what can be computed again is not worth a history
	}
	v.Type = f.kind()
	switch v.Type {
	case change.String:
		v.Content = f.shard.value(f.entry).bytes
		v.Hash = sha256.Sum256(v.Content)
	case change.JSON:
		d, err := tx.documentOf(f, true, key)
		if err != nil {
			return v, true, err
		}
		from := len(tx.scratch)
		tx.scratch = doc.AppendText(tx.scratch, d.Value())
		v.Content, v.Author = tx.since(from), d.Info().Author
		v.Hash = doc.Hash(d.Value())
	default:
		c := collection{tx: tx, key: key, kind: v.Type, found: f}
		v.Content = c.content()
		v.Hash = sha256.Sum256(v.Content)
	}
	v.Size = len(v.Content)
	return v, true, nil
}

// contentRow is an element of a collection as its row has it.
type contentRow struct {
	sub, value []byte
	expire     int64
}

// content returns the content of a collection.
func (c *collection) content() []byte {
	var rows []contentRow
	c.each(func(sub, value []byte, expire int64) bool {
		rows = append(rows, contentRow{bytes.Clone(sub), bytes.Clone(value), expire})
		return true
	})
	if c.kind != change.ZSet { // which comes in the order of its scores
		slices.SortFunc(rows, func(a, b contentRow) int { return bytes.Compare(a.sub, b.sub) })
	}
	var b []byte
	for i := range rows {
		b = rows[i].append(b, c.kind)
	}
	return b
}

func (r *contentRow) append(dst []byte, kind change.Type) []byte {
	if kind != change.List {
		dst = appendPart(dst, r.sub)
	}
	if kind != change.SetType {
		dst = appendPart(dst, r.value)
	}
	if kind == change.Hash {
		dst = binary.AppendUvarint(dst, uint64(r.expire))
	}
	return dst
}

func appendPart(dst, part []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

// VersionElement is an element of a version's collection, as its row has it: Sub
// is a field, a member or the name of a row of a stream, Value the value of a
// list's element or of a field, a score (see ReadScore), or a row's. Expire is in
// unix milliseconds, or 0.
type VersionElement struct {
	Sub, Value []byte
	Expire     int64
}

// Elements returns the elements of a collection's version, which point into its
// content.
func (v *Version) Elements() ([]VersionElement, error) {
	var list []VersionElement
	r := trailerReader{rest: v.Content}
	for len(r.rest) > 0 {
		var e VersionElement
		if v.Type != change.List {
			e.Sub = r.part()
		}
		if v.Type != change.SetType {
			e.Value = r.part()
		}
		if v.Type == change.Hash {
			e.Expire = int64(r.uvarint())
		}
		if r.bad {
			return nil, errVersion
		}
		list = append(list, e)
	}
	return list, nil
}

func (r *trailerReader) part() []byte {
	n := r.uvarint()
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// sum is the sum of the canonical form of a content.
func (v *Version) sum() ([sha256.Size]byte, error) {
	if v.Type != change.JSON {
		return sha256.Sum256(v.Content), nil
	}
	value, err := doc.Parse(v.Content)
	if err != nil {
		return [sha256.Size]byte{}, errVersion
	}
	return doc.Hash(value), nil
}
