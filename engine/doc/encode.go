package doc

import (
	"encoding/binary"
	"math/bits"
)

// AppendNull adds the value null.
func AppendNull(dst []byte) []byte { return append(dst, tagNull) }

// AppendBool adds the value true or false.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, tagTrue)
	}
	return append(dst, tagFalse)
}

// AppendString adds a string. Its bytes must be valid UTF-8.
func AppendString[T []byte | string](dst []byte, s T) []byte {
	return append(appendHeader(dst, tagString, len(s)), s...)
}

// AppendStringOf begins a string of size bytes, which the caller appends.
func AppendStringOf(dst []byte, size int) []byte { return appendHeader(dst, tagString, size) }

// AppendNumber adds a number with the text, which must be one that IsNumber
// accepts.
func AppendNumber[T []byte | string](dst []byte, text T) []byte {
	return append(appendHeader(dst, tagNumber, len(text)), text...)
}

// appendHeader adds the tag of a kind with the size of what follows.
func appendHeader(dst []byte, tag byte, size int) []byte {
	switch {
	case size < size8:
		return append(dst, tag|byte(size))
	case size < 1<<8:
		return append(dst, tag|size8, byte(size))
	case size < 1<<16:
		return append(dst, tag|size16, byte(size), byte(size>>8))
	default:
		return binary.LittleEndian.AppendUint32(append(dst, tag|size32), uint32(size))
	}
}

// headerLen returns the number of bytes of appendHeader for the size.
func headerLen(size int) int {
	switch {
	case size < size8:
		return 1
	case size < 1<<8:
		return 2
	case size < 1<<16:
		return 3
	default:
		return 5
	}
}

// container is an array or object that is being written at the end of a buffer:
// room for what stands before its elements is held free and corrected at the
// end, which moves the elements if it was guessed wrongly.
type container struct {
	tag   byte
	start int // of the tag in the buffer
	room  int // bytes held free from start
	count int // elements so far
}

// smallRoom is what stands before the elements of most containers: the tag and
// one byte of number.
const smallRoom = 2

// begin opens a container at the end of dst.
func begin(dst []byte, tag byte) ([]byte, container) {
	return append(dst, 0, 0), container{tag: tag, start: len(dst), room: smallRoom}
}

// beginLike opens a container that is likely to have the size of old.
func beginLike(dst []byte, old Value) ([]byte, container) {
	at, n := header(old)
	room := smallRoom
	if n > 0 {
		_, length := varint(old[at:])
		room = at + length
	}
	var free [10]byte
	return append(dst, free[:room]...), container{tag: old[0] & kindMask, start: len(dst), room: room}
}

// end closes the container, which reaches to the end of dst.
func (c container) end(dst []byte) []byte {
	if c.count == 0 {
		return append(dst[:c.start], c.tag)
	}
	length := (bits.Len(uint(c.count)|1) + 6) / 7
	payload := len(dst) - c.start - c.room
	size := payload + length
	need := headerLen(size) + length
	dst = shift(dst, c.start+c.room, need-c.room)
	head := appendHeader(dst[:c.start], c.tag, size)
	binary.AppendUvarint(head, uint64(c.count))
	return dst
}

// shift moves what begins at from by so many bytes, towards the end of the
// buffer if it is positive.
func shift(dst []byte, from, by int) []byte {
	switch {
	case by > 0:
		var free [10]byte
		dst = append(dst, free[:by]...)
		copy(dst[from+by:], dst[from:len(dst)-by])
	case by < 0:
		copy(dst[from+by:], dst[from:])
		dst = dst[:len(dst)+by]
	}
	return dst
}

// Builder writes one value at the end of a buffer, its containers member by
// member. The caller closes what it opens, gives members of an object names
// that differ, and gives nothing but members to a container.
type Builder struct {
	buf  []byte
	open []container
}

// NewBuilder returns a builder that appends to dst.
func NewBuilder(dst []byte) *Builder { return &Builder{buf: dst} }

// BeginArray opens an array.
func (b *Builder) BeginArray() { b.begin(tagArray) }

// BeginObject opens an object.
func (b *Builder) BeginObject() { b.begin(tagObject) }

func (b *Builder) begin(tag byte) {
	b.add()
	buf, c := begin(b.buf, tag)
	b.buf = buf
	b.open = append(b.open, c)
}

// End closes the array or object that was opened last.
func (b *Builder) End() {
	last := len(b.open) - 1
	b.buf = b.open[last].end(b.buf)
	b.open = b.open[:last]
}

// Name gives the next value its name, in an object.
func (b *Builder) Name(name string) {
	b.buf = AppendString(b.buf, name)
}

// Value adds a value.
func (b *Builder) Value(v Value) {
	b.add()
	b.buf = append(b.buf, v...)
}

// String adds a string of valid UTF-8.
func (b *Builder) String(s string) {
	b.add()
	b.buf = AppendString(b.buf, s)
}

// add counts one element of the container that is open.
func (b *Builder) add() {
	if n := len(b.open); n > 0 {
		b.open[n-1].count++
	}
}

// Bytes returns the buffer with what was added.
func (b *Builder) Bytes() []byte { return b.buf }
