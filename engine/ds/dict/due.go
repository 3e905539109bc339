package dict

import (
	"encoding/binary"
	"unsafe"
)

// due is one field in the queue of those that expire.
type due struct {
	at  int64 // unix time in milliseconds
	ref Ref
}

const (
	dueSize = int(unsafe.Sizeof(due{}))
	// branches is how many children an item of the queue has, which is a heap.
	branches = 4
	// keptDues is the room that a queue keeps, however few items it has.
	keptDues = 16
)

// Expire returns when the field behind ref expires, in unix milliseconds; 0 is
// never.
func (d *Dict) Expire(ref Ref) int64 {
	if s, _ := readHead(d.heap.At(ref)); s.place != noPlace {
		return d.queue[s.place].at
	}
	return 0
}

// SetExpire sets when a field expires, in unix milliseconds, 0 for never, and
// returns its new reference.
func (d *Dict) SetExpire(ref Ref, at int64) Ref {
	s, body := readHead(d.heap.At(ref))
	kept := s.field + s.value
	switch {
	case at == 0 && s.place == noPlace:
	case at == 0:
		d.dequeue(s.place)
		s.place = noPlace
		ref, _, _ = d.reshape(ref, s, body, kept)
	case s.place != noPlace:
		d.queue[s.place].at = at
		d.settle(s.place)
	default:
		s.place = len(d.queue)
		d.queue = append(d.queue, due{at: at})
		ref, _, _ = d.reshape(ref, s, body, kept)
		d.queue[s.place].ref = ref
		d.settle(s.place)
	}
	return ref
}

// Expiring returns how many fields expire.
func (d *Dict) Expiring() int { return len(d.queue) }

// First returns the field that expires first and when, in unix milliseconds; ok
// is false if none does.
func (d *Dict) First() (ref Ref, at int64, ok bool) {
	if len(d.queue) == 0 {
		return 0, 0, false
	}
	return d.queue[0].ref, d.queue[0].at, true
}

// dequeue takes the item at a place out. Its cell is not told.
func (d *Dict) dequeue(place int) {
	last := len(d.queue) - 1
	moved := d.queue[last]
	d.queue = d.queue[:last]
	if place < last {
		d.queue[place] = moved
		d.settle(place)
	}
	if cap(d.queue) > keptDues && last < cap(d.queue)/4 {
		d.queue = append(make([]due, 0, max(keptDues, 2*last)), d.queue...)
	}
}

// settle moves the item at place i to where it belongs.
func (d *Dict) settle(i int) {
	item := d.queue[i]
	for i > 0 {
		parent := (i - 1) / branches
		if d.queue[parent].at <= item.at {
			break
		}
		d.put(i, d.queue[parent])
		i = parent
	}
	for {
		least := d.leastChild(i)
		if least == 0 || d.queue[least].at >= item.at {
			break
		}
		d.put(i, d.queue[least])
		i = least
	}
	d.put(i, item)
}

// leastChild returns the earliest child of the item at place i, or 0.
func (d *Dict) leastChild(i int) int {
	first := i*branches + 1
	if first >= len(d.queue) {
		return 0
	}
	least := first
	for c := first + 1; c < min(first+branches, len(d.queue)); c++ {
		if d.queue[c].at < d.queue[least].at {
			least = c
		}
	}
	return least
}

// put puts an item into a place and tells its cell.
func (d *Dict) put(i int, item due) {
	d.queue[i] = item
	_, at := readHead(d.heap.At(item.ref))
	binary.LittleEndian.PutUint32(d.heap.At(item.ref)[at-placeSize:], uint32(i))
}
