package snapshot

import (
	"bytes"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/persist"
	"kvd/snapshot/archive"
)

// rows are the types of stored keys by those of records.
var rowTypes = map[archive.Type]change.Type{
	archive.String: change.String, archive.List: change.List, archive.Set: change.SetType, archive.ZSet: change.ZSet,
	archive.Hash: change.Hash, archive.Stream: change.Stream, archive.JSON: change.JSON,
}

// builder makes a data file of records: each database gets the space of its own
// number, and collections new numbers for their elements.
type builder struct {
	out    *persist.Builder
	now    int64 // unix milliseconds
	id     uint64
	keys   int64
	dead   int64  // keys left out because their time has passed
	value  []byte // of a string that comes in parts
	name   []byte
	row    []byte
	n      int // elements of the collection so far
	begun  bool
	isDead bool
}

// add writes a record.
func (b *builder) add(r *archive.Record) error {
	if !b.begun {
		b.isDead = r.Expire != 0 && r.Expire <= b.now
		if b.isDead {
			b.dead++
		} else {
			b.keys++
		}
	}
	first := !b.begun
	b.begun = r.More
	if b.isDead {
		return nil
	}
	row := change.Row{
		Op: change.Put, Kind: change.Key, Type: rowTypes[r.Type], Space: uint32(r.DB), Expire: r.Expire, Key: r.Key,
	}
	switch r.Type {
	case archive.String:
		if first && !r.More {
			row.Value = r.Value
			return b.out.Put(&row)
		}
		if b.value = append(b.value, r.Value...); r.More {
			return nil
		}
		row.Value, b.value = b.value, nil
		return b.out.Put(&row)
	case archive.JSON:
		b.row = engine.AppendStoredDocument(b.row[:0], r.Doc, &r.Info)
		row.Value = b.row
		return b.out.Put(&row)
	}
	if first {
		b.id++
		b.n = 0
		b.row = engine.AppendElementsID(b.row[:0], b.id)
		row.Value = b.row
		if err := b.out.Put(&row); err != nil {
			return err
		}
	}
	return b.elements(r)
}

// elements writes the elements of a record.
func (b *builder) elements(r *archive.Record) error {
	row := change.Row{Op: change.Put, Kind: change.Element, Space: uint32(r.DB), ID: b.id}
	for i := range r.Rows {
		b.name = r.Rows[i].AppendName(b.name[:0])
		b.row = r.Rows[i].AppendValue(b.row[:0])
		row.Key, row.Value = b.name, b.row
		if err := b.out.Put(&row); err != nil {
			return err
		}
	}
	for i := range r.Items {
		it := &r.Items[i]
		row.Key, row.Value, row.Expire = it.Name, nil, 0
		switch r.Type {
		case archive.List:
			b.name = engine.AppendListName(b.name[:0], b.n)
			row.Key, row.Value = b.name, it.Name
		case archive.Hash:
			row.Value, row.Expire = it.Value, it.Expire
		case archive.ZSet:
			b.row = engine.AppendScore(b.row[:0], it.Score)
			row.Value = b.row
		}
		b.n++
		if err := b.out.Put(&row); err != nil {
			return err
		}
	}
	return nil
}

// settings writes settings.
func (b *builder) settings(s map[string]string) error {
	for name, value := range s {
		row := change.Row{Op: change.Put, Kind: change.Meta, Key: []byte(name), Value: bytes.Clone([]byte(value))}
		if err := b.out.Put(&row); err != nil {
			return err
		}
	}
	return nil
}
