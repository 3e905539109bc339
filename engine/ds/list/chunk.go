package list

import "kvd/engine/slab"

const (
	// chunkSize is the size of a full chunk in bytes. An element may be larger,
	// and is then alone in its chunk.
	chunkSize = 4 << 10
	// bigItem is the size from which an item gets a chunk of its own, unless there is
	// room for it at an end of the list as it is.
	bigItem = chunkSize / 2
	// maxGap is the greatest size of a gap.
	maxGap = 12
)

// chunk is a run of items in a cell, with room in front of them or behind.
type chunk struct {
	run
	ref        slab.Ref
	start, end uint32 // of the items in the cell
}

func (ch *chunk) used() int { return int(ch.end - ch.start) }

// bytes returns a chunk's items.
func (l *List) bytes(ch *chunk) []byte { return l.heap.At(ch.ref)[ch.start:ch.end:ch.end] }

// growth is the size of the cell for n bytes of items that may become more.
func growth(n int) int { return max(n, min(n+n/2, chunkSize)) }

func (l *List) alloc(n int) (slab.Ref, []byte) {
	ref, cell := l.heap.Alloc(n)
	l.cells += l.heap.Size(ref)
	return ref, cell[:n]
}

func (l *List) free(ref slab.Ref) {
	l.cells -= l.heap.Size(ref)
	l.heap.Free(ref)
}

// newChunk copies items into a cell of size bytes, for insertChunk.
func (l *List) newChunk(r run, items []byte, size int) chunk {
	ref, cell := l.alloc(size)
	copy(cell, items)
	return chunk{run: r, ref: ref, end: uint32(len(items))}
}

// apply makes a change of the chunk at a place. If must is not set it may refuse,
// where the chunk would become too large.
func (l *List) apply(at place, e edit, must necessity) bool {
	ch := l.chunk(at)
	add := e.size()
	if must == optional && add > e.del && ch.used()-e.del+add > chunkSize {
		return false
	}
	room, ok := ch.shift(l.heap.At(ch.ref), e.at, e.del, add)
	if !ok {
		if must == optional && !l.mayGrow(ch, &e) {
			return false
		}
		room = l.rebuild(ch, e.at, e.del, add)
	}
	e.fill(room)
	l.items += add - e.del
	l.recount(at, e.now.count-ch.count)
	ch.run = e.now
	return true
}

// necessity says whether a change may be refused.
type necessity uint8

const (
	optional necessity = iota
	necessary
)

// mayGrow reports whether a chunk may have a new cell for a change. Where it grows
// at an end it must gain much room by that: a queue that moved its items for every
// push would be slow.
func (l *List) mayGrow(ch *chunk, e *edit) bool {
	need := ch.used() - e.del + e.size()
	inside := e.at > 0 && e.at+e.del < ch.used()
	return inside || l.heap.Size(ch.ref) < chunkSize || need+need/2 <= chunkSize
}

// shift makes room for a change in the chunk's cell, and reports whether there was
// enough. It moves the shorter part of the items, and at the ends never the rest
// for a few bytes.
func (ch *chunk) shift(cell []byte, at, del, add int) (room []byte, ok bool) {
	start, end := int(ch.start), int(ch.end)
	grow, behind := add-del, end-start-at-del
	front, back := start >= grow, end+grow <= len(cell)
	switch {
	case front && (at < behind || !back && behind > 0):
		copy(cell[start-grow:], cell[start:start+at])
		start -= grow
	case back && (behind <= at || at > 0):
		copy(cell[start+at+add:], cell[start+at+del:end])
		end += grow
	default:
		return nil, false
	}
	ch.start, ch.end = uint32(start), uint32(end)
	return cell[start+at : start+at+add], true
}

// rebuild gives a chunk another cell, with room for a change. Further room is on
// the side on which the chunk has grown.
func (l *List) rebuild(ch *chunk, at, del, add int) (room []byte) {
	old := l.bytes(ch)
	n := len(old) - del + add
	ref, cell := l.alloc(growth(n))
	start := 0
	if at == 0 {
		start = len(cell) - n
	}
	items := cell[start : start+n]
	copy(items, old[:at])
	copy(items[at+add:], old[at+del:])
	l.free(ch.ref)
	ch.ref, ch.start, ch.end = ref, uint32(start), uint32(start+n)
	return items[at : at+add]
}

// fit puts the items of a chunk into a cell of about size bytes.
func (l *List) fit(ch *chunk, size int) {
	now := l.newChunk(ch.run, l.bytes(ch), size)
	l.free(ch.ref)
	*ch = now
}

// split makes two chunks of the one at a place: the second begins with item j.
func (l *List) split(at place, j int) {
	ch := l.chunk(at)
	b := l.bytes(ch)
	it, pos := ch.seek(b, j)
	rest := l.newChunk(run{first: pos, last: ch.last, count: ch.count - j}, b[it.head:], growth(len(b)-it.head))
	l.items -= len(b) - it.start
	l.recount(at, -rest.count)
	ch.end = ch.start + uint32(it.start)
	ch.count, ch.last = j, pos-int64(it.distance)
	l.insertChunk(place{at.group, at.chunk + 1}, rest)
}

// join makes one chunk of the one at a place and the next.
func (l *List) join(at place) {
	next := l.next(at)
	a, b := l.chunk(at), l.chunk(next)
	distance := uint64(b.first - a.last)
	n := a.used() + gapSize(distance) + b.used()
	ref, cell := l.alloc(growth(n))
	copy(cell, l.bytes(a))
	behind := putGap(cell, a.used(), distance)
	copy(cell[behind:], l.bytes(b))

	l.free(a.ref)
	l.items += n - a.used()
	l.recount(at, b.count)
	*a = chunk{run: run{a.first, b.last, a.count + b.count}, ref: ref, end: uint32(n)}
	l.removeChunk(next)
}
