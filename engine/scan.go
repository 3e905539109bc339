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
	e := tx.engine
	width := bits.TrailingZeros(uint(len(e.shards)))
	i := int(cursor & uint64(len(e.shards)-1))
	inner := cursor >> width
	seen := 0
	for ; i < len(e.shards); i++ {
		tx.visit(i, func(s *shard) {
			inner = s.scan(tx.db, inner, count-seen, tx.now, func(it Item) {
				seen++
				emit(it)
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

// scan goes through about count entries of a database's index.
func (s *shard) scan(db int, cursor uint64, count int, now int64, emit func(Item)) uint64 {
	t := s.dbs[db].index
	if t == nil {
		return 0
	}
	return t.Scan(cursor, max(count, 1), func(ref uint64) {
		if ent := s.entry(ref); !s.expired(ent, now) {
			emit(Item{Key: s.key(ent), Type: ent.kind()})
		}
	})
}

func (s *shard) expired(e entry, now int64) bool {
	return e.has(flagExpires) && now > s.deadlineOf(e)
}

// Each calls fn for every key of the database, one shard after the other.
func (tx *Tx) Each(fn func(Item)) {
	for i := range tx.engine.shards {
		tx.visit(i, func(s *shard) {
			t := s.dbs[tx.db].index
			if t == nil {
				return
			}
			t.All(func(ref uint64) bool {
				if ent := s.entry(ref); !s.expired(ent, tx.now) {
					fn(Item{Key: s.key(ent), Type: ent.kind()})
				}
				return true
			})
		})
	}
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
		if e := s.entry(ref); !s.expired(e, now) {
			return -1, append([]byte{}, s.key(e)...)
		}
	}
	return -1, nil
}
