// Package rdb spells values as redis-server does for DUMP and RESTORE: a byte
// for the type and the encoding, the value, the version of the format in two
// bytes and a CRC64 of all that.
//
// Decode reads every encoding of the versions 6 to 12, but of modules only RedisJSON's; Encode
// writes what a redis-server 7.0 loads. The package knows nothing of keys and of
// the engine.
//
// Invariant: what Decode is given is hostile. No length is believed before the
// bytes are there, nothing recurses, nothing panics, and a value that Decode
// returns has no element twice, no score that is not a number, and the entries
// of a stream in order.
package rdb

import "errors"

// The versions of the format.
const (
	// Version is that of redis-server 7.0, which Encode writes.
	Version = 10
	// VersionFieldTTL is that of redis-server 7.4, which Encode writes for a hash
	// whose fields expire; older servers refuse it.
	VersionFieldTTL = 12
	// MaxVersion is the newest that Decode reads.
	MaxVersion = 12
)

// Errors of Decode.
var (
	// ErrChecksum says that a payload is of a newer version, was changed, or is
	// none.
	ErrChecksum = errors.New("DUMP payload version or checksum are wrong")
	// ErrFormat says that a payload has the right checksum and makes no sense.
	ErrFormat = errors.New("Bad data format") //nolint:staticcheck // clients see this text
)

// Type is the type of a value.
type Type uint8

// The types.
const (
	String Type = iota + 1
	List
	Set
	ZSet
	Hash
	Stream
	// JSON is a document: a value of the module RedisJSON. String is its text,
	// which nobody has looked at yet.
	JSON
)

// Value is a value of any type; only what belongs to its type is set.
type Value struct {
	Type Type
	// Compact asks Encode for the spelling of small collections, as which a
	// redis-server holds them in memory too: listpack, or intset for a set, whose
	// members must be integers then. Decode sets it for what was spelt so.
	Compact bool

	String []byte
	List   [][]byte // from head to tail
	Set    [][]byte
	Hash   []Field
	ZSet   []Scored // Encode wants it in order
	Stream *StreamValue
}

// Field is a field of a hash.
type Field struct {
	Name, Value []byte
	Expire      int64 // unix time in milliseconds; 0: never
}

// Scored is a member of a sorted set.
type Scored struct {
	Member []byte
	Score  float64
}

// StreamID names an entry of a stream.
type StreamID struct{ MS, Seq uint64 }

// Less reports whether id comes before other.
func (id StreamID) Less(other StreamID) bool {
	return id.MS < other.MS || id.MS == other.MS && id.Seq < other.Seq
}

// StreamValue is a stream.
type StreamValue struct {
	Entries      []Entry // in the order of their IDs
	Last         StreamID
	MaxDeleted   StreamID
	EntriesAdded uint64
	Groups       []Group
}

// Entry is an entry of a stream.
type Entry struct {
	ID     StreamID
	Fields [][]byte // names and values in turn
}

// UnknownRead is the EntriesRead of a group whose place cannot be told.
const UnknownRead = -1

// Group is a consumer group.
type Group struct {
	Name        []byte
	Last        StreamID // delivered
	EntriesRead int64    // or UnknownRead
	Pending     []Pending
	Consumers   []Consumer
}

// Consumer is a consumer of a group. Times are unix times in milliseconds.
type Consumer struct {
	Name         []byte
	Seen, Active int64
}

// Pending is an entry that was delivered and not acknowledged. Lists of them are
// in the order of their IDs.
type Pending struct {
	ID         StreamID
	Delivered  int64 // unix time in milliseconds, of the last time
	Deliveries uint64
	Consumer   int // an index of the group's consumers
}

// The first byte of a payload: types with their encodings.
const (
	typeString           = 0
	typeList             = 1
	typeSet              = 2
	typeZSetText         = 3
	typeHash             = 4
	typeZSet             = 5
	typeHashZipmap       = 9
	typeListZiplist      = 10
	typeSetIntset        = 11
	typeZSetZiplist      = 12
	typeHashZiplist      = 13
	typeQuicklistZiplist = 14
	typeStream           = 15
	typeHashListpack     = 16
	typeZSetListpack     = 17
	typeQuicklist        = 18
	typeStream2          = 19
	typeSetListpack      = 20
	typeStream3          = 21
	typeHashTTLEarly     = 22 // without the least expiry in front
	typeHashPackTTLEarly = 23
	typeHashTTL          = 24
	typeHashPackTTL      = 25
)

// The containers of a quicklist's nodes.
const (
	nodePlain  = 1
	nodePacked = 2
)
