package codec

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"kvd/internal/change"
)

// StoredVersion is the version of a stored value that is written.
const StoredVersion = 1

// A stored value starts with its version in the high half of a byte and these
// flags in the low half.
const (
	storedExpires = 1 << 0 // 8 bytes of expiry follow
	storedKeyed   = 1 << 1 // the user's key follows: the stored key is a hash
	storedFlags   = storedExpires | storedKeyed
	sumSize       = 4
)

// MaxStoredOverhead is the most that AppendValue adds to the bytes of key and
// value.
const MaxStoredOverhead = 2 + 8 + binary.MaxVarintLen64 + sumSize

// maxShortKey is the longest key that is stored as it is. Longer ones would
// leave few rows to a page.
const maxShortKey = 1024

// idSize is the length of the number that the name of an element starts with.
// It is big endian, so that the elements of a collection lie together.
const idSize = 8

// The name of a version begins with the length of the stored key in lengthSize
// bytes, so that the versions of a key lie together, and ends with its number in
// numberSize bytes; both are big endian.
const (
	lengthSize = 2
	numberSize = 6
)

// MaxVersion is the greatest number of a version.
const MaxVersion = 1<<(8*numberSize) - 1

// The first byte of a stored key, so that none is empty.
const (
	shortKey = 'k' // the user's key follows
	longKey  = 'L' // its SHA-256 follows; the value has the key itself
)

// StoredKey appends the name under which a key is stored to dst.
func StoredKey(dst, key []byte) []byte {
	if len(key) <= maxShortKey {
		return append(append(dst, shortKey), key...)
	}
	sum := sha256.Sum256(key)
	return append(append(dst, longKey), sum[:]...)
}

// StoredName appends the name under which r is stored in its bucket to dst:
// that of its key, and before it the number of the collection if r is an
// element; see VersionName for a version.
func StoredName(dst []byte, r *change.Row) []byte {
	switch r.Kind {
	case change.History:
		return VersionName(dst, r.Key, r.ID)
	case change.Element:
		dst = StoredPrefix(dst, r.ID)
	}
	return StoredKey(dst, r.Key)
}

// VersionName appends the name under which a version of a key is stored to dst.
// The names of a key's versions sort as their numbers do.
func VersionName(dst, key []byte, number uint64) []byte {
	from := len(dst)
	dst = StoredKey(append(dst, make([]byte, lengthSize)...), key)
	binary.BigEndian.PutUint16(dst[from:], uint16(len(dst)-from-lengthSize))
	tail := binary.BigEndian.AppendUint64(nil, number)
	return append(dst, tail[len(tail)-numberSize:]...)
}

// StoredPrefix appends to dst what the names of all elements of a collection
// begin with.
func StoredPrefix(dst []byte, id uint64) []byte { return binary.BigEndian.AppendUint64(dst, id) }

// Bucket is the part of the data file that rows of one kind and space share.
// Its sums cover its name, so a row is not taken for one of another bucket.
type Bucket struct {
	Kind  change.Kind
	Space uint32
	seed  uint32
}

// NewBucket returns the bucket of a kind and space.
func NewBucket(kind change.Kind, space uint32) Bucket {
	name := binary.BigEndian.AppendUint32([]byte{byte(kind)}, space)
	return Bucket{Kind: kind, Space: space, seed: Sum(0, name)}
}

// Split divides the name of a row into the number of its collection, or of the
// version, which is 0 if the bucket has neither, and the stored key. The key is
// empty if the name is not one.
func (b Bucket) Split(name []byte) (id uint64, stored []byte) {
	switch b.Kind {
	case change.Element:
	case change.History:
		return splitVersion(name)
	default:
		return 0, name
	}
	if len(name) < idSize {
		return 0, nil
	}
	return binary.BigEndian.Uint64(name), name[idSize:]
}

// splitVersion is the inverse of VersionName, but for the hash of a long key.
func splitVersion(name []byte) (number uint64, stored []byte) {
	end := len(name) - numberSize
	if end < lengthSize || int(binary.BigEndian.Uint16(name)) != end-lengthSize {
		return 0, nil
	}
	var wide [8]byte
	copy(wide[8-numberSize:], name[end:])
	return binary.BigEndian.Uint64(wide[:]), name[lengthSize:end]
}

// AppendValue appends r as it is stored under its name:
//
//	version and flags  1 byte
//	type               1 byte
//	expire             8 bytes, if flagged
//	key                varint length, bytes, if flagged
//	value              the bytes between
//	CRC32C             4 bytes, over bucket, name and all before
func (b Bucket) AppendValue(dst, name []byte, r *change.Row) []byte {
	start := len(dst)
	flags := byte(0)
	_, stored := b.Split(name)
	if r.Expire != 0 {
		flags |= storedExpires
	}
	if stored[0] == longKey {
		flags |= storedKeyed
	}
	dst = append(dst, StoredVersion<<4|flags, byte(r.Type))
	if r.Expire != 0 {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(r.Expire))
	}
	if stored[0] == longKey {
		dst = appendBytes(dst, r.Key)
	}
	dst = append(dst, r.Value...)
	sum := Sum(Sum(b.seed, name), dst[start:])
	return binary.LittleEndian.AppendUint32(dst, sum)
}

// ReadValue reads what AppendValue wrote into r, as a Put. Key and Value point
// into name and value.
func (b Bucket) ReadValue(name, value []byte, r *change.Row) error {
	id, stored := b.Split(name)
	if len(value) < 2+sumSize || len(stored) == 0 {
		return fmt.Errorf("%w: %d bytes stored", ErrRow, len(value))
	}
	body, tail := value[:len(value)-sumSize], value[len(value)-sumSize:]
	if Sum(Sum(b.seed, name), body) != binary.LittleEndian.Uint32(tail) {
		return fmt.Errorf("%w: checksum does not match", ErrRow)
	}
	d := decoder{src: body}
	head := d.byte()
	if head>>4 != StoredVersion || head&0xf&^storedFlags != 0 {
		return fmt.Errorf("%w: version %d, flags %#x", ErrRow, head>>4, head&0xf)
	}
	*r = change.Row{Op: change.Put, Kind: b.Kind, Space: b.Space, ID: id, Type: change.Type(d.byte()), Key: stored[1:]}
	if head&storedExpires != 0 {
		r.Expire = d.int64()
	}
	if head&storedKeyed != 0 {
		r.Key = d.bytes()
	}
	r.Value = d.src
	if d.bad || !nameFits(stored, head, r.Key) {
		return fmt.Errorf("%w: its key does not fit its name", ErrRow)
	}
	return nil
}

// nameFits reports whether stored is the name of key. A short key is its own.
func nameFits(stored []byte, head byte, key []byte) bool {
	switch stored[0] {
	case shortKey:
		return head&storedKeyed == 0
	case longKey:
		return head&storedKeyed != 0 && bytes.Equal(StoredKey(nil, key), stored)
	}
	return false
}
