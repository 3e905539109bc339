package migrate

import (
	"slices"
	"time"

	"kvd/migrate/ops"
)

// Set is the migrations of one target, in the order of their versions.
type Set []*Migration

// Add returns the set with a migration, in place of one with its version.
func (s Set) Add(m *Migration) Set {
	i, found := s.find(m.Version)
	if found {
		s = slices.Clone(s)
		s[i] = m
		return s
	}
	return slices.Insert(slices.Clone(s), i, m)
}

// Remove returns the set without a version.
func (s Set) Remove(v Version) Set {
	if i, found := s.find(v); found {
		return slices.Delete(slices.Clone(s), i, i+1)
	}
	return s
}

// Get returns the migration with a version, or nil.
func (s Set) Get(v Version) *Migration {
	if i, found := s.find(v); found {
		return s[i]
	}
	return nil
}

// Between returns the migrations above one version, up to and including another.
func (s Set) Between(above, upTo Version) Set {
	var some Set
	for _, m := range s {
		if above.Less(m.Version) && !upTo.Less(m.Version) {
			some = append(some, m)
		}
	}
	return some
}

// Latest is the highest version, Zero if there are no migrations.
func (s Set) Latest() Version {
	if len(s) == 0 {
		return Zero
	}
	return s[len(s)-1].Version
}

func (s Set) find(v Version) (int, bool) {
	return slices.BinarySearchFunc(s, v, func(m *Migration, v Version) int { return Compare(m.Version, v) })
}

// Transform applies migrations to a document that is stored nowhere: those above
// from up to to, or, if to is below from, takes those back. There is no undo record
// then, so it fails with an *IrreversibleError where operations lead no way back.
func (s Set) Transform(e *ops.Env, now time.Time, shape Shape, to Version) (Shape, error) {
	var err error
	for _, m := range s.Between(shape.Version, to) {
		if shape, err = shape.Up(e, m, now); err != nil {
			return Shape{}, err
		}
	}
	back := s.Between(to, shape.Version)
	for i := len(back) - 1; i >= 0; i-- {
		below := to
		if i > 0 {
			below = back[i-1].Version
		}
		if shape, err = shape.Down(e, back[i], below, Auto); err != nil {
			return Shape{}, err
		}
	}
	return shape, nil
}

// Has reports whether a version is among the migrations, in whatever order they are.
func (s Set) Has(v Version) bool {
	return slices.ContainsFunc(s, func(m *Migration) bool { return m.Version == v })
}
