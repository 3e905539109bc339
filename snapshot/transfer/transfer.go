// Package transfer moves keys between servers and files: from an RDB file, JSON
// lines, commands or a running Redis server into a server, and from a server into
// such files. It is a client of the servers: it knows them by their protocol only.
//
// Invariant: a key arrives whole or not at all, with its expiry; and what a file
// holds is looked at to its end before the first key of it is written.
package transfer

import (
	"errors"
	"fmt"
	"time"

	"kvd/snapshot/rdb"
)

// Clash says what becomes of a key that the target has already.
type Clash uint8

const (
	// Abort ends the import.
	Abort Clash = iota
	// Replace writes it anew.
	Replace
	// Skip leaves it as it is.
	Skip
)

// Counts is what a transfer has done so far.
type Counts struct {
	Keys      int64 // written, with those in Replaced
	Skipped   int64 // there already
	Expired   int64 // whose time had passed
	Functions int64 // libraries
	Bytes     int64 // of the source, as far as it is known
	Total     int64 // bytes of the source; 0: not known
}

// Rules say which keys are taken, and how.
type Rules struct {
	// DB is the only database that is taken; AnyDB takes all.
	DB int
	// Match, if not nil, reports whether a key is taken.
	Match func(key []byte) bool
	Clash Clash
	// Now tells the time; keys whose time has passed are left out. Nil keeps them.
	Now func() time.Time
	// Progress, if not nil, is called every now and then.
	Progress func(Counts)
}

// AnyDB is the DB of rules that take all databases.
const AnyDB = -1

// takes reports whether the rules are for a record.
func (r *Rules) takes(rec *rdb.Record) bool {
	if rec.Kind != rdb.Key {
		return rec.Kind == rdb.Function
	}
	return (r.DB == AnyDB || r.DB == rec.DB) && (r.Match == nil || r.Match(rec.Key))
}

// over reports whether the time of a record has passed.
func (r *Rules) over(rec *rdb.Record) bool {
	return r.Now != nil && rec.Kind == rdb.Key && rec.Expire != 0 && rec.Expire <= r.Now().UnixMilli()
}

// ErrExists says that the target has a key that was to be written.
var ErrExists = errors.New("the key exists")

// KeyError is the error of one key.
type KeyError struct {
	DB  int
	Key []byte
	Err error
}

// Error implements error.
func (e *KeyError) Error() string {
	return fmt.Sprintf("key %.64q of database %d: %v", e.Key, e.DB, e.Err)
}

// Unwrap returns the cause.
func (e *KeyError) Unwrap() error { return e.Err }

func keyError(rec *rdb.Record, err error) error { return &KeyError{DB: rec.DB, Key: rec.Key, Err: err} }
