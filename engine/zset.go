package engine

import (
	"slices"

	"kvd/engine/ds/zset"
	"kvd/internal/change"
)

// ZSet is the sorted set at a key, or what will be one when a member is added.
// Handles of one key must not be mixed: one that has changed it makes others
// invalid.
//
// A row of it has a member as its name and the score, a little-endian float64,
// as its value.
type ZSet struct{ c collection }

// ZEntry is a member of a sorted set with its score, which is not NaN.
type ZEntry struct {
	Member []byte
	Score  float64
}

// ZLimits is up to what size a sorted set counts as a listpack.
type ZLimits struct {
	Members int64
	Bytes   int64 // of any member
}

// forAll returns the limits for a set that gets all its members at once: if it is
// a large one then, it is one from the first member on.
func (l ZLimits) forAll(entries []ZEntry) ZLimits {
	long := func(e ZEntry) bool { return int64(len(e.Member)) > l.Bytes }
	if int64(len(entries)) > l.Members || slices.ContainsFunc(entries, long) {
		return ZLimits{}
	}
	return l
}

// defaultZLimits go for sorted sets that are loaded.
var defaultZLimits = ZLimits{Members: 128, Bytes: 64}

// Order is the way in which members are visited.
type Order bool

// Ways to go.
const (
	Ascending  Order = false
	Descending Order = true
)

// ZSet returns the sorted set at key; a missing key gives an empty one. It fails
// with WRONGTYPE.
func (tx *Tx) ZSet(key []byte) (ZSet, error) {
	c, err := tx.open(key, change.ZSet)
	return ZSet{c}, err
}

// PeekZSet is ZSet without noting an access.
func (tx *Tx) PeekZSet(key []byte) (ZSet, error) {
	c, err := tx.peek(key, change.ZSet)
	return ZSet{c}, err
}

// Exists reports whether there is such a key.
func (z *ZSet) Exists() bool { return z.c.exists() }

// Listpack reports whether the sorted set counts as a compact one.
func (z *ZSet) Listpack() bool { return z.c.exists() && !z.c.big() }

// Len returns the number of members.
func (z *ZSet) Len() int {
	if t, ok := z.tree(); ok {
		return t.Len()
	}
	return z.small().len()
}

// Score returns the score of a member, and whether it is in the set.
func (z *ZSet) Score(member []byte) (score float64, ok bool) {
	if t, ok := z.tree(); ok {
		return t.Score(member)
	}
	s, ok := z.small().find(member)
	return s.score, ok
}

// Rank returns how many members are before this one, its score, and whether it
// is in the set.
func (z *ZSet) Rank(member []byte) (rank int, score float64, ok bool) {
	if t, ok := z.tree(); ok {
		return t.RankOf(member)
	}
	s, ok := z.small().find(member)
	return s.rank, s.score, ok
}

// Range calls fn for the members with ranks from on, below to, in this order,
// until it returns false. A member is valid during the call only, and the set
// must not be changed meanwhile.
func (z *ZSet) Range(from, to int, order Order, fn func(member []byte, score float64) bool) {
	from, to = max(from, 0), min(to, z.Len())
	if from >= to {
		return
	}
	t, ok := z.tree()
	switch {
	case !ok && order == Ascending:
		z.small().ascend(from, to, fn)
	case !ok:
		z.small().descend(from, to, fn)
	case order == Ascending:
		for c := t.Seek(from); from < to && fn(c.Member(), c.Score()); from++ {
			c.Next()
		}
	default:
		for c := t.Seek(to - 1); from < to && fn(c.Member(), c.Score()); to-- {
			c.Prev()
		}
	}
}

// Select is Range, ascending, for the members whose scores keep accepts; others
// need not be fetched from memory.
func (z *ZSet) Select(from, to int, keep func(score float64) bool, fn func(member []byte, score float64) bool) {
	from, to = max(from, 0), min(to, z.Len())
	t, ok := z.tree()
	if !ok {
		z.Range(from, to, Ascending, func(member []byte, score float64) bool { return !keep(score) || fn(member, score) })
		return
	}
	for c := t.Seek(from); from < to; from++ {
		if score := c.Score(); keep(score) && !fn(c.Member(), score) {
			return
		}
		c.Next()
	}
}

// Scan goes on at cursor (0: the beginning) through the set and calls emit for
// about count members. It returns where to go on; 0 is the end. A member that is
// there from the first to the last call is seen at least once. Any cursor is
// safe. A small set is seen whole.
func (z *ZSet) Scan(cursor uint64, count int, emit func(member []byte, score float64)) (next uint64) {
	if t, ok := z.tree(); ok {
		return t.Scan(cursor, count, emit)
	}
	z.Range(0, z.Len(), Ascending, func(member []byte, score float64) bool {
		emit(member, score)
		return true
	})
	return 0
}

func (z *ZSet) tree() (t zsetTree, ok bool) {
	t, ok = z.c.native().(zsetTree)
	return t, ok
}

func (z *ZSet) small() smallZSet { return z.c.packed() }

// ZCut is a place between the members of a sorted set; see ZSet.Between.
type ZCut struct {
	cut zset.Cut
	end int8 // -1: before all members, 1: after all
}

// ZBefore is the place before the members with this score.
func ZBefore(score float64) ZCut { return ZCut{cut: zset.BeforeScore(score)} }

// ZAfter is the place after the members with this score.
func ZAfter(score float64) ZCut { return ZCut{cut: zset.AfterScore(score)} }

// ZBeforeMember is the place before a member, whether it is there or not, where
// all scores are equal; else it is somewhere.
func ZBeforeMember(member []byte) ZCut { return ZCut{cut: zset.BeforeMember(member)} }

// ZAfterMember is the place after a member, as ZBeforeMember.
func ZAfterMember(member []byte) ZCut { return ZCut{cut: zset.AfterMember(member)} }

// ZStart is the place before all members.
func ZStart() ZCut { return ZCut{end: -1} }

// ZEnd is the place after all members.
func ZEnd() ZCut { return ZCut{end: 1} }

// Between returns the ranks of the members between two places: those from the
// first on, below the second. The first is not above the second.
func (z *ZSet) Between(low, high ZCut) (from, to int) {
	from, to = z.rankOf(low), z.rankOf(high)
	return min(from, to), to
}

func (z *ZSet) rankOf(c ZCut) int {
	t, ok := z.tree()
	switch {
	case c.end < 0:
		return 0
	case c.end > 0:
		return z.Len()
	case ok:
		return t.Rank(c.cut)
	}
	return z.small().rank(c.cut)
}
