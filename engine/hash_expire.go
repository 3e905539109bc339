package engine

import (
	"kvd/internal/change"
)

const (
	// notQueued is the place of a hash of which no field expires.
	notQueued = 1<<32 - 1
	// purgeMost is how many fields are removed when a hash is opened, because
	// their time has passed: about a millisecond's work.
	purgeMost = 500
)

// FieldExpiry is what Hash.Expire did to a field.
type FieldExpiry int8

// What may happen to a field.
const (
	FieldMissing FieldExpiry = iota
	FieldRefused             // the condition did not hold
	FieldChanged
	FieldDeleted // the time has passed
)

// FieldCondition says for which present expiry of a field another is set. No
// expiry counts as one in the infinite future.
type FieldCondition uint8

// Conditions of Hash.Expire.
const (
	Always    FieldCondition = iota
	IfNever                  // it does not expire
	IfExpires                // it expires
	IfLater                  // the new expiry is later
	IfEarlier                // the new expiry is earlier
)

// holds reports whether a field that expires at old may be made to expire at at.
func (c FieldCondition) holds(old, at Expiry) bool {
	switch c {
	case IfNever:
		return old == NoExpiry
	case IfExpires:
		return old != NoExpiry
	case IfLater:
		return old != NoExpiry && at > old
	case IfEarlier:
		return old == NoExpiry || at < old
	}
	return true
}

// Expire sets when fields expire of which the condition holds; NoExpiry makes
// them stay, and a time that has passed deletes them. Before each is changed, fn
// is told its value and what happens. Events: hexpire, hpersist or hdel, and del.
func (h *Hash) Expire(fields [][]byte, at Expiry, when FieldCondition, fn func(value []byte, done FieldExpiry)) {
	changed, deleted := false, false
	for _, field := range fields {
		f, ok := h.find(field)
		done := FieldChanged
		switch {
		case !ok:
			done = FieldMissing
		case !when.holds(Expiry(f.at), at):
			done = FieldRefused
		case at != NoExpiry && int64(at) <= h.c.tx.now:
			done = FieldDeleted
		}
		fn(f.value, done)
		switch done {
		case FieldChanged:
			changed = true
			h.setExpiry(field, f, at)
		case FieldDeleted:
			deleted = true
			h.drop(f)
			h.c.deleteRow(field)
		}
	}
	switch {
	case deleted:
		h.changed("hdel")
	case changed && at == NoExpiry:
		h.changed("hpersist")
	case changed:
		h.changed("hexpire")
	}
}

// setExpiry changes when a field expires that was found, with its row.
func (h *Hash) setExpiry(field []byte, f hashField, at Expiry) {
	value := h.c.tx.lasting(f.value)
	if t, ok := h.table(); ok {
		t.SetExpire(f.ref, int64(at))
	} else {
		h.store(field, value, at)
	}
	h.c.putRow(field, value, int64(at))
}

// first is when the first field expires, in unix milliseconds; 0: none does.
func (h *Hash) first() int64 { return h.c.shard.firstField(h.c.entry) }

// purge removes up to most fields whose time has passed and returns how many.
func (h *Hash) purge(most int) (n int) {
	if !h.c.exists() || !h.over(h.first()) {
		return 0
	}
	if t, ok := h.table(); ok {
		n = h.purgeLarge(t, most)
	} else {
		n = h.purgeSmall()
	}
	h.changed("hexpired")
	return n
}

func (h *Hash) purgeLarge(t *largeHash, most int) (n int) {
	for ; n < most; n++ {
		ref, at, ok := t.First()
		if !ok || !h.over(at) {
			break
		}
		h.c.deleteRow(h.c.tx.lasting(t.Field(ref)))
		t.Remove(ref)
	}
	return n
}

func (h *Hash) purgeSmall() (n int) {
	b := smallHash(h.c.packed())
	for at := b.start(); at < len(b); {
		field, f := b.read(at)
		if !h.over(f.at) {
			at = f.place.to
			continue
		}
		h.c.deleteRow(h.c.tx.lasting(field))
		h.drop(f)
		b = h.c.packed()
		n++
	}
	return n
}

