// Package bitmap implements the commands on strings as arrays of bits.
//
// Invariant: a handler has found everything that can be wrong with its line,
// and with the values of its keys, before it changes the first bit.
package bitmap

import (
	"slices"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the commands on bits.
var Family = command.Family{
	Group: "bitmap", Categories: command.CatBitmap,
	Commands: slices.Concat(bitSpecs(), countSpecs(), combineSpecs(), fieldSpecs()),
}

// errOffset is for a place that no string can have.
var errOffset = rediserr.New("bit offset is not an integer or out of range")

// slowBytes is how many bytes count as one element for Ctx.Heavy: a cache line,
// which takes about as long to go through as one element of a collection.
const slowBytes = 64

// offset reads argument i as the place of a bit.
func offset(c *command.Ctx, i int) (uint64, error) {
	n, err := command.ParseInt(c.Args[i])
	if err != nil || !allowed(c, n) {
		return 0, errOffset
	}
	return uint64(n), nil
}

// allowed reports whether bit n is in the longest string that there may be.
func allowed(c *command.Ctx, n int64) bool { return n >= 0 && n>>3 < c.Config().ProtoMaxBulkLen }
