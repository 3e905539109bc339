// Package change says what one commit did: the rows it wrote and the events it
// caused.
//
// A Set holds absolute effects, never commands: applying it twice gives what
// applying it once gives, and time, chance and scripts need no replay. It is
// the only thing that passes from the engine to storage, so it is also the
// seam at which a replicated log can be put in.
package change

// Op is what happens to a row. The numbers are written to disk.
type Op uint8

const (
	// Put writes the row, whatever was there.
	Put Op = 1
	// Delete removes the row; no row there is no fault.
	Delete Op = 2
	// Expire changes only the row's Expire and leaves its value. Kind Key only.
	Expire Op = 3
	// Drop removes many rows at once. Of kind Key, it removes every row of a
	// key space, elements and history included, and only Space is set; of kind
	// Element, it removes every element of ID.
	Drop Op = 4
	// Edit writes Value over the bytes of a string from Offset on, and leaves its
	// expiry. Bytes that are missing before Offset are zero; none are cut off.
	// Without such a string it does nothing. Kind Key only.
	Edit Op = 5
)

// Kind is the family a row belongs to. The numbers are written to disk.
type Kind uint8

const (
	// Key is the row of one key: its type, expiry and, for a string, its value.
	Key Kind = 1
	// Meta is a setting of the engine itself, named by Key; Space is 0.
	Meta Kind = 2
	// Element is the row of one element of a collection: a field, a member, an
	// entry.
	Element Kind = 3
	// History is the row of a past version of a key: Key and Space are the key's,
	// and ID is the number of the version. Its value is for the packages about
	// history alone.
	History Kind = 4
	// Head is the row of what is known of a key's versions as a whole.
	Head Kind = 5
)

// Numbered reports whether the rows of a kind are told apart by an ID too.
func (k Kind) Numbered() bool { return k == Element || k == History }

// Type is the type of a key's value. The numbers are written to disk.
type Type uint8

const (
	// NoType marks a row that is not a key's.
	NoType Type = 0
	// String is the type of a plain value.
	String Type = 1
)

// The types whose values are made of elements. The value of such a key's row is
// the ID of its elements.
const (
	List    Type = 2
	SetType Type = 3 // of unique members; Set is a change set
	ZSet    Type = 4 // a set sorted by scores
	Hash    Type = 5
	Stream  Type = 6
)

// JSON is the type of a document: like a string, all of it is the value of the
// key's row.
const JSON Type = 7

// Cached is the type of a value that the cache commands keep. Clients see it as a
// string while it is fresh. All of it is the value of the key's row, too.
const Cached Type = 8

// Row is one small piece of stored state.
//
// A key is addressed by (Space, Key). A space is the physical home of a
// database's keys: SWAPDB and FLUSHDB change which space a database uses and
// need not touch the rows.
//
// An element is addressed by (Space, ID, Key). The row of the key that it
// belongs to says which ID that is; no ID is used again after its Drop. So a key
// of any size is renamed, expires and is deleted by one or two rows.
//
// An Edit is absolute like the others: applied to a string that has it, it
// changes nothing, and what makes a string shorter or replaces it is a Put.
type Row struct {
	Op     Op
	Kind   Kind
	Type   Type
	Space  uint32
	ID     uint64 // of an element's collection, or the number of a version
	Expire int64  // unix time in milliseconds; 0: never
	Offset uint64 // of an Edit, in bytes
	Key    []byte // or the element's name in its collection
	Value  []byte
}

// Event is a keyspace event (see "keyspace notifications" of Redis): what
// happened to which key. Name is a constant such as "set" or "expired".
type Event struct {
	Class EventClass
	DB    int
	Name  string
	Key   []byte
}

// EventClass is a bit of notify-keyspace-events.
type EventClass uint16

// The classes, with the letter that selects each.
const (
	EventGeneric EventClass = 1 << iota // g
	EventString                         // $
	EventList                           // l
	EventSet                            // s
	EventHash                           // h
	EventZSet                           // z
	EventStream                         // t
	EventExpired                        // x
	EventEvicted                        // e
	EventNew                            // n
	EventMissed                         // m
	EventModule                         // d
)

// Set is the effect of one command, transaction or script: written whole or
// not at all. The slices of its rows and events may point into a client's
// read buffer, so whoever takes a Set copies what it keeps before returning.
type Set struct {
	Rows   []Row
	Events []Event
}

// Reset empties the set and keeps its memory.
func (s *Set) Reset() {
	clear(s.Rows) // do not hold on to the values of the last command
	clear(s.Events)
	s.Rows = s.Rows[:0]
	s.Events = s.Events[:0]
}
