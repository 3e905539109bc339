// Package str implements the string commands.
//
// Invariant: a handler has found everything that can be wrong with its line,
// and with the values of its keys, before it changes the first key.
package str

import (
	"slices"

	"kvd/engine"
	"kvd/resp/command"
)

// Family is the string commands.
var Family = command.Family{
	Group: "string", Categories: command.CatString,
	Commands: slices.Concat(getSpecs(), setSpecs(), multiSpecs(), rangeSpecs(), counterSpecs(), compareSpecs(), lcsSpecs()),
}

// slowKeys is the number of words from which a command on many keys leaves the
// event loop.
const slowKeys = 1000

// expiryUnits is the syntax of the options that set an expiry.
const expiryUnits = "EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds"

// multiShard is the tip that commands on many keys give.
const multiShard = "request_policy:multi_shard"

// kept returns argument i as SetString and its sisters want it: a large value
// is handed over to the engine, a small one will be copied.
func kept(c *command.Ctx, i int) []byte {
	if len(c.Args[i]) >= engine.Large {
		return c.Keep(i)
	}
	return c.Args[i]
}

// bulkOrNull writes a value, or null for a missing key.
func bulkOrNull(c *command.Ctx, s engine.String) {
	if !s.Exists() {
		c.Out.Null()
		return
	}
	c.Bulk(s)
}
