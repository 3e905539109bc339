package engine

import (
	"math/bits"
	"math/rand/v2"

	"kvd/internal/change"
)

// A SCAN cursor is the shard's number in the low bits and, above it, the cursor
// of that shard's index (48 bits at most). The shards are scanned in turn.

// Item is a key as a scan sees it. Its slice is valid during the call only.
type Item struct {
	Key  []byte
	Type change.Type
}

// Scan goes on at cursor (0: the beginning) through a database and calls emit
// for about count keys. It returns where to go on; 0 is the end. A key that is
// there from the first to the last call is seen at least once. Any cursor is
// safe; keys that have expired are left out.
func (tx *Tx) Scan(cursor uint64, count int, emit func(Item)) (next uint64) {
	return tx.scanEntries(cursor, count, func(s *shard, e entry) bool {
		if s.hidden(e, tx.db, tx.now) {
			return false
		}
		emit(Item{Key: s.key(e), Type: shownAs(e.kind())})
		return true
	})
}

// scanEntries is Scan for entries, those included that are not to be seen. see
// reports whether an entry counts.
func (tx *Tx) scanEntries(cursor uint64, count int, see func(*shard, entry) bool) (next uint64) {
	e := tx.engine
	width := bits.TrailingZeros(uint(len(e.shards)))
	i := int(cursor & uint64(len(e.shards)-1))
	inner := cursor >> width
	seen := 0
	for ; i < len(e.shards); i++ {
		tx.visit(i, func(s *shard) {
			t := s.dbs[tx.db].index
			if t == nil {
				inner = 0
				return
			}
			inner = t.Scan(inner, max(count-seen, 1), func(ref uint64) {
				if see(s, s.entry(ref)) {
					seen++
				}
			})
		})
		if inner != 0 {
			return inner<<width | uint64(i)
		}
		if seen >= count && i+1 < len(e.shards) {
			return uint64(i + 1)
		}
	}
	return 0
}

func (s *shard) expired(e entry, now int64) bool {
	return e.has(flagExpires) && now > s.deadlineOf(e)
}

// hidden reports whether a key counts as missing though its entry is there.
func (s *shard) hidden(e entry, db int, now int64) bool {
	return s.expired(e, now) || e.kind() == change.Cached && s.concealed(e, db, s.key(e), now)
}

// Each calls fn for every key of the database, one shard after the other.
func (tx *Tx) Each(fn func(Item)) {
	for i := range tx.engine.shards {
		tx.visit(i, func(s *shard) { tx.eachIn(s, fn) })
	}
}

// eachIn calls fn for every key that a locked shard has of the database.
func (tx *Tx) eachIn(s *shard, fn func(Item)) {
	t := s.dbs[tx.db].index
	if t == nil {
		return
	}
	t.All(func(ref uint64) bool {
		if ent := s.entry(ref); !s.hidden(ent, tx.db, tx.now) {
			fn(Item{Key: s.key(ent), Type: shownAs(ent.kind())})
		}
		return true
	})
}

// Len returns how many keys the database has, those included that have expired
// and are still there.
func (tx *Tx) Len() int {
	n := 0
	for i := range tx.engine.shards {
		tx.visit(i, func(s *shard) {
			if t := s.dbs[tx.db].index; t != nil {
				n += t.Len()
			}
		})
	}
	return n
}

// RandomKey returns a copy of some key of the database, each about as likely
// as any other.
func (tx *Tx) RandomKey() (key []byte, ok bool) {
	const tries = 100 // so many keys that have expired may come up in turn
	n := tx.Len()
	for range min(n, 1) * tries {
		at := rand.IntN(n)
		for i := range tx.engine.shards {
			tx.visit(i, func(s *shard) { at, key = s.pick(tx.db, at, tx.now) })
			if at < 0 {
				break
			}
		}
		if key != nil {
			return key, true
		}
	}
	return nil, false
}

// pick returns a copy of a random key if the at-th key of what is left to count
// belongs to this shard; at is then negative. The key is nil if it has expired.
func (s *shard) pick(db, at int, now int64) (int, []byte) {
	t := s.dbs[db].index
	if t == nil || t.Len() == 0 {
		return at, nil
	}
	if at >= t.Len() {
		return at - t.Len(), nil
	}
	if ref, ok := t.Random(rand.Uint64()); ok {
		if e := s.entry(ref); !s.hidden(e, db, now) {
			return -1, append([]byte{}, s.key(e)...)
		}
	}
	return -1, nil
}
