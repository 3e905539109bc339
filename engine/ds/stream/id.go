package stream

import (
	"cmp"
	"encoding/binary"
	"math"
)

// ID names an entry: a time in unix milliseconds and a number within it.
type ID struct{ MS, Seq uint64 }

// Max is the greatest ID.
var Max = ID{math.MaxUint64, math.MaxUint64}

// IDSize is the length of the binary form of an ID, in bytes.
const IDSize = 16

// Compare returns -1, 0 or 1 for an ID below, equal to or above other.
func (id ID) Compare(other ID) int {
	if c := cmp.Compare(id.MS, other.MS); c != 0 {
		return c
	}
	return cmp.Compare(id.Seq, other.Seq)
}

// Less reports whether id comes before other.
func (id ID) Less(other ID) bool {
	return id.MS < other.MS || id.MS == other.MS && id.Seq < other.Seq
}

// IsZero reports whether id is 0-0, which no entry has.
func (id ID) IsZero() bool { return id == ID{} }

// Next returns the ID that follows; ok is false for the greatest one.
func (id ID) Next() (next ID, ok bool) {
	switch {
	case id == Max:
		return id, false
	case id.Seq == math.MaxUint64:
		return ID{id.MS + 1, 0}, true
	}
	return ID{id.MS, id.Seq + 1}, true
}

// Prev returns the ID before; ok is false for 0-0.
func (id ID) Prev() (prev ID, ok bool) {
	switch {
	case id.IsZero():
		return id, false
	case id.Seq == 0:
		return ID{id.MS - 1, math.MaxUint64}, true
	}
	return ID{id.MS, id.Seq - 1}, true
}

// AppendKey appends the binary form of id, IDSize bytes that sort as IDs do.
func (id ID) AppendKey(dst []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, id.MS), id.Seq)
}

// ReadKey reads the binary form of an ID from the first IDSize bytes of b.
func ReadKey(b []byte) ID {
	return ID{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}
