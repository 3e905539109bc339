package engine

// deadlines is a shard's expiry queue: a heap with four children a node, the
// earliest deadline first. Each entry knows its place, so a change of expiry
// moves one item; and since it holds every key that can expire, evicting
// "volatile" keys samples it.
type deadlines struct {
	items []deadline
	moved func(d deadline, place uint32) // told whenever an item changes its place
}

// deadline is when one entry expires.
type deadline struct {
	at int64 // unix milliseconds
	// where is the entry's cell (48 bits) and, above it, its database.
	where uint64
}

const refBits = 48

func newDeadline(at int64, db int, ref uint64) deadline {
	return deadline{at: at, where: uint64(db)<<refBits | ref}
}

func (d deadline) db() int     { return int(d.where >> refBits) }
func (d deadline) ref() uint64 { return d.where & (1<<refBits - 1) }

const arity = 4

// add puts d in the queue and returns its place.
func (q *deadlines) add(d deadline) {
	q.items = append(q.items, d)
	q.up(len(q.items) - 1)
}

// update changes the item at place i.
func (q *deadlines) update(i uint32, d deadline) {
	old := q.items[i].at
	q.items[i] = d
	if d.at < old {
		q.up(int(i))
		return
	}
	q.down(int(i))
}

// remove takes the item at place i out.
func (q *deadlines) remove(i uint32) {
	last := len(q.items) - 1
	moved := q.items[last]
	q.items = q.items[:last]
	if int(i) < last {
		q.update(i, moved)
	}
	q.shrink()
}

// keptDeadlines is the room that a queue keeps, however few items it has.
const keptDeadlines = 64

// shrink gives room back that is far too much.
func (q *deadlines) shrink() {
	if cap(q.items) > keptDeadlines && len(q.items) < cap(q.items)/4 {
		q.items = append(make([]deadline, 0, max(keptDeadlines, len(q.items)*2)), q.items...)
	}
}

// bytes is the memory of the queue beyond the room it always keeps.
func (q *deadlines) bytes() int64 {
	return int64(max(0, cap(q.items)-keptDeadlines)) * deadlineBytes
}

func (q *deadlines) up(i int) {
	d := q.items[i]
	for i > 0 {
		parent := (i - 1) / arity
		if q.items[parent].at <= d.at {
			break
		}
		q.place(i, q.items[parent])
		i = parent
	}
	q.place(i, d)
}

func (q *deadlines) down(i int) {
	d := q.items[i]
	for {
		first := i*arity + 1
		if first >= len(q.items) {
			break
		}
		least := first
		for c := first + 1; c < min(first+arity, len(q.items)); c++ {
			if q.items[c].at < q.items[least].at {
				least = c
			}
		}
		if q.items[least].at >= d.at {
			break
		}
		q.place(i, q.items[least])
		i = least
	}
	q.place(i, d)
}

func (q *deadlines) place(i int, d deadline) {
	q.items[i] = d
	q.moved(d, uint32(i))
}

// removeDatabase takes all items of a database out.
func (q *deadlines) removeDatabase(db int) {
	kept := q.items[:0]
	for _, d := range q.items {
		if d.db() != db {
			kept = append(kept, d)
		}
	}
	if len(kept) == len(q.items) {
		return
	}
	q.items = kept
	q.shrink()
	kept = q.items
	for i := len(kept) - 1; i >= 0; i-- {
		q.down(i)
	}
}

// swap exchanges the items of two databases.
func (q *deadlines) swap(a, b int) {
	for i := range q.items {
		d := &q.items[i]
		switch d.db() {
		case a:
			*d = newDeadline(d.at, b, d.ref())
		case b:
			*d = newDeadline(d.at, a, d.ref())
		}
	}
}
