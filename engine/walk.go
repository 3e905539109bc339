package engine

// Shards returns how many shards there are. A key stays in its shard.
func (e *Engine) Shards() int { return len(e.shards) }

// EachIn calls fn for every key that shard i has of the database. The lock of the
// shard is held meanwhile.
func (tx *Tx) EachIn(i int, fn func(Item)) {
	tx.visit(i, func(s *shard) { tx.eachIn(s, fn) })
}
