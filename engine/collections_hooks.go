package engine

import (
	"slices"

	"kvd/engine/doc"
	"kvd/internal/change"
)

// documentWritten is called for each document that is loaded or comes under another
// name, under the lock of its shard.
func (e *Engine) documentWritten(db int, key []byte, v doc.Value, info *DocumentInfo) {
	c := e.CollectionOf(db, key)
	if c == nil {
		return
	}
	ev := e.evaluator()
	defer e.evaluators.Put(ev)
	id := c.ID(key)
	held, _ := c.entries(ev, id, v, info, c.indexes) // nobody can be told
	c.docs.remove(string(id))
	for _, h := range held {
		h.index.Add([]string{h.entry})
	}
	c.docs.put(docItem{id: string(id), size: len(v), held: held})
}

// documentGone is called for each document that goes, however that happens, under
// the lock of its shard.
func (e *Engine) documentGone(db int, key []byte) {
	if c := e.CollectionOf(db, key); c != nil {
		c.docs.remove(string(c.ID(key)))
	}
}

// documentsGone is called when a database loses all its keys, with all shards
// locked. What is defined stays.
func (e *Engine) documentsGone(db int) {
	for _, c := range e.Collections(db) {
		c.docs.clear()
		for _, ix := range c.indexes {
			ix.Clear()
		}
	}
}

// forgetCollections drops everything before the stored state is loaded again.
func (e *Engine) forgetCollections() { e.catalog.Store(nil) }

// loadCollections finds the documents of all collections, once the stored state is
// loaded. All shards are locked.
func (e *Engine) loadCollections() error {
	settings, _ := e.Settings(definitions)
	d := definer{engine: e, loading: true}
	if err := d.compile(settings); err != nil {
		return err
	}
	d.install()
	return nil
}

// guarded reports whether a key may not be evicted: a document of a collection that
// is not on disk yet.
func (s *shard) guarded(db int, ent entry) bool {
	return s.belongs(db, ent) && !s.unloadable(ent)
}

// belongs reports whether an entry is a document of a collection.
func (s *shard) belongs(db int, ent entry) bool {
	return ent.kind() == change.JSON && s.engine.HasCollections() && s.engine.CollectionOf(db, s.key(ent)) != nil
}

// WriteDocuments removes documents and writes others, in one change: others may
// take the unique values of those that go. No key is twice among them. If it fails,
// nothing is changed. Errors and events are those of PutDocuments and
// RemoveDocument, with the name event for those that go.
func (tx *Tx) WriteDocuments(gone [][]byte, event string, puts []DocumentPut) error {
	for _, key := range gone {
		if _, err := tx.PeekDocument(key); err != nil {
			return err
		}
	}
	gone = slices.DeleteFunc(slices.Clone(gone), func(key []byte) bool { return !tx.Peek(key) })
	for i := range puts {
		if _, err := tx.PeekDocument(puts[i].Key); err != nil {
			return err
		}
	}
	if err := tx.admitAll(puts, gone); err != nil {
		return err
	}
	for _, key := range gone {
		tx.RemoveDocument(key, event)
	}
	for i := range puts {
		tx.putDocument(&puts[i])
	}
	return nil
}
