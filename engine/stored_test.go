package engine

import (
	"bytes"
	"fmt"
	"testing"
)

// What the engine stores is read and spelt again, byte for byte, by the functions
// that do without an engine.
func TestStoredRowsAreSpeltAlike(t *testing.T) {
	tests := []struct {
		name string
		fill func(tx *Tx, key []byte)
	}{
		{"list", func(tx *Tx, key []byte) {
			l, _ := tx.List(key)
			for i := range 50 {
				l.Push(Right, fmt.Appendf(nil, "item %d", i))
			}
		}},
		{"sorted set", func(tx *Tx, key []byte) {
			z, _ := tx.ZSet(key)
			z.Add([]ZEntry{{[]byte("a"), -1.5}, {[]byte("b"), 1e300}}, 0, defaultZLimits)
		}},
		{"stream", func(tx *Tx, key []byte) {
			s, _ := tx.Stream(key)
			s.Create()
			s.Add(StreamID{MS: 1, Seq: 2}, [][]byte{[]byte("f"), []byte("v")}, usualLimits)
			s.Set(StreamID{MS: 9}, 7, StreamID{MS: 1, Seq: 1})
			s.RestoreGroup(&StreamGroupState{
				Name: []byte("g"), Last: StreamID{MS: 1}, Read: StreamUnknown,
				Consumers: []StreamConsumerState{{Name: []byte("c"), Seen: 5}},
				Pending:   []StreamPendingState{{ID: StreamID{MS: 1, Seq: 2}, Delivered: 6, Count: 3}},
			})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := newEngine(t)
			key := []byte("k")
			tx := e.BeginKey(0, 1, 0, key)
			defer tx.Commit()
			tt.fill(tx, key)
			i, rows := 0, 0
			tx.Elements(key, func(sub, value []byte, _ int64) bool {
				name, again, err := spellAgain(tt.name, i, sub, value)
				if err != nil || !bytes.Equal(name, sub) || !bytes.Equal(again, value) {
					t.Errorf("row %q %q became %q %q, %v", sub, value, name, again, err)
				}
				i++
				rows++
				return true
			})
			if rows == 0 {
				t.Error("no rows")
			}
		})
	}
}

func spellAgain(kind string, i int, sub, value []byte) (name, again []byte, err error) {
	switch kind {
	case "list":
		return AppendListName(nil, i), value, nil
	case "sorted set":
		score, err := ReadScore(value)
		return sub, AppendScore(nil, score), err
	}
	var r StreamRow
	err = ReadStreamRow(sub, value, &r)
	return r.AppendName(nil), r.AppendValue(nil), err
}

func TestStoredRowsThatAreNone(t *testing.T) {
	var r StreamRow
	for _, row := range [][2]string{{"", ""}, {"x", ""}, {"e", "1"}, {"m", "short"}, {"g", ""}, {"c", ""}, {"p\x01g", ""}} {
		if err := ReadStreamRow([]byte(row[0]), []byte(row[1]), &r); err == nil {
			t.Errorf("row %q was read", row)
		}
	}
	if _, err := ReadScore([]byte("short")); err == nil {
		t.Error("a score of five bytes was read")
	}
	if _, err := ReadElementsID([]byte{0}); err == nil {
		t.Error("the ID 0 was read")
	}
	if id, err := ReadElementsID(AppendElementsID(nil, 300)); id != 300 || err != nil {
		t.Errorf("ID 300 became %d, %v", id, err)
	}
	if _, _, ok := ReadStoredDocument(nil); ok {
		t.Error("a document of no bytes was read")
	}
	info := DocumentInfo{Rev: 9, CreatedRev: 4, Version: 3, Created: 10, Changed: 12, Author: "a", Migration: "1.0.0"}
	v, got, ok := ReadStoredDocument(AppendStoredDocument(nil, []byte{1}, &info))
	if !ok || len(v) != 1 || got.Rev != 9 || got.Author != "a" || got.Changed != 12 || len(got.Meta) != 0 {
		t.Errorf("the document became %v %+v %v", v, got, ok)
	}
}
