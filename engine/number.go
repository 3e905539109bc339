package engine

import (
	"strconv"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// EditInt gives a string key the decimal digits of n as its value and leaves
// its expiry; event says what was done, such as "incrby".
func (tx *Tx) EditInt(key []byte, n int64, event string) {
	from := len(tx.scratch)
	tx.scratch = strconv.AppendInt(tx.scratch, n, 10)
	tx.EditString(key, tx.scratch[from:len(tx.scratch):len(tx.scratch)], event)
}

// StringLen returns the length of the string at key in bytes, 0 for a missing
// key, without needing its value in memory. It fails with WRONGTYPE.
func (tx *Tx) StringLen(key []byte) (int, error) {
	f, ok := tx.read(key)
	switch {
	case !ok:
		return 0, nil
	case f.kind() == change.Cached:
		return len(f.shard.freshString(f.entry).bytes), nil
	case f.kind() != change.String:
		return 0, rediserr.WrongType
	}
	return f.valueLen(), nil
}
