package engine

import (
	"strings"

	"kvd/internal/change"
)

// Shape is the migration version that documents of some keys have when they are
// made, and who is told of them.
type Shape struct {
	DB int
	// Name is the key, or with Prefix what the keys begin with.
	Name   string
	Prefix bool
	// Made is the version of a document that a client makes, Arrived that of one
	// that comes from another key, server or database and has none; empty: none.
	Made, Arrived string
	// Note, if not nil, is called for each document that is made or arrives, under
	// the lock of its shard. It must be quick and keep nothing of the key.
	Note func(key []byte)
}

func (s *Shape) covers(db int, key []byte) bool {
	switch {
	case db != s.DB:
		return false
	case s.Prefix:
		return strings.HasPrefix(string(key), s.Name)
	}
	return string(key) == s.Name
}

// DocumentShape is the shape of a document that a migration writes.
type DocumentShape struct {
	// Version is the version of the shape.
	Version string
	// Undo is what restores earlier shapes; see DocumentInfo.Undo.
	Undo []byte
}

// SetShapes says which documents have versions, in place of what was said before.
// No two shapes cover the same key. Between two calls that a document must not
// slip through, the caller holds all shards.
func (e *Engine) SetShapes(shapes []Shape) {
	if len(shapes) == 0 {
		e.shapes.Store(nil)
		return
	}
	e.shapes.Store(&shapes)
}

// shapeOf returns what was said of documents at key, or nil.
func (e *Engine) shapeOf(db int, key []byte) *Shape {
	shapes := e.shapes.Load()
	if shapes == nil {
		return nil
	}
	for i := range *shapes {
		if s := &(*shapes)[i]; s.covers(db, key) {
			return s
		}
	}
	return nil
}

// shapeMade gives a document that is made its version.
func (tx *Tx) shapeMade(key []byte, info *DocumentInfo) {
	if s := tx.engine.shapeOf(tx.db, key); s != nil {
		info.Migration = s.Made
		s.note(key)
	}
}

// shapeArrived gives a document that comes from elsewhere a version, unless it has
// one.
func (tx *Tx) shapeArrived(key []byte, info *DocumentInfo) {
	s := tx.engine.shapeOf(tx.db, key)
	if s == nil {
		return
	}
	if info.Migration == "" {
		info.Migration = s.Arrived
	}
	s.note(key)
}

func (s *Shape) note(key []byte) {
	if s.Note != nil {
		s.Note(key)
	}
}

// NoteModule records an event of class d that is about more than one key, such as
// "mig.up", under a name that stands for all of them.
func (tx *Tx) NoteModule(event string, name []byte) { tx.event(change.EventModule, event, name) }
