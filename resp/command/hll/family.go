// Package hll implements the commands on HyperLogLogs, which are strings.
//
// Invariant: a handler has found everything that can be wrong with the values of
// its keys before it changes one.
package hll

import (
	"slices"

	"kvd/engine"
	"kvd/engine/ds/hll"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the commands on HyperLogLogs.
var Family = command.Family{
	Group: "hyperloglog", Categories: command.CatHyperLogLog,
	Commands: slices.Concat(countSpecs(), debugSpecs()),
}

var (
	errNotOne  = rediserr.Coded("WRONGTYPE", "Key is not a valid HyperLogLog string value.")
	errCorrupt = rediserr.Coded("INVALIDOBJ", "Corrupted HLL object detected")
)

// lookup returns the HyperLogLog at key, or a string that does not exist.
func lookup(c *command.Ctx, key []byte) (engine.String, error) {
	s, err := c.Tx.String(key)
	if err != nil {
		return s, err
	}
	if s.Exists() && !hll.Valid(s.Bytes()) {
		return s, errNotOne
	}
	return s, nil
}

// draft returns s, or a new HyperLogLog if there is none, to be changed, with
// room for n bytes more. What comes of it is stored or forgotten: a large value
// is copied, so that a fault found on the way leaves it as it was.
func draft(c *command.Ctx, s engine.String, n int) []byte {
	if !s.Exists() {
		b := c.Tx.Draft(s, hll.HeaderSize+n)
		return hll.AppendNew(b[:0])
	}
	size := len(s.Bytes())
	if size >= engine.Large {
		return append(make([]byte, 0, size+n), s.Bytes()...)
	}
	if hll.IsDense(s.Bytes()) {
		n = 0
	}
	return c.Tx.Draft(s, size+n)[:size]
}
