package engine

import (
	"encoding/binary"

	"kvd/internal/change"
)

// cached is the stored form of a cached value (change.Cached): the value, then
// the names of its tags, each with its length as a varint, then numbers of a fixed
// length, little-endian:
//
//	tags           uint32, the length of all names with their lengths
//	state          1 byte, see below
//	compute time   uint32, milliseconds
//	revision       uint64, of the write
//	fresh until    int64, unix milliseconds; 0: for ever
//
// The key's own expiry is when it goes for good. Names and not numbers stand for
// the tags, so that the same bytes do in another shard, another database and on
// disk.
type cached []byte

// Offsets in the fixed part.
const (
	cachedState = 4
	cachedDelta = 5
	cachedRev   = 9
	cachedFresh = 17
	cachedFixed = 25
)

// stateNegative marks what is known not to be there; the value is the reason.
const stateNegative = 1

func (c cached) fixed() []byte   { return c[len(c)-cachedFixed:] }
func (c cached) negative() bool  { return c.fixed()[cachedState]&stateNegative != 0 }
func (c cached) rev() uint64     { return binary.LittleEndian.Uint64(c.fixed()[cachedRev:]) }
func (c cached) fresh() int64    { return int64(binary.LittleEndian.Uint64(c.fixed()[cachedFresh:])) }
func (c cached) delta() uint32   { return binary.LittleEndian.Uint32(c.fixed()[cachedDelta:]) }
func (c cached) tagsLen() int    { return int(binary.LittleEndian.Uint32(c.fixed())) }
func (c cached) trailerLen() int { return cachedFixed + c.tagsLen() }

// value is the plain value, never nil.
func (c cached) value() []byte {
	n := len(c) - c.trailerLen()
	return c[:n:n]
}

// setFresh changes until when the value is fresh.
func (c cached) setFresh(at int64) {
	binary.LittleEndian.PutUint64(c.fixed()[cachedFresh:], uint64(at))
}

// tags calls fn with every tag until fn returns false.
func (c cached) tags(fn func(tag []byte) bool) {
	end := len(c) - cachedFixed
	for rest := c[end-c.tagsLen() : end]; len(rest) > 0; {
		n, w := binary.Uvarint(rest)
		if !fn(rest[w : w+int(n)]) {
			return
		}
		rest = rest[w+int(n):]
	}
}

// valid reports whether stored has the form of a cached value.
func (c cached) valid() bool {
	if len(c) < cachedFixed || c.tagsLen() > len(c)-cachedFixed {
		return false
	}
	end := len(c) - cachedFixed
	for rest := c[end-c.tagsLen() : end]; len(rest) > 0; {
		n, w := binary.Uvarint(rest)
		if w <= 0 || n > uint64(len(rest)-w) {
			return false
		}
		rest = rest[w+int(n):]
	}
	return c.fixed()[cachedState]&^stateNegative == 0
}

// cachedTail is how many bytes behind the value of a large entry are not of it.
func cachedTail(kind change.Type, stored []byte) int {
	if kind != change.Cached {
		return 0
	}
	return cached(stored).trailerLen()
}

// appendCached appends the stored form of what p says to dst.
func appendCached(dst []byte, p *CachePut, fresh int64, rev uint64) []byte {
	dst = append(dst, p.Value...)
	from := len(dst)
	for i, tag := range p.Tags {
		if !hasTag(p.Tags[:i], tag) {
			dst = binary.AppendUvarint(dst, uint64(len(tag)))
			dst = append(dst, tag...)
		}
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(dst)-from))
	state := byte(0)
	if p.Negative {
		state = stateNegative
	}
	dst = append(dst, state)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(min(p.Delta, 1<<32-1)))
	dst = binary.LittleEndian.AppendUint64(dst, rev)
	return binary.LittleEndian.AppendUint64(dst, uint64(fresh))
}

// hasTag reports whether tag is among the tags.
func hasTag(tags [][]byte, tag []byte) bool {
	for _, t := range tags {
		if string(t) == string(tag) {
			return true
		}
	}
	return false
}

// shownAs is the type that clients see of a key: a cached value is a string.
func shownAs(kind change.Type) change.Type {
	if kind == change.Cached {
		return change.String
	}
	return kind
}

// cached is the entry's value in its stored form; the entry is of type Cached.
func (s *shard) cached(e entry) cached { return cached(s.value(e).bytes) }

// freshString is the string that commands other than those of the cache see.
func (s *shard) freshString(e entry) String {
	v := s.value(e)
	return String{bytes: cached(v.bytes).value(), blob: v.blob}
}

// plainDeadline returns when a key vanishes for plain commands, in unix milliseconds;
// 0: never.
func (f *found) plainDeadline() int64 {
	if f.kind() == change.Cached {
		return f.shard.cached(f.entry).fresh()
	}
	return f.shard.deadlineOf(f.entry)
}

// expireCached is setDeadline for a cached value, which is fresh until then and not
// served for a moment longer; 0: for ever.
func (tx *Tx) expireCached(f found, key []byte, at int64) {
	tx.rewriteCached(f, key, at, at)
}

// rewriteCached changes until when a cached value is fresh, and when it expires.
func (tx *Tx) rewriteCached(f found, key []byte, fresh, at int64) {
	c := f.shard.contentOf(f.entry)
	if c.blob != nil {
		c.value, c.blob = append([]byte(nil), c.value...), nil // clients may be reading the old one
	} else {
		c.value = tx.lasting(c.value)
	}
	cached(c.value).setFresh(fresh)
	c.at, c.epoch = at, tx.epoch
	tx.resized = f.shard.write(tx.db, f.hash, f.ref, key, c) || tx.resized
	tx.put(change.Row{
		Op: change.Put, Kind: change.Key, Type: change.Cached, Space: tx.space(), Expire: at, Key: key, Value: c.value,
	})
}
