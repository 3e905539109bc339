package engine

// Fetch reads the value that ErrCold was about into memory while the Tx goes on,
// for a script: it can't be run again, so its locks are held while the disk is
// read. Others use Engine.Fetch.
func (tx *Tx) Fetch() error {
	db, key := tx.cold.db, tx.cold.key
	s, hash := tx.shard(key)
	ref, ok := s.find(db, hash, key)
	if !ok || !s.entry(ref).has(flagCold) {
		return nil
	}
	return s.fetch(db, hash, tx.engine.spaces.of(db), key)
}

// Abandon drops what the Tx was to hand to the store. It is for the end of the
// server, when memory is about to go: what it has changed there stays. Nothing that
// follows in the Tx is recorded.
func (tx *Tx) Abandon() {
	tx.set.Reset()
	tx.ready, tx.quiet = nil, true
}
