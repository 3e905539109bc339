package engine

import (
	"maps"
	"strings"
	"sync"

	"kvd/internal/change"
)

// settings are small values that are stored beside the keys and belong to no
// database, such as the code of functions. They are rows of kind Meta; who uses
// them gives them names with a prefix of its own.
//
// They are changed only with all shards locked; the lock is for readers that hold
// none.
type settings struct {
	mu      sync.Mutex
	values  map[string]string
	version uint64 // of the values: grows with each change
}

func (s *settings) set(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = make(map[string]string)
	}
	s.values[name] = value
	s.version++
}

func (s *settings) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, name)
	s.version++
}

func (s *settings) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.values)
	s.version++
}

// PutSetting stores a value under a name. The Tx must hold all shards.
func (tx *Tx) PutSetting(name, value string) {
	tx.engine.settings.set(name, value)
	tx.put(change.Row{Op: change.Put, Kind: change.Meta, Key: []byte(name), Value: []byte(value)})
}

// DeleteSetting removes a stored value; one that is not there is no fault. The Tx
// must hold all shards.
func (tx *Tx) DeleteSetting(name string) {
	tx.engine.settings.remove(name)
	tx.put(change.Row{Op: change.Delete, Kind: change.Meta, Key: []byte(name)})
}

// Settings returns all stored values whose names begin with prefix, and a version
// that is another one after any change.
func (e *Engine) Settings(prefix string) (values map[string]string, version uint64) {
	s := &e.settings
	s.mu.Lock()
	defer s.mu.Unlock()
	values = maps.Clone(s.values)
	maps.DeleteFunc(values, func(name, _ string) bool { return !strings.HasPrefix(name, prefix) })
	return values, s.version
}

// SettingsVersion is the version that Settings returns.
func (e *Engine) SettingsVersion() uint64 {
	e.settings.mu.Lock()
	defer e.settings.mu.Unlock()
	return e.settings.version
}

// loadMeta applies a stored row of kind Meta.
func (e *Engine) loadMeta(row *change.Row) error {
	name := string(row.Key)
	switch {
	case strings.HasPrefix(name, spaceRow):
		if row.Op != change.Put {
			return nil
		}
		return e.loadSpace(row)
	case strings.HasPrefix(name, cacheRow):
		return e.loadRule(row)
	case name == revisionRow:
		return e.loadRevisions(row)
	case row.Op == change.Put:
		e.settings.set(name, string(row.Value))
	case row.Op == change.Delete:
		e.settings.remove(name)
	}
	return nil
}
