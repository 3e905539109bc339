package geo

import (
	"bytes"
	"cmp"
	"slices"

	"kvd/engine"
	"kvd/engine/ds/geo"
	"kvd/resp/command"
)

// order is how the members that were found are sorted by their distance.
type order uint8

const (
	unsorted order = iota
	nearest
	farthest
)

// search is a line of GEOSEARCH or one of its sisters.
type search struct {
	z     engine.ZSet
	shape geo.Shape

	order             order
	count             int64 // 0: all
	any               bool  // the first ones that are found will do
	dist, hash, coord bool  // what to return of a member

	// What is stored, with which event.
	stores, storesDist bool
	destination        []byte
	event              string

	// Where to look, and which options have said so.
	fromOne, fromPlace    bool
	center                geo.Point
	circle, box           bool
	radius, width, height float64 // in units
	unit                  float64 // in meters
}

// hit is a member that was found.
type hit struct {
	member   []byte
	score    float64
	distance float64 // in units
	place    geo.Point
}

// hits are the members that were found, in memory of their own.
type hits struct {
	list  []hit
	names engine.ZList
}

func (h *hits) add(member []byte, score, distance float64, p geo.Point) {
	h.names.Add(member, score)
	last := h.names.Entries[len(h.names.Entries)-1]
	h.list = append(h.list, hit{last.Member, score, distance, p})
}

// run looks for the members, and replies with them or stores them.
func (s *search) run(c *command.Ctx) error {
	var found hits
	if s.z.Exists() {
		if err := s.find(c, &found); err != nil {
			return err
		}
	}
	list := found.list
	if s.count != 0 && s.order == unsorted && !s.any {
		s.order = nearest
	}
	if s.count > 0 && s.count < int64(len(list)) {
		s.sortFirst(list, int(s.count))
		list = list[:s.count]
	} else {
		s.sort(list)
	}
	if s.stores {
		s.store(c, list)
		return nil
	}
	s.reply(c, list)
	return nil
}

// find gathers the members in the shape, in the order of the ranges that cover
// it.
func (s *search) find(c *command.Ctx, found *hits) error {
	if s.box {
		s.shape = geo.Box(s.center, s.width, s.height, s.unit)
	} else {
		s.shape = geo.Circle(s.center, s.radius, s.unit)
	}
	var cover [geo.MaxRanges]geo.Range
	var ranks [geo.MaxRanges]struct{ from, to int }
	ranges, total := s.shape.Cover(cover[:0]), 0
	for i, r := range ranges {
		ranks[i].from, ranks[i].to = s.z.Between(engine.ZBefore(float64(r.From)), engine.ZBefore(float64(r.To)))
		total += ranks[i].to - ranks[i].from
	}
	if err := c.Heavy(total); err != nil {
		return err
	}
	enough := func() bool { return s.any && int64(len(found.list)) >= s.count }
	var p geo.Point
	var meters float64
	inside := func(score float64) (in bool) {
		p = hash(score).Point()
		meters, in = s.shape.Distance(p)
		return in
	}
	add := func(member []byte, score float64) bool {
		if s.storesDist { // all digits can be seen
			meters = s.shape.Exact(p)
		}
		found.add(member, score, meters/s.unit, p)
		return !enough()
	}
	for i := range ranges {
		if enough() {
			break
		}
		s.z.Select(ranks[i].from, ranks[i].to, inside, add)
	}
	return nil
}

func (s *search) sort(list []hit) {
	switch s.order {
	case nearest:
		slices.SortStableFunc(list, func(a, b hit) int { return cmp.Compare(a.distance, b.distance) })
	case farthest:
		slices.SortStableFunc(list, func(a, b hit) int { return cmp.Compare(b.distance, a.distance) })
	}
}

// sortFirst is sort for the first of the members.
func (s *search) sortFirst(list []hit, count int) {
	switch s.order {
	case nearest:
		sortFirst(list, count, func(a, b *hit) int { return cmp.Compare(a.distance, b.distance) })
	case farthest:
		sortFirst(list, count, func(a, b *hit) int { return cmp.Compare(b.distance, a.distance) })
	}
}

// reply writes the members, each as an array if anything is returned with it.
func (s *search) reply(c *command.Ctx, list []hit) {
	parts := 1
	for _, with := range []bool{s.dist, s.hash, s.coord} {
		if with {
			parts++
		}
	}
	c.Out.Array(len(list))
	for i := range list {
		h := &list[i]
		if parts > 1 {
			c.Out.Array(parts)
		}
		c.Out.Bulk(h.member)
		if s.dist {
			writeDistance(c, h.distance)
		}
		if s.hash {
			c.Out.Int(int64(h.score))
		}
		if s.coord {
			writePlace(c, h.place)
		}
	}
}

// store puts the members into the destination, with their distances or with the
// scores that they have.
func (s *search) store(c *command.Ctx, list []hit) {
	entries := make([]engine.ZEntry, len(list))
	for i, h := range list {
		entries[i] = engine.ZEntry{Member: h.member, Score: h.score}
		if s.storesDist {
			entries[i].Score = h.distance
		}
	}
	slices.SortFunc(entries, func(a, b engine.ZEntry) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), bytes.Compare(a.Member, b.Member))
	})
	c.Tx.ReplaceZSet(s.destination, entries, limits(c), s.event)
	c.Out.Int(int64(len(entries)))
}
