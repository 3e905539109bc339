package engine

import (
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// String is the value of a string key. The zero value is that of a missing key.
type String struct {
	bytes []byte
	blob  *Blob
	raw   bool
}

// Bytes returns the value, or nil when the key is missing.
func (s String) Bytes() []byte { return s.bytes }

// Exists reports whether there is such a key.
func (s String) Exists() bool { return s.bytes != nil }

// Share returns a hold on a value of Large bytes or more, which keeps it from
// changing until its Release, and nil for a smaller one.
func (s String) Share() *Blob {
	if s.blob == nil {
		return nil
	}
	return s.blob.hold()
}

// Expiry is when a key expires: unix time in milliseconds, or one of the
// constants.
type Expiry int64

const (
	// NoExpiry is for a key that stays until it is deleted.
	NoExpiry Expiry = 0
	// Keep leaves a key's expiry as it is.
	Keep Expiry = -1
)

// String returns the string at key; a missing key gives the zero String. It
// fails with WRONGTYPE for a key of another type.
func (tx *Tx) String(key []byte) (String, error) {
	f, ok := tx.read(key)
	if !ok {
		return String{}, nil
	}
	return tx.stringOf(f, key)
}

// ReadString is String for a command that writes and yet answers with what it
// finds: it counts a hit or a miss, as for a command that only reads. Event:
// keymiss.
func (tx *Tx) ReadString(key []byte) (String, error) {
	mode := tx.mode
	tx.mode |= Reads
	s, err := tx.String(key)
	tx.mode = mode
	return s, err
}

// PeekString is String without noting an access.
func (tx *Tx) PeekString(key []byte) (String, error) {
	f, ok := tx.find(key)
	if !ok {
		return String{}, nil
	}
	return tx.stringOf(f, key)
}

func (tx *Tx) stringOf(f found, key []byte) (String, error) {
	switch f.kind() {
	case change.String:
	case change.Cached:
		return f.shard.freshString(f.entry), nil
	default:
		return String{}, rediserr.WrongType
	}
	if f.has(flagCold) {
		return String{}, tx.needs(key)
	}
	s := f.shard.value(f.entry)
	s.raw = f.has(flagRaw)
	return s, nil
}

// SetString sets key to a string, whatever it held. A val of Large bytes or
// more is kept, not copied. Events: set, and expire when the key got an expiry.
func (tx *Tx) SetString(key, val []byte, exp Expiry) {
	tx.store(key, val, exp, 0, Part{}, "set")
	if exp > 0 {
		tx.event(change.EventGeneric, "expire", key)
	}
}

// EditString gives a string key a new value and leaves its expiry; event says
// what was done, such as "incrby". A val of Large bytes or more is kept, not
// copied.
func (tx *Tx) EditString(key, val []byte, event string) {
	tx.store(key, val, Keep, 0, Part{}, event)
}

// store writes a string with its rows and event. Part is what has changed of the
// value before.
func (tx *Tx) store(key, val []byte, exp Expiry, flags byte, part Part, event string) {
	f, ok := tx.find(key)
	at := int64(exp)
	if exp == Keep {
		at = 0
		if ok {
			at = f.plainDeadline()
		}
	}
	tx.revoke(key)
	if ok {
		tx.lose(f, key)
		tx.dropElements(f)
	}
	tx.record(f, ok, change.Row{
		Op: change.Put, Kind: change.Key, Type: change.String,
		Space: tx.engine.spaces.of(tx.db), Expire: at, Key: key, Value: val,
	}, exp, part)
	stamp := tx.stampOf(f, ok)
	resized := f.shard.write(tx.db, f.hash, f.ref, key, content{
		kind: change.String, flags: flags, value: val, blob: f.blobOf(val), at: at, stamp: stamp, epoch: tx.epoch,
	})
	tx.resized = tx.resized || resized
	if !ok {
		tx.event(change.EventNew, "new", key)
		tx.wake(f.shard, key)
	}
	tx.event(change.EventString, event, key)
}

// stampOf is the access stamp that a key has after it was written: a new value
// does not forget how often the key was used.
func (tx *Tx) stampOf(f found, exists bool) uint32 {
	m := &tx.engine.memory
	if !exists {
		return m.fresh(tx.now)
	}
	if tx.mode&NoTouch == 0 {
		m.touch(f.entry, tx.now)
	}
	return f.stamp()
}

// Append adds to the end of a string, which is made if missing, and returns
// its new length in bytes. It fails with WRONGTYPE.
func (tx *Tx) Append(key, add []byte) (int, error) {
	s, err := tx.String(key)
	if err != nil {
		return 0, err
	}
	flags := byte(flagRaw)
	if !s.Exists() {
		flags = 0 // the value is as if it had been set
	}
	n := len(s.bytes)
	tx.overwrite(key, s, n, add, flags, "append")
	return n + len(add), nil
}

// SetRange writes part into a string at offset, filling a gap with zero bytes,
// and returns the string's length. It fails with WRONGTYPE.
func (tx *Tx) SetRange(key []byte, offset int, part []byte) (int, error) {
	s, err := tx.String(key)
	if err != nil || len(part) == 0 {
		return len(s.bytes), err
	}
	tx.overwrite(key, s, offset, part, flagRaw, "setrange")
	return max(len(s.bytes), offset+len(part)), nil
}

// overwrite stores s with part at offset.
func (tx *Tx) overwrite(key []byte, s String, offset int, part []byte, flags byte, event string) {
	n := max(len(s.bytes), offset+len(part))
	val := tx.editable(s, n)
	copy(val[offset:], part)
	tx.store(key, val, Keep, flags, Part{offset, offset + len(part)}, event)
}

// editable returns the bytes of s with length n, to be changed and stored.
func (tx *Tx) editable(s String, n int) []byte {
	if s.blob != nil && s.blob.tail == 0 {
		return s.blob.resized(n)
	}
	if n >= Large {
		val := make([]byte, n, n+n/8)
		copy(val, s.bytes)
		return val
	}
	from := len(tx.scratch)
	tx.scratch = append(tx.scratch, s.bytes...)
	for range n - len(s.bytes) {
		tx.scratch = append(tx.scratch, 0)
	}
	return tx.scratch[from : from+n : from+n]
}
