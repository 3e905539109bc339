// Package archive writes and reads the files of snapshots: what is in them and
// what makes them trustworthy, not where they are or what becomes of them.
//
// # Format
//
// An archive is a tar file, compressed as a row of zstd frames, so that
// `tar --zstd -xf` opens it. Its members are, in this order:
//
//	metadata.json         what the archive is (Metadata)
//	schemas.json          types of documents, by name
//	collections.json      collections and their indexes, by name
//	migrations.json       migrations and how far they are, by name
//	settings.json         what else belongs to no database, such as functions
//	data/000001.jsonl …   the keys, one record a line, in the order of storage
//	manifest.json         what each member must be (Manifest)
//
// Each data member is a frame of its own and the manifest says where it begins:
// one range of keys can be read without the rest. Encrypted archives are such a
// file, encrypted as a whole with age.
//
// # Records
//
// A record is a JSON object on one line, with these members in this order:
//
//	db     database; left out for 0
//	k      the key as text, or k64: in base64, where it is not UTF-8
//	t      string, list, set, zset, hash, stream or json
//	px     when the key expires, in unix milliseconds; left out: never
//	rev crev ver ctime mtime version sv author meta
//	       of a document only: revision data, see engine.DocumentInfo; sv is the
//	       version of its migration; zero ones are left out
//	more   true: the value goes on in the next record, which has the same key
//	v      the value, or v64 for a string that is not UTF-8
//
// The value of a list or a set is an array of its elements, of a hash an array of
// [field, value] or [field, value, px], of a sorted set an array of [member,
// score] where a score may be "inf" or "-inf", of a document the document. A
// stream is an array of its rows:
//
//	["e", id, [name, value, …], added]              an entry; added, which may be
//	                                                missing: how many there were with it
//	["m", last id, greatest deleted id, added]      the state
//	["g", group, last id, entries read or null]     a consumer group
//	["c", group, consumer, seen]                    a consumer
//	["p", group, id, delivered, count, consumer]    a pending entry
//
// Wherever text stands that may be any bytes, {"b": "…"} stands for bytes that are
// not UTF-8, in base64. So each value comes back byte for byte.
//
// # Trust
//
// Archives are read as hostile input, as streams, and nothing is ever extracted to
// a disk. Reader refuses, with UnsafeError, what no archive of ours can be, and
// with DamagedError what is not what the manifest says.
package archive

import "fmt"

// FormatVersion is the version of the format that is written, and the only one
// that is read.
const FormatVersion = 1

// Limits of what is read.
const (
	// MaxWindow is the most memory that decompression may ask for, in bytes.
	MaxWindow = 64 << 20
	// MaxMembers is how many members there may be.
	MaxMembers = 1_000_000
	// MaxRecord is the length of the longest record, in bytes.
	MaxRecord = 512 << 20
	// MaxDepth is how deep arrays and objects of a record may be nested.
	MaxDepth = 128
	// MaxText is the length of the longest member that is not of data, in bytes.
	MaxText = 256 << 20
)

const (
	// PartBytes is about how much of a value goes into one record.
	PartBytes = 1 << 20
	// memberBytes is about how much data goes into one member.
	memberBytes = 4 << 20
)

// UnsafeError says that a file is not an archive that may be read: it has been
// made to do harm, or goes beyond a limit.
type UnsafeError struct{ What string }

// Error implements error.
func (e *UnsafeError) Error() string { return "unsafe archive: " + e.What }

func unsafe(format string, args ...any) error { return &UnsafeError{fmt.Sprintf(format, args...)} }

// DamagedError says that an archive is cut short, or is not what its manifest
// says.
type DamagedError struct{ What string }

// Error implements error.
func (e *DamagedError) Error() string { return "damaged archive: " + e.What }

func damaged(format string, args ...any) error { return &DamagedError{fmt.Sprintf(format, args...)} }
