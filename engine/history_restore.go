package engine

import (
	"bytes"

	"kvd/internal/change"
)

// RestoreVersion gives a key the value of a version, whatever it holds; a version
// of a key that was gone deletes it. A key that is there keeps its expiry, another
// has none. It fails where PutDocuments does, and has then changed nothing. Event:
// ver.rollback.
func (tx *Tx) RestoreVersion(key []byte, v *Version, author string) error {
	const event = "ver.rollback"
	switch {
	case !v.restorable():
		tx.Discard(key)
	case v.Type == change.JSON:
		return tx.restoreDocument(key, v, author, event)
	case v.Type == change.String:
		tx.silently(func() { tx.SetString(key, bytes.Clone(v.Content), Keep) })
	case isCollection(v.Type):
		if err := tx.restoreCollection(key, v); err != nil {
			return err
		}
	default:
		return errVersion
	}
	tx.event(change.EventModule, event, key)
	return nil
}

// silently runs fn without events.
func (tx *Tx) silently(fn func()) {
	recorded := tx.events
	tx.events = 0
	fn()
	tx.events = recorded
}

func (tx *Tx) restoreDocument(key []byte, v *Version, author, event string) error {
	value, err := v.Document()
	if err != nil {
		return err
	}
	f, ok := tx.find(key)
	exp := Keep
	if ok && f.kind() != change.JSON {
		exp = Expiry(f.shard.deadlineOf(f.entry))
		tx.Discard(key)
	}
	return tx.PutDocuments(DocumentPut{Key: key, Value: value, Expire: exp, Event: event, Author: &author})
}

// restoreCollection makes a collection of its stored elements.
func (tx *Tx) restoreCollection(key []byte, v *Version) error {
	elements, err := v.Elements()
	if err != nil || len(elements) == 0 && v.Type != change.Stream {
		return errVersion
	}
	how, _ := shapeOf(v.Type)
	f, ok := tx.find(key)
	at := int64(0)
	if ok {
		at = f.shard.deadlineOf(f.entry)
	}
	tx.silently(func() {
		tx.Discard(key)
		c := collection{tx: tx, key: key, kind: v.Type, found: found{shard: f.shard, hash: f.hash}}
		c.splice(0, 0, 0)
		tx.quiet = true
		for i, e := range elements {
			if v.Type == change.List {
				e.Sub = AppendListName(nil, i)
			}
			if e.Expire != 0 && e.Expire <= tx.now {
				continue
			}
			if err = how.load(&c, e.Sub, e.Value, e.Expire); err != nil {
				break
			}
		}
		tx.quiet = false
		c.refind()
		c.each(func(sub, value []byte, expire int64) bool {
			c.putRow(tx.lasting(sub), tx.lasting(value), expire)
			return true
		})
		tx.resized = true
		tx.wake(f.shard, key)
		switch {
		case how.len(&c) == 0 && v.Type != change.Stream:
			tx.Discard(key) // all of its fields would have expired by now
		case at != 0:
			tx.setDeadline(c.found, key, at)
		}
	})
	return err
}
