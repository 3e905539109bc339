package command

import (
	"kvd/engine"
	"kvd/internal/change"
)

// typeNames are the types as clients know them.
var typeNames = [...]string{
	change.NoType: "none", change.String: "string", change.List: "list", change.SetType: "set",
	change.ZSet: "zset", change.Hash: "hash", change.Stream: "stream", change.JSON: "ReJSON-RL",
}

// TypeName returns the name of a type, as TYPE shows it.
func TypeName(kind change.Type) string { return typeNames[kind] }

// encoding is the names of the representations that redis-server has for a type.
type encoding struct{ compact, large string }

var encodings = [...]encoding{
	change.List:    {"quicklist", "quicklist"},
	change.SetType: {"intset", "hashtable"},
	change.ZSet:    {"listpack", "skiplist"},
	change.Hash:    {"listpack", "hashtable"},
	change.Stream:  {"stream", "stream"},
	change.JSON:    {"json", "json"},
}

const (
	// maxEmbedded is the length of the longest string that redis-server keeps
	// in the object itself, in bytes.
	maxEmbedded = 44
	// maxDigits is the length of the longest number of 64 bits.
	maxDigits = 20
)

// Encoding names the representation that redis-server would have chosen for the
// value at key, which o describes. It fails with engine.ErrCold where that takes
// a string that is on disk only.
func Encoding(tx *engine.Tx, key []byte, o *engine.Object) (string, error) {
	switch {
	case o.Type != change.String && o.Raw:
		return encodings[o.Type].large, nil
	case o.Type != change.String:
		return encodings[o.Type].compact, nil
	case o.Raw || o.Length > maxEmbedded:
		return "raw", nil
	case o.Length > maxDigits:
		return "embstr", nil
	}
	s, err := tx.PeekString(key)
	if err != nil {
		return "", err
	}
	if _, err := ParseInt(s.Bytes()); err != nil {
		return "embstr", nil //nolint:nilerr // not a number, which is no fault
	}
	return "int", nil
}
