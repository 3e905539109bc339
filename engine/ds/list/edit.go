package list

// Insert puts a value before element i, or at the end for i = Len. pos must be
// between the positions of its neighbours.
func (l *List) Insert(i int, pos int64, value []byte) {
	if l.count == 0 {
		l.add(place{}, pos, value)
		return
	}
	if i == 0 && l.pushFront(pos, value) || i == l.count && l.pushBack(pos, value) {
		return
	}
	for {
		at, j := l.seek(i)
		if l.insertAt(at, j, pos, value) {
			return
		}
		if count := l.chunk(at).count; itemSize(len(value)) > bigItem {
			l.split(at, j)
		} else {
			l.split(at, count/2)
		}
	}
}

// pushFront puts a value before all others where the first chunk has room for it as
// it is: most pushes need no more than that.
func (l *List) pushFront(pos int64, value []byte) bool {
	ch := l.chunk(place{})
	distance := uint64(ch.first - pos)
	n := itemSize(len(value)) + gapSize(distance)
	if int(ch.start) < n || ch.used()+n > chunkSize {
		return false
	}
	ch.start -= uint32(n)
	room := l.bytes(ch)
	putGap(room, putItem(room, 0, value), distance)
	ch.first = pos
	l.pushed(place{}, n)
	return true
}

// pushBack is pushFront for the other end.
func (l *List) pushBack(pos int64, value []byte) bool {
	at, _ := l.prev(l.end())
	ch := l.chunk(at)
	distance := uint64(pos - ch.last)
	n := itemSize(len(value)) + gapSize(distance)
	cell := l.heap.At(ch.ref)
	if len(cell)-int(ch.end) < n || ch.used()+n > chunkSize {
		return false
	}
	putItem(cell, putGap(cell, int(ch.end), distance), value)
	ch.end += uint32(n)
	ch.last = pos
	l.pushed(at, n)
	return true
}

// pushed counts an item of n bytes more in the chunk at a place.
func (l *List) pushed(at place, n int) {
	l.chunk(at).count++
	l.items += n
	l.recount(at, 1)
}

// insertAt puts a value before item j of the chunk at a place, or into a new chunk
// beside it. It reports false if that chunk has to be split first.
func (l *List) insertAt(at place, j int, pos int64, value []byte) bool {
	ch := l.chunk(at)
	small := itemSize(len(value)) <= bigItem
	if small && j == 0 {
		if prev, ok := l.prev(at); ok && l.insertInto(prev, l.chunk(prev).count, pos, value) {
			return true
		}
	}
	switch {
	case small && l.insertInto(at, j, pos, value):
	case j == 0:
		l.seal(ch)
		l.add(at, pos, value)
	case j == ch.count:
		l.seal(ch)
		l.add(place{at.group, at.chunk + 1}, pos, value)
	default:
		return false
	}
	return true
}

// insertInto puts a value before item j of the chunk at a place if that has room.
func (l *List) insertInto(at place, j int, pos int64, value []byte) bool {
	ch := l.chunk(at)
	return l.apply(at, ch.insert(l.bytes(ch), j, pos, value), optional)
}

// add makes a chunk for a value and puts it at a place.
func (l *List) add(at place, pos int64, value []byte) {
	n := itemSize(len(value))
	ref, cell := l.alloc(growth(n))
	putItem(cell, 0, value)
	l.insertChunk(at, chunk{run: run{first: pos, last: pos, count: 1}, ref: ref, end: uint32(n)})
}

// seal gives back the room in a chunk that others are to follow.
func (l *List) seal(ch *chunk) {
	if size := l.heap.Size(ch.ref); size-ch.used() > size/8 {
		l.fit(ch, ch.used())
	}
}

// Set gives element i another value.
func (l *List) Set(i int, value []byte) {
	at, j := l.seek(i)
	ch := l.chunk(at)
	e := ch.set(l.bytes(ch), j, value)
	switch {
	case ch.count == 1:
		l.apply(at, e, necessary)
		l.tidy(at)
	case itemSize(len(value)) <= bigItem && l.apply(at, e, optional):
		l.tidy(at)
	default:
		_, pos := ch.seek(l.bytes(ch), j)
		l.Remove(i, 1)
		l.Insert(i, pos, value)
	}
}

// Remove takes n elements away, from element i on.
func (l *List) Remove(i, n int) {
	for n > 0 {
		at, j := l.seek(i)
		ch := l.chunk(at)
		here := min(n, ch.count-j)
		if here == ch.count {
			l.removeChunk(at)
		} else {
			l.apply(at, ch.remove(l.bytes(ch), j, here), necessary)
			l.tidy(at)
		}
		n -= here
	}
}

// tidy joins the chunk at a place, which has become smaller, with a neighbour, or
// gives back room that it does not need. The chunks at the ends are left alone, for
// they come and go with the elements there.
func (l *List) tidy(at place) {
	ch := l.chunk(at)
	used := ch.used()
	next := l.next(at)
	if prev, ok := l.prev(at); used < chunkSize/4 && ok && next != l.end() {
		switch {
		case used+l.chunk(next).used() <= joined:
			l.join(at)
			return
		case used+l.chunk(prev).used() <= joined:
			l.join(prev)
			return
		}
	}
	if size := l.heap.Size(ch.ref); size > smallCell && used < size/4 {
		l.fit(ch, growth(used))
	}
}

const (
	// joined is the size up to which neighbours are made one chunk, in bytes: it
	// is not soon to be split again.
	joined = chunkSize * 3 / 4
	// smallCell is the size of a cell in which room may be wasted, in bytes.
	smallCell = 256
)
