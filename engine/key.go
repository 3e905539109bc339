package engine

import (
	"bytes"
	"encoding/binary"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// Exists reports whether there is a key, and counts it as read.
func (tx *Tx) Exists(key []byte) bool {
	_, ok := tx.read(key)
	return ok
}

// Peek reports whether there is a key, without noting an access.
func (tx *Tx) Peek(key []byte) bool {
	_, ok := tx.find(key)
	return ok
}

// Look is Exists without noting an access: it only counts a hit or a miss.
func (tx *Tx) Look(key []byte) bool {
	_, ok := tx.look(key)
	return ok
}

// Type returns the type of a key's value. Like Look, it notes no access.
func (tx *Tx) Type(key []byte) (kind change.Type, ok bool) {
	f, ok := tx.look(key)
	if !ok {
		return change.NoType, false
	}
	return shownAs(f.kind()), true
}

// Delete removes a key and reports whether it was there. Event: del.
func (tx *Tx) Delete(key []byte) bool {
	tx.revoke(key)
	f, ok := tx.find(key)
	if !ok {
		return false
	}
	tx.remove(f, key)
	tx.event(change.EventGeneric, "del", key)
	return true
}

// remove deletes an entry with its elements and records the rows. key must not
// be the entry's own memory.
func (tx *Tx) remove(f found, key []byte) {
	tx.dropElements(f)
	tx.removeKey(f, key)
}

// removeKey is remove without the elements, which another key has now.
func (tx *Tx) removeKey(f found, key []byte) {
	tx.lose(f, key)
	f.shard.drop(tx.db, f.hash, f.ref)
	tx.resized = true
	tx.put(change.Row{Op: change.Delete, Kind: change.Key, Space: tx.engine.spaces.of(tx.db), Key: key})
}

// Deadline returns when a key expires (NoExpiry: never) and whether it exists.
// Like Look, it notes no access.
func (tx *Tx) Deadline(key []byte) (at Expiry, ok bool) {
	f, ok := tx.look(key)
	if !ok {
		return NoExpiry, false
	}
	return Expiry(f.plainDeadline()), true
}

// Expire sets when a key expires and reports whether there is such a key. A
// time that has passed deletes it; NoExpiry makes it stay. Events: expire, del
// or persist.
func (tx *Tx) Expire(key []byte, at Expiry) bool {
	f, ok := tx.read(key)
	if !ok {
		return false
	}
	if tx.Past(at) {
		return tx.Delete(key)
	}
	if f.kind() == change.Cached {
		tx.expireCached(f, key, int64(at))
	} else if int64(at) != f.shard.deadlineOf(f.entry) {
		tx.setDeadline(f, key, int64(at))
	}
	event := "expire"
	if at == NoExpiry {
		event = "persist"
	}
	tx.event(change.EventGeneric, event, key)
	return true
}

// setDeadline changes an entry's expiry and records the row.
func (tx *Tx) setDeadline(f found, key []byte, at int64) {
	if at != 0 && f.has(flagExpires) {
		f.shard.deadlines.update(f.deadline(), newDeadline(at, tx.db, f.ref))
		f.shard.noteDeadline()
		f.setEpoch(tx.epoch)
	} else {
		c := tx.detached(f)
		c.at, c.epoch = at, tx.epoch
		f.shard.write(tx.db, f.hash, f.ref, key, c)
		tx.resized = true
	}
	tx.put(change.Row{
		Op: change.Expire, Kind: change.Key, Type: f.kind(),
		Space: tx.engine.spaces.of(tx.db), Expire: at, Key: key,
	})
}

// Rename moves src to dst, whatever dst held. It fails when src is missing.
// Events: new, rename_from, rename_to.
func (tx *Tx) Rename(src, dst []byte) error {
	f, ok := tx.read(src)
	if !ok {
		return rediserr.NoSuchKey
	}
	if string(src) == string(dst) {
		return nil
	}
	c, err := tx.portable(f, src)
	if err != nil {
		return err
	}
	// The new row comes first: who reads the rows in turn meets the ID of the
	// elements under its new key while they are still there.
	f.shard.lend(f.entry)
	tx.restore(dst, c, f.shard)
	tx.removeKey(f, src)
	tx.event(change.EventGeneric, "rename_from", src)
	tx.event(change.EventGeneric, "rename_to", dst)
	return nil
}

// Copy copies src to dst in database db, whatever dst held, and reports whether
// src was there. Events: new, copy_to.
func (tx *Tx) Copy(src, dst []byte, db int) (bool, error) {
	f, ok := tx.read(src)
	if !ok {
		return false, nil
	}
	c, err := tx.portable(f, src)
	if err != nil {
		return false, err
	}
	if c.blob != nil {
		c.value, c.blob = bytes.Clone(c.value), nil // two keys never share memory
	}
	c.stamp = tx.engine.memory.fresh(tx.now)
	to, _ := tx.shard(dst)
	c.native = c.native.clone(to)
	home := tx.db
	tx.db = db
	tx.adopt(dst, c, to)
	tx.event(change.EventGeneric, "copy_to", dst)
	tx.db = home
	return true, nil
}

// Move takes key to another database and reports whether it was there and not
// yet in db. Events: new, move_from, move_to.
func (tx *Tx) Move(key []byte, db int) (bool, error) {
	f, ok := tx.read(key)
	if !ok {
		return false, nil
	}
	home := tx.db
	tx.db = db
	taken := tx.Peek(key)
	tx.db = home
	if taken {
		return false, nil
	}
	c, err := tx.portable(f, key)
	if err != nil {
		return false, err
	}
	f.shard.lend(f.entry)
	tx.remove(f, key)
	tx.db = db
	tx.adopt(key, c, f.shard)
	tx.db = home
	tx.event(change.EventGeneric, "move_from", key)
	tx.db = db
	tx.event(change.EventGeneric, "move_to", key)
	tx.db = home
	return true, nil
}

// portable returns an entry's content in memory that outlives the entry. It
// fails when the value is on disk only.
func (tx *Tx) portable(f found, key []byte) (content, error) {
	if f.has(flagCold) {
		return content{}, tx.needs(key)
	}
	return tx.detached(f), nil
}

// detached returns an entry's content with the value in memory that stays when
// the cell is written anew. A large value goes along as it is, with the holds
// that clients have on it.
func (tx *Tx) detached(f found) content {
	c := f.shard.contentOf(f.entry)
	if c.blob == nil {
		c.value = tx.lasting(c.value)
	}
	return c
}

// adopt is restore for what keeps its old elements too, or comes from another
// key space: its own get an ID and rows.
func (tx *Tx) adopt(key []byte, c content, from *shard) {
	if isCollection(c.kind) {
		binary.LittleEndian.PutUint64(c.value, tx.engine.newID())
	}
	tx.restore(key, c, from)
	to, _ := tx.peek(key, c.kind)
	to.each(func(sub, value []byte, expire int64) bool {
		to.putRow(tx.lasting(sub), tx.lasting(value), expire)
		return true
	})
}

// restore writes c under key. Its native, if any, is in the memory of shard from.
func (tx *Tx) restore(key []byte, c content, from *shard) {
	f, ok := tx.find(key)
	if ok {
		tx.dropElements(f)
		if f.kind() == change.JSON {
			tx.engine.documentGone(tx.db, key)
		}
	}
	if c.kind == change.JSON {
		c.value, c.blob = tx.renewDocument(key, c.value), nil
	}
	c.epoch = tx.epoch
	c.native = c.native.rehouse(from, f.shard)
	f.shard.write(tx.db, f.hash, f.ref, key, c)
	tx.resized = true
	if isCollection(c.kind) {
		tx.putKey(key, c.kind, c.at, binary.LittleEndian.Uint64(c.value))
	} else {
		tx.put(change.Row{
			Op: change.Put, Kind: change.Key, Type: c.kind, Space: tx.space(),
			Expire: c.at, Key: key, Value: c.value,
		})
	}
	if c.kind == change.JSON {
		tx.announce(key, c.value)
	}
	tx.event(change.EventNew, "new", key) // also for a key that was replaced, as in Redis
	tx.wake(f.shard, key)
}

// contentOf returns what an entry holds; the value is the entry's own memory.
func (s *shard) contentOf(e entry) content {
	c := content{kind: e.kind(), flags: e[1] & (flagRaw | flagCold | flagNative), at: s.deadlineOf(e), stamp: e.stamp(), epoch: e.epoch()}
	if e.has(flagCold) {
		c.coldLen = e.valueLen()
		return c
	}
	if e.has(flagNative) {
		c.value, c.native = e.valueBytes()[:idSize], s.natives.of(e)
		return c
	}
	v := s.value(e)
	c.value, c.blob = v.bytes, v.blob
	return c
}
