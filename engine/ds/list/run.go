package list

// run is what is known of a row of items.
type run struct {
	first, last int64 // positions
	count       int
}

// edit is a change of a run that has been worked out: del bytes at offset at
// give way to a gap, an item and another gap, as far as there are such.
type edit struct {
	at, del       int
	before, after uint64 // distances; 0: none
	puts          bool   // value is to be put
	value         []byte
	now           run
}

// size is how many bytes the edit puts in.
func (e *edit) size() int {
	n := gapSize(e.before) + gapSize(e.after)
	if e.puts {
		n += itemSize(len(e.value))
	}
	return n
}

// fill writes what is put in.
func (e *edit) fill(room []byte) {
	at := putGap(room, 0, e.before)
	if e.puts {
		at = putItem(room, at, e.value)
	}
	putGap(room, at, e.after)
}

// seek returns item i of b and its position. It goes there from the nearer end.
func (r run) seek(b []byte, i int) (item, int64) {
	if i > r.count/2 {
		return r.seekBack(b, r.count-1-i)
	}
	if i == 0 {
		return readItem(b, 0), r.first
	}
	head, pos := 0, r.first
	for range i - 1 {
		next, distance := after(b, head)
		head = next
		pos += int64(distance)
	}
	it := readItem(b, itemEnd(b, head))
	return it, pos + int64(it.distance)
}

// seekBack is seek for the item that has n others behind it.
func (r run) seekBack(b []byte, n int) (item, int64) {
	end, pos := len(b), r.last
	for range n {
		before, distance := before(b, end)
		end = before
		pos -= int64(distance)
	}
	return readBefore(b, end), pos
}

// search returns the index of the first item at pos or behind it, and whether it
// is at pos.
func (r run) search(b []byte, pos int64) (i int, found bool) {
	if r.count == 0 || pos > r.last {
		return r.count, false
	}
	head, at := 0, r.first
	for at < pos {
		next, distance := after(b, head)
		head = next
		at += int64(distance)
		i++
	}
	return i, at == pos
}

// insert puts a value before item i. pos must be between the positions of its
// neighbours.
func (r run) insert(b []byte, i int, pos int64, value []byte) edit {
	e := edit{puts: true, value: value, now: run{r.first, r.last, r.count + 1}}
	switch {
	case r.count == 0:
		e.now.first, e.now.last = pos, pos
	case i == r.count:
		e.at, e.before = len(b), uint64(pos-r.last)
		e.now.last = pos
	case i == 0:
		e.after = uint64(r.first - pos)
		e.now.first = pos
	default:
		next, at := r.seek(b, i)
		e.at, e.del = next.start, next.head-next.start
		e.after = uint64(at - pos)
		e.before = next.distance - e.after
	}
	return e
}

// remove takes n items away, from item i on. They must not be all.
func (r run) remove(b []byte, i, n int) edit {
	e := edit{now: run{r.first, r.last, r.count - n}}
	gone, at := r.seek(b, i)
	e.at = gone.start
	before := at - int64(gone.distance)
	if i+n == r.count {
		e.del = len(b) - e.at
		e.now.last = before
		return e
	}
	next, pos := r.seek(b, i+n)
	e.del = next.head - e.at
	if i == 0 {
		e.now.first = pos
	} else {
		e.after = uint64(pos - before)
	}
	return e
}

// set gives item i another value.
func (r run) set(b []byte, i int, value []byte) edit {
	it, _ := r.seek(b, i)
	return edit{at: it.head, del: it.end - it.head, puts: true, value: value, now: r}
}

// each calls fn with n items from item i on, in either direction, until fn
// returns false, and reports whether it never did.
func (r run) each(b []byte, i, n int, dir Direction, fn func(pos int64, value []byte) bool) bool {
	if n == 0 {
		return true
	}
	it, pos := r.seek(b, i)
	if dir == Backward {
		return eachBack(b, it.end, pos, n, fn)
	}
	head, distance := it.head, uint64(0)
	for fn(pos, valueOf(b, head)) {
		if n--; n == 0 {
			return true
		}
		head, distance = after(b, head)
		pos += int64(distance)
	}
	return false
}

// eachBack is each backward, from the item on that ends at offset end.
func eachBack(b []byte, end int, pos int64, n int, fn func(pos int64, value []byte) bool) bool {
	distance := uint64(0)
	for fn(pos, valueBefore(b, end)) {
		if n--; n == 0 {
			return true
		}
		end, distance = before(b, end)
		pos -= int64(distance)
	}
	return false
}
