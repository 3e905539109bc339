package snapshot

import (
	"fmt"
	"unicode/utf8"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/persist"
	"kvd/snapshot/archive"
)

// typeNames are the types of records by those of stored keys.
var typeNames = map[change.Type]archive.Type{
	change.String: archive.String, change.List: archive.List, change.SetType: archive.Set, change.ZSet: archive.ZSet,
	change.Hash: archive.Hash, change.Stream: archive.Stream, change.JSON: archive.JSON,
}

// source gives the keys of a view as records. Keys whose time has passed are left
// out, and so are entries of the cache, which are made anew by those who use them.
type source struct {
	view  *persist.View
	now   int64 // unix milliseconds
	scope scope
	emit  func(*archive.Record) error

	r    archive.Record
	size int    // of what is in r
	room []byte // of names and values that are not in the view
}

// settingsOf returns the settings of a view and the space of each database.
func settingsOf(v *persist.View, databases int) (settings map[string]string, spaces []uint32, err error) {
	settings, spaces = make(map[string]string), make([]uint32, databases)
	for db := range spaces {
		spaces[db] = uint32(db)
	}
	err = v.Meta(func(row *change.Row) error {
		if db, space, ok := engine.ReadStoredSpace(row); ok && db < databases {
			spaces[db] = space
		} else if engine.IsStoredSetting(row) {
			settings[string(row.Key)] = string(row.Value)
		}
		return nil
	})
	return settings, spaces, err
}

// run gives all keys of the databases, whose spaces are listed.
func (s *source) run(spaces []uint32) error {
	for db, space := range spaces {
		err := s.view.Keys(space, func(row *change.Row) error {
			if row.Expire != 0 && row.Expire <= s.now || !s.scope.has(row.Key) {
				return nil
			}
			return s.key(db, row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *source) key(db int, row *change.Row) error {
	kind, ok := typeNames[row.Type]
	if !ok {
		return nil
	}
	s.r = archive.Record{DB: db, Key: row.Key, Type: kind, Expire: row.Expire, Items: s.r.Items[:0], Rows: s.r.Rows[:0]}
	s.size, s.room = 0, s.room[:0]
	switch kind {
	case archive.String:
		return s.text(row.Value)
	case archive.JSON:
		if s.r.Doc, s.r.Info, ok = engine.ReadStoredDocument(row.Value); !ok {
			return fmt.Errorf("the document at a key of %d bytes is damaged", len(row.Key))
		}
		return s.emit(&s.r)
	}
	id, err := engine.ReadElementsID(row.Value)
	if err != nil {
		return err
	}
	if err := s.view.Elements(row.Space, id, s.element); err != nil {
		return err
	}
	if len(s.r.Items) == 0 && len(s.r.Rows) == 0 {
		return nil // all fields have expired
	}
	return s.emit(&s.r)
}

// text gives a string, a long one in parts that end between characters where
// that is possible.
func (s *source) text(value []byte) error {
	for len(value) > archive.PartBytes {
		n := archive.PartBytes
		for range utf8.UTFMax - 1 {
			if utf8.RuneStart(value[n]) {
				break
			}
			n--
		}
		s.r.Value, s.r.More = value[:n], true
		if err := s.emit(&s.r); err != nil {
			return err
		}
		value = value[n:]
	}
	s.r.Value, s.r.More = value, false
	return s.emit(&s.r)
}

// element adds a stored element to the record, or to a new one if it is full.
func (s *source) element(row *change.Row) error {
	if row.Expire != 0 && row.Expire <= s.now {
		return nil
	}
	if s.size > archive.PartBytes {
		s.r.More = true
		if err := s.emit(&s.r); err != nil {
			return err
		}
		s.r.More, s.r.Items, s.r.Rows, s.size, s.room = false, s.r.Items[:0], s.r.Rows[:0], 0, s.room[:0]
	}
	s.size += len(row.Key) + len(row.Value)
	it := archive.Item{Name: row.Key}
	switch s.r.Type {
	case archive.List:
		it.Name = row.Value
	case archive.Hash:
		it.Value, it.Expire = row.Value, row.Expire
	case archive.ZSet:
		score, err := engine.ReadScore(row.Value)
		if err != nil {
			return err
		}
		it.Score = score
	case archive.Stream:
		var r engine.StreamRow
		if err := engine.ReadStreamRow(row.Key, row.Value, &r); err != nil {
			return err
		}
		s.r.Rows = append(s.r.Rows, r)
		return nil
	}
	s.r.Items = append(s.r.Items, it)
	return nil
}
