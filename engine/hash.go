package engine

import (
	"strconv"

	"kvd/engine/ds/dict"
	"kvd/internal/change"
)

// Hash is the hash at a key, or what will be one when a field is set. Handles of
// one key must not be mixed: one that has changed it makes others invalid.
//
// A field may expire by itself. Those whose time has passed are removed when the
// hash is opened, up to some thousands; what is left of them is not seen by any
// method but Len.
//
// A row of it has a field as its name, the field's value, and when it expires.
type Hash struct{ c collection }

// HashLimits say up to what size a hash counts as compact, which has a name of
// its own in OBJECT ENCODING. Memory does not depend on them.
type HashLimits struct {
	Entries int64 // fields
	Value   int64 // bytes of a field or value
}

// loadedHash are the limits that go for hashes that are loaded.
var loadedHash = HashLimits{Entries: 512, Value: 64}

// Hash returns the hash at key; a missing key gives an empty one. It fails with
// WRONGTYPE. Events of fields whose time has passed: hexpired, and del after the
// last.
func (tx *Tx) Hash(key []byte) (Hash, error) {
	c, err := tx.open(key, change.Hash)
	h := Hash{c}
	if err == nil {
		h.purge(purgeMost)
	}
	return h, err
}

// PeekHash is Hash without noting an access and without removing anything.
func (tx *Tx) PeekHash(key []byte) (Hash, error) {
	c, err := tx.peek(key, change.Hash)
	return Hash{c}, err
}

// Exists reports whether there is such a key.
func (h *Hash) Exists() bool { return h.c.exists() }

// Compact reports whether the hash is within the limits that it was written
// with.
func (h *Hash) Compact() bool { return h.c.exists() && !h.c.big() }

// Len returns the number of fields, which may include some whose time has
// passed.
func (h *Hash) Len() int {
	if t, ok := h.table(); ok {
		return t.Len()
	}
	return smallHash(h.c.packed()).len()
}

// Count is Len without fields whose time has passed. It takes longer if there
// are any.
func (h *Hash) Count() int {
	if first := h.first(); first == 0 || !h.over(first) {
		return h.Len()
	}
	n := 0
	h.All(func(_, _ []byte) bool {
		n++
		return true
	})
	return n
}

// Get returns the value of a field.
func (h *Hash) Get(field []byte) (value []byte, ok bool) {
	f, ok := h.find(field)
	return f.value, ok
}

// Deadline returns when a field expires (NoExpiry: never) and whether it exists.
func (h *Hash) Deadline(field []byte) (at Expiry, ok bool) {
	f, ok := h.find(field)
	return Expiry(f.at), ok
}

// Set gives fields values, which follow them in pairs, and no expiry. It returns
// how many fields are new. Event: hset.
func (h *Hash) Set(pairs [][]byte, limits HashLimits) (added int) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if h.put(pairs[i], pairs[i+1], NoExpiry, limits) {
			added++
		}
	}
	h.changed("hset")
	return added
}

// SetUntil is Set for fields that expire at exp; Keep leaves the expiry of those
// that are there. A time that has passed deletes them. Events: hset, then
// hexpire, or hdel and del.
func (h *Hash) SetUntil(pairs [][]byte, exp Expiry, limits HashLimits) {
	past := exp > 0 && int64(exp) <= h.c.tx.now
	for i := 0; i+1 < len(pairs); i += 2 {
		h.put(pairs[i], pairs[i+1], exp, limits)
	}
	if !past {
		if exp > 0 {
			h.changed("hset", "hexpire")
		} else {
			h.changed("hset")
		}
		return
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if f, ok := h.look(pairs[i]); ok {
			h.drop(f)
			h.c.deleteRow(pairs[i])
		}
	}
	h.changed("hset", "hdel")
}

// Put gives one field a value and leaves its expiry; event says what was done,
// such as "hincrbyfloat".
func (h *Hash) Put(field, value []byte, limits HashLimits, event string) {
	h.put(field, value, Keep, limits)
	h.changed(event)
}

// PutInt is Put for the decimal digits of n. Event: hincrby.
func (h *Hash) PutInt(field []byte, n int64, limits HashLimits) {
	var digits [20]byte
	h.Put(field, h.c.tx.lasting(strconv.AppendInt(digits[:0], n, 10)), limits, "hincrby")
}

// Take removes fields and returns how many were there. Before each, fn is told
// the value, nil for a missing field; fn may be nil. A hash without fields is no
// key. Events: hdel, if there were any, and del.
func (h *Hash) Take(fields [][]byte, fn func(value []byte)) (removed int) {
	for _, field := range fields {
		f, ok := h.find(field)
		if fn != nil {
			fn(f.value)
		}
		if ok {
			h.drop(f)
			h.c.deleteRow(field)
			removed++
		}
	}
	if removed > 0 {
		h.changed("hdel")
	}
	return removed
}

// put stores a field with its row and reports whether it is new.
func (h *Hash) put(field, value []byte, exp Expiry, limits HashLimits) (added bool) {
	at, added := h.store(field, value, exp)
	h.c.putRow(field, value, at)
	h.mark(field, value, limits)
	return added
}

// mark notes that the hash has grown out of the limits.
func (h *Hash) mark(field, value []byte, limits HashLimits) {
	if h.c.big() {
		return
	}
	if int64(max(len(field), len(value))) > limits.Value || h.longer(limits.Entries) {
		h.c.setBig()
	}
}

// longer reports whether there are more than n fields.
func (h *Hash) longer(n int64) bool {
	if b := h.c.packed(); b != nil && int64(len(b)) <= 2*n {
		return false // a field takes two bytes at least
	}
	return int64(h.Len()) > n
}

// changed ends a command that has changed the hash, with its events.
func (h *Hash) changed(events ...string) {
	if h.c.native() != nil {
		h.c.resized()
	}
	h.note()
	h.c.changed(change.EventHash, events[0])
	for _, event := range events[1:] {
		h.c.tx.event(change.EventHash, event, h.c.key)
	}
	if h.empty() {
		h.c.removeEmpty()
	}
}

// empty reports whether the last field is gone.
func (h *Hash) empty() bool {
	if t, ok := h.table(); ok {
		return t.Len() == 0
	}
	b := smallHash(h.c.packed())
	return len(b) <= b.start()
}

// hashField is a field that was found.
type hashField struct {
	value []byte
	at    int64     // when it expires; 0: never
	ref   dict.Ref  // in a large hash
	place fieldSpan // in a small one
}

// find finds a field whose time has not passed.
func (h *Hash) find(field []byte) (hashField, bool) {
	f, ok := h.look(field)
	if !ok || h.over(f.at) {
		return hashField{}, false
	}
	return f, true
}

// look is find for any field.
func (h *Hash) look(field []byte) (hashField, bool) {
	if t, ok := h.table(); ok {
		ref, ok := t.Get(field)
		if !ok {
			return hashField{}, false
		}
		return hashField{value: t.Value(ref), at: t.Expire(ref), ref: ref}, true
	}
	return smallHash(h.c.packed()).find(field)
}

// over reports whether a time has passed; 0 never does.
func (h *Hash) over(at int64) bool { return at != 0 && at < h.c.tx.now }
