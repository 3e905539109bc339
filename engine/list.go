package engine

import (
	"bytes"

	"kvd/engine/ds/list"
	"kvd/internal/change"
)

// List is the list at a key, or what will be one when an element is pushed.
// Handles of one key must not be mixed: one that has changed it makes others
// invalid.
//
// A row of it has the position of an element as its name; see package list. So
// an element that comes or goes is one row, wherever it stands.
type List struct {
	c collection
	// large is the native of the list; nil if it is packed or missing.
	large *list.List
}

// Side is an end of a list.
type Side uint8

// The ends: the head is Left.
const (
	Left Side = iota
	Right
)

// direction is the way that leads from a side to the other.
func (s Side) direction() list.Direction {
	if s == Left {
		return list.Forward
	}
	return list.Backward
}

// List returns the list at key; a missing key gives an empty one. It fails with
// WRONGTYPE.
func (tx *Tx) List(key []byte) (List, error) {
	c, err := tx.open(key, change.List)
	return listOf(c), err
}

// PeekList is List without noting an access.
func (tx *Tx) PeekList(key []byte) (List, error) {
	c, err := tx.peek(key, change.List)
	return listOf(c), err
}

// Exists reports whether there is such a key.
func (l *List) Exists() bool { return l.c.exists() }

// Len returns the number of elements.
func (l *List) Len() int {
	if l.large != nil {
		return l.large.Len()
	}
	return l.small().Len()
}

// At returns element i, 0 ≤ i < Len, counted from the left. It is valid until the
// list is changed.
func (l *List) At(i int) []byte {
	_, value := l.at(i)
	return value
}

// Range calls fn with n elements, element i the first and then away from side
// from, until fn returns false. They must be there. Values are valid until the
// list is changed, which fn must not do.
func (l *List) Range(i, n int, from Side, fn func(value []byte) bool) {
	l.each(i, n, from.direction(), func(_ int64, value []byte) bool { return fn(value) })
}

// Index returns the index of the first element from the left that is value, and
// whether there is one.
func (l *List) Index(value []byte) (i int, ok bool) {
	n := l.Len()
	l.Range(0, n, Left, func(v []byte) bool {
		if ok = bytes.Equal(v, value); !ok {
			i++
		}
		return !ok
	})
	return i, ok
}

// Push adds elements, of which there must be some, one after the other at a side.
// Event: lpush or rpush.
func (l *List) Push(side Side, values ...[]byte) {
	for _, v := range values {
		l.push(side, v)
	}
	l.settle()
	l.changed(side, "lpush", "rpush")
	l.c.wake()
}

// Insert puts an element before element i of a list that is there. Event:
// linsert.
func (l *List) Insert(i int, value []byte) {
	l.put(i, value)
	l.settle()
	l.c.changed(change.EventList, "linsert")
}

// Set gives element i another value. Event: lset.
func (l *List) Set(i int, value []byte) {
	pos, _ := l.at(i)
	l.replace(i, value)
	l.settle()
	l.c.putRow(l.sub(pos), value, 0)
	l.c.changed(change.EventList, "lset")
}

// Pop removes n elements, 0 < n ≤ Len, at a side; At and Range tell which they
// are. A list without elements is no key. Events: lpop or rpop, and del.
func (l *List) Pop(side Side, n int) {
	from := 0
	if side == Right {
		from = l.Len() - n
	}
	emptied := l.cut(n, stretch{from, n})
	l.changed(side, "lpop", "rpop")
	if emptied {
		l.removeEmpty()
	}
}

// Trim keeps n elements from element i on and removes the others. A list without
// elements is no key. Events: ltrim, and del.
func (l *List) Trim(i, n int) {
	gone := l.Len() - n
	emptied := gone > 0 && l.cut(gone, stretch{0, i}, stretch{i + n, gone - i})
	l.c.changed(change.EventList, "ltrim")
	if emptied {
		l.removeEmpty()
	}
}

// Remove removes elements that are value, most of them at the most, beginning at
// a side, and returns how many there were. A list without elements is no key.
// Events: lrem, if there were any, and del.
func (l *List) Remove(value []byte, most int, from Side) int {
	stretches, gone := l.stretches(value, most, from)
	if gone == 0 {
		return 0
	}
	emptied := l.cut(gone, stretches...)
	l.c.changed(change.EventList, "lrem")
	if emptied {
		l.removeEmpty()
	}
	return gone
}

// MoveTo takes the last element at one side of the list, which must have one, to a
// side of list to, which may be the same, and returns the element. Events: lpush
// or rpush for one list, lpop or rpop and del for the other.
func (l *List) MoveTo(to *List, from, side Side) []byte {
	i := 0
	if from == Right {
		i = l.Len() - 1
	}
	value := l.c.tx.lasting(l.At(i))
	if bytes.Equal(l.c.key, to.c.key) {
		l.rotate(value, i, from, side)
		return value
	}
	to.Push(side, value)
	l.Pop(from, 1)
	return value
}

// rotate moves element i, at one end of the list, to a side of the same list. The
// only element of a list stays where it is.
func (l *List) rotate(value []byte, i int, from, side Side) {
	if l.Len() > 1 {
		l.cut(1, stretch{i, 1})
		l.push(side, value)
		l.settle()
	}
	l.changed(side, "lpush", "rpush")
	l.changed(from, "lpop", "rpop")
	l.c.wake()
}

// changed notes a change by an event that is named after a side.
func (l *List) changed(side Side, left, right string) {
	if side == Right {
		left = right
	}
	l.c.changed(change.EventList, left)
}
