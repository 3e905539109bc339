package engine

import "kvd/internal/change"

// ReplaceList puts values, which must stay as they are until the Tx ends, in
// place of whatever key holds. Without values the key is deleted. Events: event,
// or del if there was a key.
func (tx *Tx) ReplaceList(key []byte, values [][]byte, event string) {
	if len(values) == 0 {
		tx.Delete(key)
		return
	}
	recorded := tx.events
	if tx.Discard(key) {
		tx.events &^= change.EventNew // to clients the key was there all along
	}
	c, _ := tx.peek(key, change.List) // there is nothing now that could have another type
	l := listOf(c)
	for _, v := range values {
		l.push(Right, v)
	}
	tx.events = recorded
	l.settle()
	l.c.changed(change.EventList, event)
	l.c.wake()
}
