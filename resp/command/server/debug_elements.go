package server

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"kvd/internal/change"
)

// typeNumbers are the types as redis-server counts them.
var typeNumbers = [...]uint32{change.List: 1, change.SetType: 2, change.ZSet: 3, change.Hash: 4, change.JSON: 5, change.Stream: 6}

// fieldExpires marks a field of a hash that has a time to live.
const fieldExpires = "!!hexpire!!"

// element mixes in an element of a collection, as its row has it.
func (d *digest) element(kind change.Type, sub, value []byte, expire int64) {
	var one digest
	switch kind {
	case change.List:
		d.then(value)
	case change.SetType:
		d.add(sub)
	case change.ZSet:
		one.then(sub)
		one.then(scoreText(value))
		d.add(one[:])
	case change.Hash:
		one.then(sub)
		one.then(value)
		if expire != 0 {
			one.then([]byte(fieldExpires))
		}
		d.add(one[:])
	case change.Stream:
		d.streamEntry(sub, value)
	}
}

// scoreText writes the score in a row of a sorted set with the 17 digits that
// tell it from all others.
func scoreText(row []byte) []byte {
	score := math.Float64frombits(binary.LittleEndian.Uint64(row))
	switch {
	case math.IsInf(score, 1):
		return []byte("inf")
	case math.IsInf(score, -1):
		return []byte("-inf")
	}
	return strconv.AppendFloat(nil, score, 'g', 17, 64)
}

// streamEntry mixes in a row of a stream, if it is an entry: what groups have
// read is not the stream's content. The row's name is a letter and the two halves
// of the ID; its value a number and the fields, each with its length before it.
func (d *digest) streamEntry(sub, value []byte) {
	const letter, size = 'e', 17
	if len(sub) != size || sub[0] != letter {
		return
	}
	d.then(fmt.Appendf(nil, "%d.%d", binary.BigEndian.Uint64(sub[1:]), binary.BigEndian.Uint64(sub[9:])))
	_, n := binary.Uvarint(value)
	for rest := value[max(n, 0):]; len(rest) > 0; {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return
		}
		d.then(rest[n : n+int(size)])
		rest = rest[n+int(size):]
	}
}
