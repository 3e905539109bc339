// Package json implements the commands on JSON documents, as RedisJSON has them.
//
// A path that begins with $ names any number of values and is answered with a list
// of one entry for each; any other path is a legacy path, which is answered with one
// value: for a read the first that it names, for a write the last.
//
// Invariant: a handler has built the whole new document before it changes the key,
// so that a write is done at all places of its path or at none.
package json

import (
	"slices"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the commands on JSON documents.
var Family = command.Family{
	Group: "json", Categories: command.CatJSON,
	Commands: slices.Concat(
		getSpecs(), aboutSpecs(), setSpecs(), mergeSpecs(), removeSpecs(), scalarSpecs(), arraySpecs(), popSpecs(),
		patchSpecs(), debugSpecs(),
	),
}

// ifSyntax is the options of every write to one key.
const ifSyntax = " [IFREV rev{integer}] [IFVER version{integer}]"

// Complexities that many commands have.
const (
	perMatch = "O(1) where the path names one value, O(N) for a document of size N otherwise"
	perSize  = "O(N) where N is the size of the values that the path names, and of the document where it is no plain path"
)

// The versions that first had a command: redis-server's for those that were
// RedisJSON's before, and ours.
const (
	sinceRedis = "8.0.0"
	sinceKvd   = "kvd 0.2.0"
)

// Keys of reading and of writing commands.
var (
	readKey  = command.Key(1, command.RO|command.Access)
	writeKey = command.Key(1, command.RW|command.Access|command.Update)
)

// The errors of the family that have one text. RedisJSON's are worded as its
// documentation and its source have them.
var (
	errNoKey      = rediserr.New("could not perform this operation on a key that doesn't exist")
	errNoPath     = rediserr.New("Path does not exist")
	errNotNumber  = rediserr.New("Path does not exist or does not contains a number")
	errNotBool    = rediserr.New("Path does not exist or not a bool")
	errNotString  = rediserr.New("Path does not exist or not a string")
	errNotArray   = rediserr.New("Path does not exist or not an array")
	errNotObject  = rediserr.New("Path does not exist or not an object")
	errWantString = rediserr.Coded("WRONGTYPE", "wrong type of path value - expected string")
	errWantArray  = rediserr.Coded("WRONGTYPE", "wrong type of path value - expected array")
	errWantObject = rediserr.Coded("WRONGTYPE", "wrong type of path value - expected object")

	errNewAtRoot  = rediserr.New("new objects must be created at the root")
	errArrayRange = rediserr.New("array index out of range")
	errBadNumber  = rediserr.New("bad input number")

	errFormat       = rediserr.New("wrong format")
	errReplyFormat  = rediserr.New("wrong reply format")
	errFormatRESP2  = rediserr.New("FORMAT argument is not supported on RESP2")
	errLegacyFormat = rediserr.New("Legacy paths are supported only with FORMAT STRINGS")
	errFPHA         = rediserr.New("invalid FPHA type")

	errNoDocument = rediserr.Coded("NOTFOUND", "no such key")
)

// wrongArgs is the error for a line with words that the command does not take.
func wrongArgs(c *command.Ctx) error { return rediserr.WrongArgs(c.Command.FullName) }
