package engine

import (
	"encoding/binary"

	"kvd/engine/slab"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// packedMax is the size up to which the elements of a collection are kept in
// its entry's cell, in bytes: more is slow to search and to move.
const packedMax = 1024

// collection is a key whose value is made of elements, or that has none yet. The
// typed handles (List, Hash …) are made of it: it does for them what is the same
// for all types.
//
// Slices of its memory are valid until the next call that changes it.
type collection struct {
	tx   *Tx
	key  []byte
	kind change.Type
	found
}

// open returns the collection at key for a command that reads or changes it. It
// fails with WRONGTYPE.
func (tx *Tx) open(key []byte, kind change.Type) (collection, error) {
	f, ok := tx.read(key)
	return tx.collection(f, ok, key, kind)
}

// peek is open without noting an access.
func (tx *Tx) peek(key []byte, kind change.Type) (collection, error) {
	f, ok := tx.find(key)
	return tx.collection(f, ok, key, kind)
}

func (tx *Tx) collection(f found, ok bool, key []byte, kind change.Type) (collection, error) {
	if ok && f.kind() != kind {
		return collection{}, rediserr.WrongType
	}
	return collection{tx: tx, key: key, kind: kind, found: f}, nil
}

// exists reports whether there is such a key.
func (c *collection) exists() bool { return c.ref != 0 }

// id names the elements of the collection in storage.
func (c *collection) id() uint64 { return binary.LittleEndian.Uint64(c.valueBytes()) }

// packed returns the elements of a small collection, in the cell; nil if there
// is no key or it has a native.
func (c *collection) packed() []byte {
	if c.ref == 0 || c.has(flagNative) {
		return nil
	}
	return c.valueBytes()[idSize:]
}

// native returns the structure of a large collection; nil if it is packed or
// missing.
func (c *collection) native() native {
	if c.ref == 0 {
		return nil
	}
	return c.shard.natives.of(c.entry).native
}

// heap is where the elements of a new native go.
func (c *collection) heap() *slab.Heap { return c.shard.elements }

// big is the mark of a collection that has once passed the limits of the compact
// encoding, whatever memory looks like: OBJECT ENCODING goes by it.
func (c *collection) big() bool { return c.ref != 0 && c.has(flagRaw) }

// setBig sets the mark of an existing collection.
func (c *collection) setBig() { c.entry[1] |= flagRaw }

// splice replaces del bytes of the packed elements, at offset at, by room for
// add bytes, and returns all of them. It makes the key if it is missing.
func (c *collection) splice(at, del, add int) []byte {
	if c.ref == 0 {
		value := c.tx.blank(idSize + add)
		clear(value) // a new entry is looked at: see queueFields
		c.create(content{value: value})
		return c.packed()
	}
	ref := c.shard.splice(c.tx.db, c.hash, c.ref, idSize+at, del, add)
	c.tx.resized = c.tx.resized || ref != c.ref
	c.moved(ref)
	return c.packed()
}

// setPacked replaces all elements by packed ones.
func (c *collection) setPacked(b []byte) {
	if c.ref == 0 || !c.has(flagNative) {
		if c.ref != 0 {
			c.shard.unqueueFields(c.entry)
		}
		copy(c.splice(0, len(c.packed()), len(b)), b)
		return
	}
	value := c.tx.blank(idSize + len(b))
	copy(value[idSize:], b)
	c.rewrite(content{value: value})
}

// setNative replaces all elements by those of n, whose memory is that of heap.
func (c *collection) setNative(n native) {
	now := content{flags: flagNative, native: housed{native: n}, value: c.tx.blank(idSize)}
	if c.ref == 0 {
		c.create(now)
	} else {
		c.rewrite(now)
	}
	c.resized()
}

// rewrite gives an existing collection other contents under its ID.
func (c *collection) rewrite(now content) {
	was := c.shard.contentOf(c.entry)
	copy(now.value, was.value[:idSize])
	now.kind, now.flags = c.kind, now.flags|was.flags&flagRaw
	now.at, now.stamp, now.epoch = was.at, was.stamp, was.epoch
	c.shard.write(c.tx.db, c.hash, c.ref, c.key, now)
	c.tx.resized = true
	c.refind()
}

// create makes the key, with an ID and a row. Event: new.
func (c *collection) create(now content) {
	tx := c.tx
	id := tx.engine.newID()
	binary.LittleEndian.PutUint64(now.value, id)
	now.kind, now.stamp, now.epoch = c.kind, tx.engine.memory.fresh(tx.now), tx.epoch
	c.shard.write(tx.db, c.hash, 0, c.key, now)
	tx.resized = true
	tx.putKey(c.key, c.kind, 0, id)
	tx.event(change.EventNew, "new", c.key)
	c.refind()
}

// refind looks the entry up after it was written.
func (c *collection) refind() {
	ref, _ := c.shard.find(c.tx.db, c.hash, c.key)
	c.moved(ref)
}

func (c *collection) moved(ref uint64) { c.ref, c.entry = ref, c.shard.entry(ref) }

// resized brings the count of memory up to date after the native was changed,
// and moves a native that has become large.
func (c *collection) resized() {
	l := &c.shard.natives
	i := number(c.valueBytes()[idSize:])
	l.replace(i, l.list[i].rehouse(c.shard, c.shard))
	c.tx.resized = true
}

// putRow records an element as it is now, with the time at which it expires in
// unix milliseconds, or 0. The slices must stay as they are until the commit.
func (c *collection) putRow(sub, value []byte, expire int64) {
	c.tx.put(change.Row{
		Op: change.Put, Kind: change.Element, Space: c.tx.space(), ID: c.id(), Key: sub, Value: value, Expire: expire,
	})
}

// deleteRow records that an element is gone.
func (c *collection) deleteRow(sub []byte) {
	c.tx.put(change.Row{Op: change.Delete, Kind: change.Element, Space: c.tx.space(), ID: c.id(), Key: sub})
}

// renew gives the collection another ID and records that its elements are gone
// from storage: those that stay are recorded anew by the caller. That costs less
// than a row for each that goes where most of them do.
func (c *collection) renew() {
	tx := c.tx
	tx.dropElements(c.found)
	id := tx.engine.newID()
	binary.LittleEndian.PutUint64(c.valueBytes(), id)
	tx.putKey(c.key, c.kind, c.shard.deadlineOf(c.entry), id)
}

// changed notes that a command has changed the collection: once, after its rows.
func (c *collection) changed(class change.EventClass, event string) {
	c.tx.touched(c.shard, c.key)
	c.tx.event(class, event, c.key)
}

// wake has the clients that wait for the key try again.
func (c *collection) wake() { c.tx.wake(c.shard, c.key) }

// removeEmpty removes a key that has lost its last element. Event: del.
func (c *collection) removeEmpty() {
	c.tx.remove(c.found, c.key)
	c.tx.event(change.EventGeneric, "del", c.key)
	c.ref, c.entry = 0, nil
}

// each calls fn with every element as its row has it, until fn returns false.
func (c *collection) each(fn func(sub, value []byte, expire int64) bool) {
	if s, ok := shapeOf(c.kind); ok && c.ref != 0 {
		s.each(c, fn)
	}
}

// Elements calls fn with every element of the collection at key as it is stored,
// until fn returns false. It notes no access, and a string or a missing key has
// none.
func (tx *Tx) Elements(key []byte, fn func(sub, value []byte, expire int64) bool) {
	if f, ok := tx.find(key); ok && isCollection(f.kind()) {
		c := collection{tx: tx, key: key, kind: f.kind(), found: f}
		c.each(fn)
	}
}

// Discard removes whatever key holds, without an event, and reports whether
// there was anything.
func (tx *Tx) Discard(key []byte) bool {
	f, ok := tx.find(key)
	if ok {
		tx.remove(f, key)
	}
	return ok
}

// dropElements records that the elements of an entry are gone, if it has any.
func (tx *Tx) dropElements(f found) {
	if isCollection(f.kind()) {
		id := binary.LittleEndian.Uint64(f.valueBytes())
		tx.put(change.Row{Op: change.Drop, Kind: change.Element, Space: tx.space(), ID: id})
	}
}

// putKey records the row of a collection's key.
func (tx *Tx) putKey(key []byte, kind change.Type, at int64, id uint64) {
	from := len(tx.scratch)
	tx.scratch = binary.AppendUvarint(tx.scratch, id)
	tx.put(change.Row{
		Op: change.Put, Kind: change.Key, Type: kind, Space: tx.space(),
		Expire: at, Key: key, Value: tx.scratch[from:len(tx.scratch):len(tx.scratch)],
	})
}

// touched marks the watches of a key of which only elements have changed, and
// notes it for who observes writes.
func (tx *Tx) touched(s *shard, key []byte) {
	if tx.quiet {
		return
	}
	if tx.engine.watched.Load() > 0 {
		s.watchers.mark(waitKey{tx.db, string(key)})
	}
	if tx.policies != nil {
		tx.track(key)
	}
	if tx.engine.writes.Load() != nil {
		tx.touchedKeys = append(tx.touchedKeys, key)
	}
}

// space is the key space of the database in use.
func (tx *Tx) space() uint32 { return tx.engine.spaces.of(tx.db) }

// blank returns n bytes that last until the commit, with undefined contents.
func (tx *Tx) blank(n int) []byte {
	from := len(tx.scratch)
	if cap(tx.scratch)-from < n {
		tx.scratch = make([]byte, 0, max(2*cap(tx.scratch), n))
		from = 0
	}
	tx.scratch = tx.scratch[:from+n]
	return tx.scratch[from : from+n : from+n]
}

// newID returns an ID for the elements of a collection.
func (e *Engine) newID() uint64 { return e.lastID.Add(1) }
