// Package hash implements the hash commands, those for the expiry of single
// fields among them.
//
// Invariant: a handler has found everything that can be wrong with its line,
// and with the values that it uses, before it changes the hash.
package hash

import (
	"slices"

	"kvd/engine"
	"kvd/resp/command"
)

// Family is the hash commands.
var Family = command.Family{
	Group: "hash", Categories: command.CatHash,
	Commands: slices.Concat(getSpecs(), setSpecs(), walkSpecs(), randomSpecs(), expireSpecs(), ttlSpecs(), untilSpecs()),
}

const (
	// slowArgs is the number of words from which a command leaves the event
	// loop: about a millisecond's work.
	slowArgs = 10_000

	tipOutput = "nondeterministic_output"
	tipOrder  = "nondeterministic_output_order"

	onePerField = "O(N) for N fields"
)

// limits are those of the compact encoding.
func limits(c *command.Ctx) engine.HashLimits {
	cfg := c.Config()
	return engine.HashLimits{Entries: cfg.HashMaxListpackEntries, Value: cfg.HashMaxListpackValue}
}

// number is how integer replies spell yes and no.
func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
