package server

import (
	"crypto/sha1" //nolint:gosec // a fingerprint for tests, not a secret
	"encoding/binary"
	"encoding/hex"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/resp/command"
)

// digest is a hash of data that does not depend on the order in which keys are
// visited, nor on how they are held. It is that of redis-server: the same data
// has the same digest there.
type digest [sha1.Size]byte

// add mixes data in; the order of several calls does not matter.
func (d *digest) add(data []byte) {
	for i, b := range sha1.Sum(data) { //nolint:gosec // see above
		d[i] ^= b
	}
}

// then mixes data in; the order of several calls matters.
func (d *digest) then(data []byte) {
	d.add(data)
	*d = sha1.Sum(d[:]) //nolint:gosec // see above
}

// number mixes a number in; the order matters.
func (d *digest) number(n uint32) { d.then(binary.BigEndian.AppendUint32(nil, n)) }

func (d *digest) String() string { return hex.EncodeToString(d[:]) }

// expires marks a key that has a time to live, whichever.
const expires = "!!expire!!"

// value mixes in the value of a key and whether it expires. A missing key adds
// nothing.
func (d *digest) value(tx *engine.Tx, key []byte) error {
	kind, ok := tx.Type(key)
	if !ok {
		return nil
	}
	d.number(typeNumbers[kind])
	switch kind {
	case change.String:
		s, err := tx.String(key)
		if err != nil {
			return err
		}
		d.then(s.Bytes())
	case change.JSON:
		j, err := tx.Document(key)
		if err != nil {
			return err
		}
		d.then(doc.AppendText(nil, j.Value()))
	}
	tx.Elements(key, func(sub, value []byte, expire int64) bool {
		d.element(kind, sub, value, expire)
		return true
	})
	if at, _ := tx.Deadline(key); at != engine.NoExpiry {
		d.add([]byte(expires))
	}
	return nil
}

// debugDigest implements DEBUG DIGEST. Keys that change meanwhile are in it or
// not.
func debugDigest(c *command.Ctx) error {
	var all digest
	home := c.Tx.DB()
	defer c.Tx.Select(home)
	for db := range c.Services.Engine.Databases() {
		c.Tx.Select(db)
		var keys [][]byte
		c.Tx.Each(func(it engine.Item) { keys = append(keys, append([]byte{}, it.Key...)) })
		if len(keys) > 0 {
			all.number(uint32(db))
		}
		for _, key := range keys {
			if err := all.key(c, db, key); err != nil {
				return err
			}
		}
	}
	c.Out.Status(all.String())
	return nil
}

// key adds one key with its value.
func (d *digest) key(c *command.Ctx, db int, key []byte) error {
	var one digest
	exists := false
	err := withKey(c, db, key, func(tx *engine.Tx) error {
		one = digest{}
		one.then(key)
		exists = tx.Peek(key)
		return one.value(tx, key)
	})
	if err == nil && exists {
		d.add(one[:])
	}
	return err
}

// debugDigestValue implements DEBUG DIGEST-VALUE.
func debugDigestValue(c *command.Ctx) error {
	digests := make([]digest, len(c.Args)-2)
	for i, key := range c.Args[2:] {
		err := withKey(c, c.Tx.DB(), key, func(tx *engine.Tx) error {
			digests[i] = digest{}
			return digests[i].value(tx, key)
		})
		if err != nil {
			return err
		}
	}
	c.Out.Array(len(digests))
	for i := range digests {
		c.Out.Status(digests[i].String())
	}
	return nil
}
