package change

import "encoding/binary"

// Version is a stored version of a key: what its row of kind History has. Size is
// what it takes in storage, in bytes. A Number of 0 stands for none.
type Version struct {
	Number uint64
	Type   Type
	Value  []byte
	Size   int
}

// AppendVersion appends the value of a version's row: the length of info as a
// varint, info, and the content to the end. What stores versions finds the content
// by it, and need not know what is in info.
func AppendVersion(dst, info, content []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(info)))
	return append(append(dst, info...), content...)
}

// SplitVersion is the inverse of AppendVersion. It is false for anything else.
func SplitVersion(value []byte) (info, content []byte, ok bool) {
	n, size := binary.Uvarint(value)
	if size <= 0 || n > uint64(len(value)-size) {
		return nil, nil, false
	}
	end := size + int(n)
	return value[size:end:end], value[end:], true
}
