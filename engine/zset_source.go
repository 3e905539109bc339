package engine

import (
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// ZSource is a set or a sorted set as the input of ZUNION and its sisters. The
// members of a set have score 1.
type ZSource struct {
	z     ZSet
	s     Set
	plain bool
}

// ZSource returns the set or sorted set at key; a missing key gives an empty one.
// It fails with WRONGTYPE for a key of another type.
func (tx *Tx) ZSource(key []byte) (ZSource, error) {
	f, ok := tx.read(key)
	c := collection{tx: tx, key: key, kind: change.ZSet, found: f}
	switch {
	case !ok || f.kind() == change.ZSet:
		return ZSource{z: ZSet{c}}, nil
	case f.kind() == change.SetType:
		c.kind = change.SetType
		return ZSource{s: Set{c}, plain: true}, nil
	}
	return ZSource{}, rediserr.WrongType
}

// Len returns the number of members.
func (s *ZSource) Len() int {
	if s.plain {
		return s.s.Len()
	}
	return s.z.Len()
}

// Score returns the score of a member, and whether it is there.
func (s *ZSource) Score(member []byte) (score float64, ok bool) {
	if s.plain {
		return 1, s.s.Has(member)
	}
	return s.z.Score(member)
}

// All calls fn for every member until it returns false. A member is valid during
// the call only, and nothing must be changed meanwhile.
func (s *ZSource) All(fn func(member []byte, score float64) bool) {
	if s.plain {
		s.s.All(func(member []byte) bool { return fn(member, 1) })
		return
	}
	s.z.Range(0, s.z.Len(), Ascending, fn)
}
