package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"

	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// Version is one past state of a key.
type Version struct {
	// Number counts the versions of a key from 1.
	Number uint64
	// Rev is the revision of the transaction that recorded it.
	Rev uint64
	// Time is when it was recorded, in unix milliseconds; it never goes back.
	Time int64
	// Type is the type of the value; NoType: the key was gone.
	Type change.Type
	// Forgotten is set where the version was erased on request: Hash seals that
	// then, and Message says when it was.
	Forgotten bool
	// Actor is the user, Author who the client said it was.
	Actor, Author string
	Message       string
	// Command is what made the version, such as "set".
	Command string
	// Hash is the SHA-256 sum of the canonical form of the value.
	Hash [sha256.Size]byte
	// Size is the length of Content, and Stored what the version takes on disk, in
	// bytes.
	Size, Stored int
	// Content is the value; see history_content.go. It is nil where only the rest
	// was asked for.
	Content []byte

	// chain is the sum of this and all versions before, of every chainEvery-th
	// and of those that were erased.
	chain    [sha256.Size]byte
	hasChain bool
}

// Tombstone reports whether the key was gone.
func (v *Version) Tombstone() bool { return v.Type == change.NoType && !v.Forgotten }

// Document returns the value of a version that has its content. It fails with
// WRONGTYPE for one that is no document.
func (v *Version) Document() (doc.Value, error) {
	if v.Type != change.JSON {
		return nil, rediserr.WrongType
	}
	value, err := doc.Parse(v.Content)
	if err != nil {
		return nil, errVersion // its sum was right: it has never been one
	}
	return value, nil
}

// chainEvery is how often a version is stored with its chain.
const chainEvery = 32

// chainAfter is the chain of a version that follows one with the chain before.
func (v *Version) chainAfter(before [sha256.Size]byte) [sha256.Size]byte {
	h := sha256.New()
	_, _ = h.Write(before[:])
	_, _ = h.Write(v.Hash[:])
	var b [binary.MaxVarintLen64]byte
	_, _ = h.Write(binary.BigEndian.AppendUint64(b[:0], v.Number))
	_, _ = h.Write(binary.BigEndian.AppendUint64(b[:0], uint64(v.Time)))
	for _, text := range [...]string{v.Author, v.Message} {
		_, _ = h.Write(binary.BigEndian.AppendUint64(b[:0], uint64(len(text))))
		_, _ = h.Write([]byte(text))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// The info of a version begins with these flags; then come the revision, the time
// and the size as varints, the command, the actor, the author and the message as
// texts, and the sums that the flags tell of.
const (
	infoHash = 1 << iota
	infoChain
	infoForgotten
)

// usualCommands are commands that are stored as a byte. The order is that of the
// disk: new ones come last.
var usualCommands = [...]string{
	"set", "json.set", "hset", "del", "expired", "ver.save", "ver.rollback", "lpush", "rpush", "sadd", "zadd", "xadd",
	"incr", "append", "json.merge", "doc.set", "doc.insert", "doc.update", "doc.replace", "doc.del",
}

// usualActor is the user that is stored as a byte.
const usualActor = "default"

func (v *Version) appendInfo(dst []byte) []byte {
	flags := byte(0)
	if v.Type != change.NoType {
		flags |= infoHash
	}
	if v.hasChain {
		flags |= infoChain
	}
	if v.Forgotten {
		flags |= infoForgotten | infoHash
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, v.Rev)
	dst = binary.AppendUvarint(dst, uint64(v.Time))
	dst = binary.AppendUvarint(dst, uint64(v.Size))
	dst = append(dst, byte(1+slices.Index(usualCommands[:], v.Command)))
	if dst[len(dst)-1] == 0 {
		dst = appendText(dst, v.Command)
	}
	if v.Actor == usualActor {
		dst = append(dst, 0)
	} else {
		dst = append(binary.AppendUvarint(dst, uint64(len(v.Actor))+1), v.Actor...)
	}
	dst = appendText(appendText(dst, v.Author), v.Message)
	if flags&infoHash != 0 {
		dst = append(dst, v.Hash[:]...)
	}
	if flags&infoChain != 0 {
		dst = append(dst, v.chain[:]...)
	}
	return dst
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// errVersion says that a stored version makes no sense.
var errVersion = errors.New("a stored version of a key is damaged")

// readVersion is the inverse of appendInfo, with the content.
func readVersion(row change.Version) (v Version, err error) {
	info, content, ok := change.SplitVersion(row.Value)
	if !ok || len(info) == 0 {
		return v, errVersion
	}
	v = Version{Number: row.Number, Type: row.Type, Stored: row.Size, Content: content}
	flags := info[0]
	r := trailerReader{rest: info[1:]}
	v.Rev, v.Time, v.Size = r.uvarint(), int64(r.uvarint()), int(r.uvarint())
	v.Command, v.Actor = r.command(), r.actor()
	v.Author, v.Message = r.text(), r.text()
	v.Forgotten = flags&infoForgotten != 0
	if flags&infoHash != 0 {
		r.sum(&v.Hash)
	}
	if v.hasChain = flags&infoChain != 0; v.hasChain {
		r.sum(&v.chain)
	}
	if r.bad || len(r.rest) > 0 {
		return v, errVersion
	}
	return v, nil
}

func (r *trailerReader) command() string {
	if len(r.rest) == 0 || int(r.rest[0]) > len(usualCommands) {
		r.bad = true
		return ""
	}
	n := int(r.rest[0])
	if r.rest = r.rest[1:]; n == 0 {
		return r.text()
	}
	return usualCommands[n-1]
}

func (r *trailerReader) actor() string {
	n := r.uvarint()
	if n == 0 || r.bad {
		return usualActor
	}
	if n--; n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func (r *trailerReader) sum(dst *[sha256.Size]byte) {
	if len(r.rest) < len(dst) {
		r.bad = true
		return
	}
	r.rest = r.rest[copy(dst[:], r.rest):]
}
