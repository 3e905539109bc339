package list

import "slices"

// A directory is groups of chunks. Both are found by adding up counts from the
// nearer end, so a list of n chunks is searched in about the root of n steps.

// maxGroup is the number of chunks in a full group.
const maxGroup = 128

// group is some chunks in a row.
type group struct {
	count  int // elements
	chunks []chunk
}

// place is where a chunk is: its group, and its number in that.
type place struct{ group, chunk int }

func (l *List) chunk(at place) *chunk { return &l.groups[at.group].chunks[at.chunk] }

// end is the place behind the last chunk.
func (l *List) end() place {
	if len(l.groups) == 0 {
		return place{}
	}
	last := len(l.groups) - 1
	return place{last, len(l.groups[last].chunks)}
}

// next is the place of the chunk after the one at a place.
func (l *List) next(at place) place {
	if at.chunk++; at.chunk == len(l.groups[at.group].chunks) && at.group+1 < len(l.groups) {
		return place{at.group + 1, 0}
	}
	return at
}

// prev is the place of the chunk before the one at a place, and whether there is
// one.
func (l *List) prev(at place) (place, bool) {
	switch {
	case at.chunk > 0:
		return place{at.group, at.chunk - 1}, true
	case at.group > 0:
		return place{at.group - 1, len(l.groups[at.group-1].chunks) - 1}, true
	}
	return place{}, false
}

// eachChunk calls fn with every chunk in order.
func (l *List) eachChunk(fn func(ch *chunk)) {
	for g := range l.groups {
		for c := range l.groups[g].chunks {
			fn(&l.groups[g].chunks[c])
		}
	}
}

// seek returns the place of element i and its number in the chunk there. For i =
// Len it is the number behind the last element of the last chunk.
func (l *List) seek(i int) (place, int) {
	if i > l.count/2 {
		return l.seekBack(l.count - i)
	}
	var at place
	for i >= l.groups[at.group].count {
		i -= l.groups[at.group].count
		at.group++
	}
	chunks := l.groups[at.group].chunks
	for i >= chunks[at.chunk].count {
		i -= chunks[at.chunk].count
		at.chunk++
	}
	return at, i
}

// seekBack is seek for the element that has back-1 others behind it.
func (l *List) seekBack(back int) (place, int) {
	at := place{group: len(l.groups) - 1}
	for back > l.groups[at.group].count {
		back -= l.groups[at.group].count
		at.group--
	}
	chunks := l.groups[at.group].chunks
	for at.chunk = len(chunks) - 1; back > chunks[at.chunk].count; at.chunk-- {
		back -= chunks[at.chunk].count
	}
	return at, chunks[at.chunk].count - back
}

// find returns the place of the first chunk that does not end before a position,
// and the number of elements before that chunk; !ok if all end before it.
func (l *List) find(pos int64) (at place, before int, ok bool) {
	last, ok := l.prev(l.end())
	if !ok || l.chunk(last).last < pos {
		return at, l.count, false
	}
	for {
		g := &l.groups[at.group]
		if g.chunks[len(g.chunks)-1].last >= pos {
			break
		}
		before += g.count
		at.group++
	}
	chunks := l.groups[at.group].chunks
	for chunks[at.chunk].last < pos {
		before += chunks[at.chunk].count
		at.chunk++
	}
	return at, before, true
}

// insertChunk puts a chunk at a place, before the one that is there.
func (l *List) insertChunk(at place, ch chunk) {
	if len(l.groups) == 0 {
		l.groups = append(l.groups, group{})
	}
	if len(l.groups[at.group].chunks) == maxGroup {
		at = l.splitGroup(at)
	}
	g := &l.groups[at.group]
	g.chunks = slices.Insert(g.chunks, at.chunk, ch)
	l.recount(at, ch.count)
	l.items += ch.used()
	l.chunks++
}

// splitGroup makes room in a full group by a further one and returns what has
// become of the place. At the ends of a group the new one is empty, so that
// groups are full where a list only grows at its ends.
func (l *List) splitGroup(at place) place {
	cut := maxGroup / 2
	if at.chunk == 0 || at.chunk == maxGroup {
		cut = at.chunk
	}
	l.groups = slices.Insert(l.groups, at.group, l.groups[at.group])
	left, right := &l.groups[at.group], &l.groups[at.group+1]
	all := left.chunks
	left.chunks, right.chunks = slices.Clone(all[:cut]), slices.Clone(all[cut:])
	left.count = 0
	for _, ch := range left.chunks {
		left.count += ch.count
	}
	right.count -= left.count
	if at.chunk > cut || cut == maxGroup {
		return place{at.group + 1, at.chunk - cut}
	}
	return at
}

// removeChunk frees the chunk at a place.
func (l *List) removeChunk(at place) {
	g := &l.groups[at.group]
	ch := &g.chunks[at.chunk]
	l.free(ch.ref)
	l.recount(at, -ch.count)
	l.items -= ch.used()
	l.chunks--
	g.chunks = slices.Delete(g.chunks, at.chunk, at.chunk+1)
	if len(g.chunks) == 0 {
		l.groups = slices.Delete(l.groups, at.group, at.group+1)
	}
}

// recount notes that the chunk at a place has n elements more.
func (l *List) recount(at place, n int) {
	l.groups[at.group].count += n
	l.count += n
}
