// Package keys implements the generic commands: those that treat keys without
// regard to the type of their values, and WAIT and WAITAOF.
//
// Invariant: a handler looks at everything that can be wrong with its line
// before it changes the first key.
package keys

import (
	"slices"

	"kvd/resp/command"
)

// Family is the generic commands.
var Family = command.Family{
	Group: "generic", Categories: command.CatKeyspace,
	Commands: slices.Concat(existenceSpecs(), expireSpecs(), ttlSpecs(), scanSpecs(), moveSpecs(), objectSpecs(), waitSpecs(), sortSpecs(), dumpSpecs(), migrateSpecs()),
}

// Tips that several commands give.
const (
	tipAllShards   = "request_policy:all_shards"
	tipMultiShard  = "request_policy:multi_shard"
	tipSum         = "response_policy:agg_sum"
	tipOutput      = "nondeterministic_output"
	tipOutputOrder = "nondeterministic_output_order"
)

// slowKeys is the number of words from which a command on many keys leaves the
// event loop.
const slowKeys = 1000
