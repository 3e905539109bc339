package engine

import "kvd/engine/doc"

// admit checks documents against what the collections that they belong to demand.
func (tx *Tx) admit([]DocumentPut) error { return nil }

// documentWritten is called for each document that is written or loaded, under the
// lock of its shard.
func (e *Engine) documentWritten(int, []byte, doc.Value, *DocumentInfo) {}

// documentGone is called for each document that goes, however that happens, under
// the lock of its shard.
func (e *Engine) documentGone(int, []byte) {}

// documentsGone is called when a database loses all its keys, and
// documentsSwapped when two exchange theirs, with all shards locked.
func (e *Engine) documentsGone(int) {}

func (e *Engine) documentsSwapped(int, int) {}
