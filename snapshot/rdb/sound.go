package rdb

import (
	"bytes"
	"cmp"
	"slices"
)

// Sound reports whether no element of the value is there twice, no score is not a
// number, and no group of a stream has the name of another.
func (v *Value) Sound() bool {
	if v.Type == Stream && !unique(len(v.Stream.Groups), func(i int) []byte { return v.Stream.Groups[i].Name }) {
		return false
	}
	return v.sound() && !slices.ContainsFunc(v.ZSet, func(s Scored) bool { return s.Score != s.Score })
}

// SortScored sorts members by their scores, and those of one score by their bytes,
// as Encode wants them.
func SortScored(list []Scored) {
	slices.SortFunc(list, func(a, b Scored) int {
		if by := cmp.Compare(a.Score, b.Score); by != 0 {
			return by
		}
		return bytes.Compare(a.Member, b.Member)
	})
}
