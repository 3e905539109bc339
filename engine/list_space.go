package engine

import "kvd/engine/ds/list"

// Where no number is left between two positions, the elements around the place
// get others, evenly spaced in the smallest range that is not too full. What is
// too full depends on its size, so that a range which was spaced has room for
// many more before it is spaced again: in the long run, an insertion moves about
// log n elements. See Bender, Cole, Demaine, Farach-Colton and Zito, "Two
// Simplified Algorithms for Maintaining Order in a List", ESA 2002.

const (
	// spread is by which factor a range that is twice as large must be less full.
	spread = 1.3
	// sparse is the share of a range's positions that may always be taken. It is
	// more than elements that were pushed take.
	sparse = 4.0 / list.Stride
)

// respace puts an element before element i, and its neighbours elsewhere.
func (l *List) respace(i int, value []byte) {
	from, n, base, room := l.crowded(i)
	tx := l.c.tx
	values := make([][]byte, 0, n+1)
	l.each(from, n, list.Forward, func(pos int64, v []byte) bool {
		if from+len(values) == i {
			values = append(values, value)
		}
		values = append(values, tx.lasting(v))
		l.c.deleteRow(l.sub(pos))
		return true
	})
	if len(values) == n {
		values = append(values, value)
	}
	l.remove(from, n)
	step := room / int64(len(values))
	for j, v := range values {
		pos := base + int64(j)*step
		l.insert(from+j, pos, v)
		l.c.putRow(l.sub(pos), v, 0)
	}
}

// crowded returns the n elements, from element first on, that are to be spaced
// evenly in the range of room positions from base on, to make place for one before
// element i.
func (l *List) crowded(i int) (first, n int, base, room int64) {
	center, _ := l.at(max(0, i-1))
	from, end := i, i
	most := 1.0 // elements in the range, for its size
	for room = 2; ; room *= 2 {
		most *= 2 / spread
		base = center &^ (room - 1)
		for from > 0 && l.position(from-1) >= base {
			from--
		}
		for end < l.Len() && l.position(end) <= base+(room-1) {
			end++
		}
		if float64(end-from+1) <= max(most, float64(room)*sparse) {
			return from, end - from, base, room
		}
	}
}

func (l *List) position(i int) int64 {
	pos, _ := l.at(i)
	return pos
}
