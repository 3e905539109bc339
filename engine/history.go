package engine

import (
	"sync/atomic"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// HistoryStore is where past versions of keys are read. They are written as rows
// of kinds History and Head, in the change set of what they record.
type HistoryStore interface {
	// ReadVersion returns the newest version of a key that is not above number,
	// whatever was submitted included; none has the number 0. The value must not
	// be changed.
	ReadVersion(space uint32, key []byte, number uint64) (change.Version, error)
	// ReadVersionInfo is ReadVersion without the content.
	ReadVersionInfo(space uint32, key []byte, number uint64) (change.Version, error)
}

// ErrNoHistory says that the server keeps its data in memory only.
var ErrNoHistory = rediserr.New("history needs appendonly yes")

// history is what the engine knows of past versions. Each shard has the heads of
// its keys.
type history struct {
	auto atomic.Pointer[policies] // nil: nothing is recorded by itself
	all  atomic.Pointer[policies]
}

// heads are the histories of the keys of one database in one shard, by key; nil:
// none. A key that has gone may have one.
type heads map[string]*head

// Origin says on whose behalf a Tx changes keys.
type Origin struct {
	Actor   string // the user's name
	Command string // in small letters
	Note    ChangeNote
}

// ChangeNote is what a client says of a change, for the versions that record it.
type ChangeNote struct{ Author, Message string }

// Tracks reports whether there are keys of which every change is recorded.
func (tx *Tx) Tracks() bool { return tx.policies != nil }

// SetOrigin says on whose behalf what follows is done.
func (tx *Tx) SetOrigin(o Origin) { tx.origin = o }

// Note sets the note of what follows, and returns the one before, which the caller
// sets again when it is done:
//
//	defer tx.Note(tx.Note(note))
func (tx *Tx) Note(n ChangeNote) (before ChangeNote) {
	before, tx.origin.Note = tx.origin.Note, n
	return before
}

// changedKey is a key that a Tx has changed and whose versions are recorded.
type changedKey struct {
	db     int
	key    []byte
	policy *HistoryPolicy
	origin Origin
}

// track notes that a key was changed, if its versions are recorded. Only Tx.put
// and Tx.touched call it, and only while there are policies.
func (tx *Tx) track(key []byte) {
	if p := tx.policies.find(key); p != nil {
		tx.changes = append(tx.changes, changedKey{tx.db, key, p, tx.origin})
	}
}

// tracks reports whether a row changes a value of which versions may be recorded.
func tracks(row *change.Row) bool {
	return row.Kind == change.Key && (row.Op == change.Put || row.Op == change.Delete || row.Op == change.Edit)
}

// untracked has the Tx record no versions from now on: eviction frees memory, it
// is no change of a value.
func (tx *Tx) untracked() { tx.policies = nil }

// recordChanges records a version of each key that was changed: of its state now.
func (tx *Tx) recordChanges() {
	home := tx.db
	type place struct {
		db  int
		key string
	}
	var seen map[place]bool
	if len(tx.changes) > 1 {
		seen = make(map[place]bool, len(tx.changes))
	}
	// The last change comes first: it says what was done.
	for len(tx.changes) > 0 {
		last := len(tx.changes) - 1
		c := tx.changes[last]
		tx.changes = tx.changes[:last]
		if seen != nil {
			at := place{c.db, string(c.key)}
			if seen[at] {
				continue
			}
			seen[at] = true
		}
		tx.db = c.db
		tx.recordChange(&c)
	}
	tx.db = home
}

// recordChange records the state of one key, unless that is its newest version
// already, or was changed too short a time ago.
func (tx *Tx) recordChange(c *changedKey) {
	h := tx.history(c.key)
	v, exists, err := tx.capture(c.key)
	switch {
	case err != nil:
		return // what was changed is in memory: it was not the value that changed
	case !exists && (h.head == nil || h.head.kind == change.NoType):
		return // there is nothing that it would bring to an end
	case exists && h.isNewest(&v):
		return
	case exists && h.head != nil && c.policy.MinGap > 0 && tx.now-h.head.time < c.policy.MinGap:
		return
	}
	v.Command, v.Actor, v.Message = c.origin.Command, c.origin.Actor, c.origin.Note.Message
	if c.origin.Note.Author != "" {
		v.Author = c.origin.Note.Author // a document has its own; that of one that is gone is told here only
	}
	h.add(&v)
	h.keep(c.policy)
}

// hasHistory reports whether any key of a database has versions.
func (e *Engine) hasHistory(db int) bool {
	for i := range e.shards {
		if len(e.shards[i].heads[db]) > 0 {
			return true
		}
	}
	return false
}
