package engine

import "kvd/internal/change"

// Commit is what a finished Tx leaves to do.
type Commit struct {
	// Seq is the newest change set that the reply depends on, its own or one
	// that it may have read. The reply must not leave before Seq is durable.
	Seq uint64
	// Changed reports whether the Tx itself changed anything.
	Changed bool
}

// Commit serves those who wait for what the Tx has written, hands the changes to
// the store and lets go of the locks. The Tx must not be used after it.
func (tx *Tx) Commit() Commit {
	e := tx.engine
	if len(tx.ready) > 0 {
		tx.serve()
	}
	if len(tx.changes) > 0 {
		tx.recordChanges()
	}
	c := Commit{Changed: len(tx.set.Rows) > 0}
	if c.Changed {
		if e.watched.Load() > 0 {
			tx.markWatched()
		}
		c.Seq = e.opt.Store.Submit(&tx.set)
		if epoch := e.opt.Store.Epoch(); epoch != tx.epoch {
			tx.restamp(epoch)
		}
	}
	c.Seq = max(c.Seq, tx.visited)
	if len(tx.served) > 0 {
		tx.handOver(c.Seq)
	}
	if tx.single >= 0 {
		tx.finish(&e.shards[tx.single], &c)
	} else {
		tx.held.each(func(i int) { tx.finish(&e.shards[i], &c) })
	}
	if len(tx.set.Events) > 0 && e.opt.Observer != nil {
		e.opt.Observer.Committed(&tx.set)
	}
	tx.tellWrites()
	woken := tx.woken
	tx.recycle()
	for _, w := range woken {
		w.Wake()
	}
	return c
}

// finish lets go of one shard.
func (tx *Tx) finish(s *shard, c *Commit) {
	if c.Changed {
		s.lastSeq = max(s.lastSeq, c.Seq)
	}
	c.Seq = max(c.Seq, s.lastSeq)
	if tx.resized {
		s.count()
	}
	s.mu.Unlock()
}

// restamp marks the entries of the rows as part of a later checkpoint than the
// one that was under way when the Tx began.
func (tx *Tx) restamp(epoch uint32) {
	for i := range tx.set.Rows {
		row := &tx.set.Rows[i]
		if row.Kind != change.Key || row.Op == change.Drop {
			continue
		}
		s, hash := tx.shard(row.Key)
		db, known := tx.engine.spaces.database(row.Space)
		if !known {
			continue
		}
		if ref, ok := s.find(db, hash, row.Key); ok {
			s.entry(ref).setEpoch(epoch)
		}
	}
}

const (
	// keepScratch is the most memory that a Tx keeps for the next one, in bytes.
	keepScratch = 64 << 10
	// keepRows is the most rows that it keeps room for.
	keepRows = 1 << 10
)

func (tx *Tx) recycle() {
	tx.set.Reset()
	if cap(tx.scratch) > keepScratch {
		tx.scratch = nil
	}
	if cap(tx.set.Rows) > keepRows {
		tx.set = change.Set{}
	}
	tx.scratch = tx.scratch[:0]
	tx.held, tx.last, tx.cold = Lock{}, lookup{}, coldKey{}
	tx.ready, tx.served, tx.woken = nil, nil, nil
	tx.resized, tx.quiet, tx.visited = false, false, 0
	tx.touchedKeys, tx.emptied, tx.author = nil, false, 0
	tx.rev, tx.documents.used = 0, 0
	tx.changes, tx.origin = nil, Origin{}
	tx.engine.txs.Put(tx)
}
