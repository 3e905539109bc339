package engine

import (
	"kvd/engine/ds/dict"
	"kvd/engine/slab"
)

// largeHash is a hash that does not fit its entry's cell.
type largeHash struct {
	*dict.Dict
	place uint32 // in the shard's queue of hashes with fields that expire
}

// Clone implements native.
func (t *largeHash) Clone(h *slab.Heap) native { return &largeHash{t.Dict.Clone(h), t.place} }

// table returns the fields of a large hash.
func (h *Hash) table() (*largeHash, bool) {
	t, ok := h.c.native().(*largeHash)
	return t, ok
}

// store gives a field a value, without a row. exp may be Keep. It returns when
// the field expires now, and whether it is new.
func (h *Hash) store(field, value []byte, exp Expiry) (at int64, added bool) {
	if t, ok := h.table(); ok {
		return h.storeLarge(t, field, value, exp)
	}
	b := smallHash(h.c.packed())
	f, found := b.find(field)
	at, added = h.expiryOf(f, found, exp)
	if at != 0 && !b.timed() && len(b) > 0 {
		h.c.setPacked(h.c.tx.withTimes(b))
		b = h.c.packed()
		f, found = b.find(field)
	}

	timed, header := b.timed(), 0
	if len(b) == 0 {
		timed = at != 0
		header = smallHash{plainForm}.start()
		if timed {
			header = timedHeader
		}
	}
	if !found {
		f.place = fieldSpan{len(b), len(b)}
	}
	add := header + fieldSize(field, value, timed)
	if len(b)-f.place.size()+add > packedMax {
		return h.storeLarge(h.grow(), field, value, exp)
	}
	b = h.c.splice(f.place.from, f.place.size(), add)
	if header > 0 {
		b.writeHeader(timed)
	}
	b.write(f.place.from+header, field, value, at)
	b.retime()
	return at, added
}

// expiryOf returns when a field is to expire that is given a value, and whether
// that makes it new: one whose time has passed was not there.
func (h *Hash) expiryOf(f hashField, found bool, exp Expiry) (at int64, added bool) {
	added = !found || h.over(f.at)
	switch {
	case exp != Keep:
		at = int64(exp)
	case !added:
		at = f.at
	}
	return at, added
}

// storeLarge is store for a large hash.
func (h *Hash) storeLarge(t *largeHash, field, value []byte, exp Expiry) (at int64, added bool) {
	if exp == NoExpiry && t.Expiring() == 0 {
		return 0, t.Set(field, value)
	}
	f, found := h.look(field)
	at, added = h.expiryOf(f, found, exp)
	if found {
		f.ref = t.SetValue(f.ref, value)
	} else {
		t.Set(field, value)
		f.ref, _ = t.Get(field)
	}
	t.SetExpire(f.ref, at)
	return at, added
}

// grow turns the hash, which may be missing, into a large one.
func (h *Hash) grow() *largeHash {
	t := &largeHash{dict.New(h.c.heap(), h.c.tx.engine.seed), notQueued}
	b := smallHash(h.c.packed())
	for at := b.start(); at < len(b); {
		field, f := b.read(at)
		t.Set(field, f.value)
		if f.at != 0 {
			ref, _ := t.Get(field)
			t.SetExpire(ref, f.at)
		}
		at = f.place.to
	}
	h.c.setNative(t)
	t, _ = h.table()
	return t
}

// drop removes a field that was found, without a row.
func (h *Hash) drop(f hashField) {
	if t, ok := h.table(); ok {
		t.Remove(f.ref)
		return
	}
	smallHash(h.c.splice(f.place.from, f.place.size(), 0)).retime()
}

// loadHash applies the stored row of a field.
func (c *collection) loadHash(sub, value []byte, expire int64) error {
	h := Hash{*c}
	h.store(sub, value, Expiry(expire))
	h.mark(sub, value, loadedHash)
	h.loaded(c)
	return nil
}

// unloadHash applies the stored removal of a field.
func (c *collection) unloadHash(sub []byte) error {
	h := Hash{*c}
	if f, ok := h.look(sub); ok {
		h.drop(f)
	}
	h.loaded(c)
	return nil
}

// loaded ends a change that was loaded.
func (h *Hash) loaded(c *collection) {
	if h.c.native() != nil {
		h.c.resized()
	}
	h.note()
	*c = h.c
}

// eachHash calls fn with every field as its row has it.
func (c *collection) eachHash(fn func(sub, value []byte, expire int64) bool) {
	h := Hash{*c}
	h.each(fn)
}

// lenHash returns the number of fields.
func (c *collection) lenHash() int {
	h := Hash{*c}
	return h.Len()
}