// note brings the hash's place in the shard's queue up to date.
func (h *Hash) note() {
	if h.c.exists() {
		h.c.shard.noteFields(h.c.tx.db, h.c.ref)
	}
}

// firstField is when the first field of an entry expires; 0: none does, or it is
// no hash.
func (s *shard) firstField(e entry) int64 {
	if len(e) == 0 || e.kind() != change.Hash {
		return 0
	}
	if t, ok := s.natives.of(e).native.(*largeHash); ok {
		_, at, _ := t.First()
		return at
	}
	if e.has(flagNative) {
		return 0 // lent
	}
	return smallHash(e.valueBytes()[idSize:]).first()
}

// fieldsPlace is the place of an entry in the queue, or notQueued.
func (s *shard) fieldsPlace(e entry) uint32 {
	if e.kind() != change.Hash {
		return notQueued
	}
	if t, ok := s.natives.of(e).native.(*largeHash); ok {
		return t.place
	}
	if e.has(flagNative) {
		return notQueued // lent
	}
	return smallHash(e.valueBytes()[idSize:]).place()
}

// placeFields tells an entry its new place in the queue.
func (s *shard) placeFields(d deadline, place uint32) { s.setFieldsPlace(s.entry(d.ref()), place) }

func (s *shard) setFieldsPlace(e entry, place uint32) {
	if t, ok := s.natives.of(e).native.(*largeHash); ok {
		t.place = place
		return
	}
	if !e.has(flagNative) {
		smallHash(e.valueBytes()[idSize:]).setPlace(place)
	}
}

// noteFields queues the entry of a hash by its first field that expires.
func (s *shard) noteFields(db int, ref uint64) {
	e := s.entry(ref)
	first, place := s.firstField(e), s.fieldsPlace(e)
	switch {
	case first == 0:
		if place != notQueued {
			s.unqueueFields(e)
		}
		return
	case place == notQueued:
		s.fields.add(newDeadline(first, db, ref))
	case s.fields.items[place].at != first:
		s.fields.update(place, newDeadline(first, db, ref))
	default:
		return
	}
	s.publishFields()
}

// queueFields queues an entry that has got its value, which may be that of an
// entry that is queued.
func (s *shard) queueFields(e entry, db int, ref uint64) {
	if first := s.firstField(e); first != 0 {
		s.fields.add(newDeadline(first, db, ref))
		s.publishFields()
	}
}

// unqueueFields takes an entry out of the queue, if it is there.
func (s *shard) unqueueFields(e entry) {
	if place := s.fieldsPlace(e); place != notQueued {
		s.fields.remove(place)
		s.setFieldsPlace(e, notQueued)
		s.publishFields()
	}
}

// moveFields tells the queue that an entry is in another cell.
func (s *shard) moveFields(e entry, ref uint64) {
	if place := s.fieldsPlace(e); place != notQueued {
		d := &s.fields.items[place]
		*d = newDeadline(d.at, d.db(), ref)
	}
}

// publishFields publishes when the shard's first field expires.
func (s *shard) publishFields() {
	at := int64(noDeadline)
	if len(s.fields.items) > 0 {
		at = min(s.fields.items[0].at, noDeadline-1)
	}
	s.nextField.Store(at)
}

// fieldsExpire reports whether a field expires before a time.
func (e *Engine) fieldsExpire(before int64) bool {
	for i := range e.shards {
		if e.shards[i].nextField.Load() < before {
			return true
		}
	}
	return false
}

// expireFields removes up to a batch of fields of one shard whose time has
// passed, and returns how many.
func (e *Engine) expireFields(i int, now int64) (n int) {
	tx := e.newTx(0, now, NoTouch)
	tx.single = i
	s := &e.shards[i]
	s.mu.Lock()
	for n < expiryBatch && len(s.fields.items) > 0 && s.fields.items[0].at < now {
		d := s.fields.items[0]
		ent := s.entry(d.ref())
		key := tx.lasting(s.key(ent))
		tx.db = d.db()
		h := Hash{collection{tx: tx, key: key, kind: change.Hash, found: found{s, e.hash(key), d.ref(), ent}}}
		n += h.purge(expiryBatch - n)
	}
	tx.Commit()
	return n
}
