package engine

import (
	"encoding/binary"

	"kvd/engine/slab"
	"kvd/internal/change"
)

// An entry is one key with its value, in one slab cell:
//
//	 0  type          change.Type
//	 1  flags         see below; the two highest bits are the epoch
//	 2  key length    uint16
//	 4  access stamp  uint32, see touch.go
//	 8  value length  uint32
//	12  deadline      uint32, position in the shard's expiry queue (flagExpires)
//	    key           or, with flagLongKey, its number among the large values
//	    value         or, with flagLarge, its number; nothing with flagCold
//
// The value of a collection is its ID in 8 bytes and then its elements, packed,
// or with flagNative the number of the structure that holds them.
//
// All numbers are little-endian. What is behind an entry is valid only under
// the lock of its shard.
type entry []byte

const (
	headerSize   = 12
	deadlineSize = 4
	numberSize   = 4
	idSize       = 8

	// longKey is the length from which a key is kept outside its cell, in bytes:
	// a shorter one fits one together with any value that is not large.
	longKey = slab.MaxCell - Large - headerSize - deadlineSize
	// Large is the length from which a value has memory of its own, in bytes:
	// it is kept as the caller passed it, and sent to clients without a copy.
	Large = 32 << 10
)

const (
	flagExpires = 1 << iota // has a place in the expiry queue
	flagLongKey             // the key is a large value
	flagLarge               // the value is a large value
	flagCold                // the value is on disk only
	flagRaw                 // OBJECT ENCODING says raw, or of a collection the name for a large one
	flagNative              // the elements are in a structure of their own
	epochShift  = 6
)

func (e entry) kind() change.Type     { return change.Type(e[0]) }
func (e entry) has(flag byte) bool    { return e[1]&flag != 0 }
func (e entry) epoch() uint32         { return uint32(e[1] >> epochShift) }
func (e entry) setEpoch(epoch uint32) { e[1] = e[1]&(1<<epochShift-1) | byte(epoch<<epochShift) }

func (e entry) keyLen() int          { return int(binary.LittleEndian.Uint16(e[2:])) }
func (e entry) stamp() uint32        { return binary.LittleEndian.Uint32(e[4:]) }
func (e entry) setStamp(s uint32)    { binary.LittleEndian.PutUint32(e[4:], s) }
func (e entry) valueLen() int        { return int(binary.LittleEndian.Uint32(e[8:])) }
func (e entry) setValueLen(n int)    { binary.LittleEndian.PutUint32(e[8:], uint32(n)) }
func (e entry) deadline() uint32     { return binary.LittleEndian.Uint32(e[headerSize:]) }
func (e entry) setDeadline(p uint32) { binary.LittleEndian.PutUint32(e[headerSize:], p) }

// keyAt is the offset of the key.
func (e entry) keyAt() int { return headerSize + int(e[1]&flagExpires)*deadlineSize }

// valueAt is the offset of the value.
func (e entry) valueAt() int { return e.keyAt() + e.keyLen() }

// size is the number of bytes the entry takes of its cell.
func (e entry) size() int { return e.valueAt() + e.valueSize() }

// valueSize is the number of bytes of the value that are in the cell.
func (e entry) valueSize() int {
	switch {
	case e.has(flagCold):
		return 0
	case e.has(flagLarge):
		return numberSize
	}
	return e.valueLen()
}

// keyBytes is the key as it stands in the cell.
func (e entry) keyBytes() []byte { at := e.keyAt(); return e[at : at+e.keyLen()] }

// valueBytes is the value as it stands in the cell.
func (e entry) valueBytes() []byte { at := e.valueAt(); return e[at : at+e.valueSize()] }

func number(b []byte) uint32       { return binary.LittleEndian.Uint32(b) }
func putNumber(b []byte, n uint32) { binary.LittleEndian.PutUint32(b, n) }
