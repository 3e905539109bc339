package doc

import "encoding/binary"

// Kind is what a value is, as its tag says it.
type Kind uint8

// The kinds of values. Absent is the kind of the empty Value.
const (
	Absent Kind = iota
	Null
	False
	True
	Number
	String
	Array
	Object
)

const (
	tagNull   = 1
	tagFalse  = 2
	tagTrue   = 3
	tagNumber = 1 << 5
	tagString = 2 << 5
	tagArray  = 3 << 5
	tagObject = 4 << 5

	kindMask = 7 << 5
	sizeMask = 1<<5 - 1

	size8  = 29 // one byte of size follows the tag
	size16 = 30
	size32 = 31
)

// Value is one JSON value in the form that the package describes: exactly its
// bytes, often in the middle of a document. The empty Value is no value at all.
// What its methods return lies in the same bytes.
type Value []byte

// kinds are the kinds of the tags, by their upper three bits.
var kinds = [8]Kind{Absent, Number, String, Array, Object}

// Kind returns what v is.
func (v Value) Kind() Kind {
	switch {
	case len(v) == 0:
		return Absent
	case v[0] < tagNumber:
		return Kind(v[0])
	}
	return kinds[v[0]>>5]
}

// TypeName returns the name that JSON.TYPE gives to v: a number without
// fraction and exponent is an integer. It is empty if there is no value.
func (v Value) TypeName() string {
	switch v.Kind() {
	case Null:
		return "null"
	case False, True:
		return "boolean"
	case Number:
		if IsInteger(v.Text()) {
			return "integer"
		}
		return "number"
	case String:
		return "string"
	case Array:
		return "array"
	case Object:
		return "object"
	}
	return ""
}

// IsContainer says whether v is an array or an object.
func (v Value) IsContainer() bool { return len(v) > 0 && v[0] >= tagArray }

// Text returns the text of a number or the characters of a string, nil for
// every other kind.
func (v Value) Text() []byte {
	if k := v.Kind(); k != Number && k != String {
		return nil
	}
	at, n := header(v)
	return v[at : at+n : at+n]
}

// Len returns the number of elements of an array or members of an object, the
// bytes of a string or of the text of a number, and 0 for the literals.
func (v Value) Len() int {
	if len(v) == 0 || v[0] < tagNumber {
		return 0
	}
	at, n := header(v)
	if v[0] < tagArray || n == 0 {
		return n
	}
	count, _ := varint(v[at:])
	return count
}

// Depth returns how deeply containers are nested in v: 0 for a scalar, 1 for a
// container of scalars or of nothing.
func (v Value) Depth() int {
	if !v.IsContainer() {
		return 0
	}
	deepest := 0
	for it := v.Items(); it.Next(); {
		deepest = max(deepest, it.Value().Depth())
	}
	return deepest + 1
}

// Member returns the value of the member of an object that has the name, or no
// value. It passes over the members before it in O(members).
func (v Value) Member(name []byte) Value {
	found, _ := v.MemberAt(name)
	return found
}

// MemberAt is Member, with the offset in v where the value begins.
func (v Value) MemberAt(name []byte) (found Value, offset int) {
	if v.Kind() != Object {
		return nil, 0
	}
	for at := v.first(); at < len(v); at += extent(v[at:]) {
		head, size := header(v[at:])
		from := at + head
		at = from + size
		if size == len(name) && string(v[from:at]) == string(name) {
			return v.At(at), at
		}
	}
	return nil, 0
}

// Element returns the element of an array at index i, which counts from the end
// if it is negative, or no value. It passes over the elements before it.
func (v Value) Element(i int) Value {
	found, _ := v.ElementAt(i)
	return found
}

// ElementAt is Element, with the offset in v where the value begins.
func (v Value) ElementAt(i int) (found Value, offset int) {
	if v.Kind() != Array {
		return nil, 0
	}
	if i < 0 {
		i += v.Len()
	}
	if i < 0 || i >= v.Len() {
		return nil, 0
	}
	at := v.first()
	for ; i > 0; i-- {
		at += extent(v[at:])
	}
	return v.At(at), at
}

// first returns where the first element of a container begins, or would.
func (v Value) first() int {
	at, n := header(v)
	if n == 0 {
		return at
	}
	_, length := varint(v[at:])
	return at + length
}

// At returns the value that begins at the offset of v, as Items.Offset and the
// paths give it.
func (v Value) At(offset int) Value {
	n := extent(v[offset:])
	return v[offset : offset+n : offset+n]
}

// header returns where the payload of a value that is no literal begins, and
// its size in bytes.
func header(b []byte) (at, size int) {
	switch n := int(b[0] & sizeMask); n {
	case size8:
		return 2, int(b[1])
	case size16:
		return 3, int(binary.LittleEndian.Uint16(b[1:]))
	case size32:
		return 5, int(binary.LittleEndian.Uint32(b[1:]))
	default:
		return 1, n
	}
}

// extent returns the number of bytes of the value that b begins with.
func extent(b []byte) int {
	if b[0] < tagNumber {
		return 1
	}
	at, n := header(b)
	return at + n
}

// varint returns the number that b begins with, and its length.
func varint(b []byte) (n, length int) {
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	u, length := binary.Uvarint(b)
	return int(u), length
}
