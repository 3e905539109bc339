// Package storetest holds what every store must do, as tests, a model of what
// is stored, and a store in memory for tests of other packages.
package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"kvd/internal/change"
	"kvd/persist"
)

// ID names a row.
type ID struct {
	Kind       change.Kind
	Space      uint32
	Collection uint64 // of an element
	Key        string
}

// IDOf is the name of a row.
func IDOf(r *change.Row) ID {
	return ID{Kind: r.Kind, Space: r.Space, Collection: r.ID, Key: string(r.Key)}
}

// Value is what a row holds.
type Value struct {
	Type   change.Type
	Expire int64
	Value  string
}

// Model is stored rows, as a plain map.
type Model map[ID]Value

// Apply does to the model what the row says.
func (m Model) Apply(r *change.Row) {
	id := IDOf(r)
	switch r.Op {
	case change.Put:
		m[id] = Value{Type: r.Type, Expire: r.Expire, Value: string(r.Value)}
	case change.Delete:
		delete(m, id)
	case change.Expire:
		if v, ok := m[id]; ok {
			v.Expire = r.Expire
			m[id] = v
		}
	case change.Edit:
		if v, ok := m[id]; ok && v.Type == change.String {
			v.Value = edited(v.Value, int(r.Offset), string(r.Value))
			m[id] = v
		}
	case change.Drop:
		maps.DeleteFunc(m, func(id ID, _ Value) bool { return id.dropped(r) })
	}
}

// edited is value with part at offset, and zeros before it if value is shorter.
func edited(value string, offset int, part string) string {
	if gap := offset - len(value); gap > 0 {
		value += strings.Repeat("\x00", gap)
	}
	return value[:offset] + part + value[min(len(value), offset+len(part)):]
}

// dropped reports whether a Drop takes the row named id.
func (id ID) dropped(r *change.Row) bool {
	if id.Space != r.Space || id.Kind == change.Meta {
		return false
	}
	return r.Kind != change.Element || id.Kind == change.Element && id.Collection == r.ID
}

// ApplySet applies all rows of a set.
func (m Model) ApplySet(set *change.Set) {
	for i := range set.Rows {
		m.Apply(&set.Rows[i])
	}
}

// Diff says how got differs from m, or is empty.
func (m Model) Diff(got Model) string {
	for id, want := range m {
		have, ok := got[id]
		if !ok {
			return fmt.Sprintf("%.80v is missing", id)
		}
		if have != want {
			return fmt.Sprintf("%.80v is %.80v, want %.80v", id, have, want)
		}
	}
	for _, id := range slices.Collect(maps.Keys(got)) {
		if _, ok := m[id]; !ok {
			return fmt.Sprintf("%.80v should not be there", id)
		}
	}
	return ""
}

// Loader is a store that can be loaded.
type Loader interface {
	Load(workers int, fn func(*change.Row) error) (persist.LoadStats, error)
}

// Contents loads a store into a model.
func Contents(s Loader) (Model, error) {
	var mu sync.Mutex
	m := Model{}
	_, err := s.Load(3, func(r *change.Row) error {
		mu.Lock()
		defer mu.Unlock()
		m.Apply(r)
		return nil
	})
	return m, err
}

// RequireContents fails the test unless the store holds exactly what want does.
func RequireContents(t *testing.T, s Loader, want Model) {
	t.Helper()
	got, err := Contents(s)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if diff := want.Diff(got); diff != "" {
		t.Fatalf("contents after Load: %s", diff)
	}
}
