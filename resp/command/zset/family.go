// Package zset implements the commands on sorted sets.
//
// Invariant: a handler has found everything that can be wrong with its line, and
// with the types of its keys, before it changes the first key.
package zset

import (
	"slices"

	"kvd/engine"
	"kvd/resp/command"
)

// Family is the commands on sorted sets.
var Family = command.Family{
	Group: "sorted-set", Categories: command.CatSortedSet,
	Commands: slices.Concat(addSpecs(), readSpecs(), rankSpecs(), rangeSpecs(), oldRangeSpecs(), removeSpecs(),
		popSpecs(), blockingPopSpecs(), combineSpecs(), combineStoreSpecs(), randomSpecs()),
}

// Complexities that several commands share.
const (
	constant  = "O(1)"
	logN      = "O(log(N)) where N is the number of members"
	logNPlusM = "O(log(N)+M) where N is the number of members of the set and M of those that it is about"
)

// slowWords is the number of words from which a command leaves the event loop.
const slowWords = 2000

// limits returns up to what size a sorted set counts as compact.
func limits(c *command.Ctx) engine.ZLimits {
	cfg := c.Config()
	return engine.ZLimits{Members: cfg.ZsetMaxListpackEntries, Bytes: cfg.ZsetMaxListpackValue}
}

// writeMembers replies with members, with their scores if they are asked for.
func writeMembers(c *command.Ctx, list []engine.ZEntry, withScores bool) {
	begin(c, len(list), withScores)
	for _, e := range list {
		writeMember(c, e.Member, e.Score, withScores)
	}
}

// begin opens the list of n members.
func begin(c *command.Ctx, n int, withScores bool) {
	if withScores {
		c.Out.Pairs(n)
		return
	}
	c.Out.Array(n)
}

func writeMember(c *command.Ctx, member []byte, score float64, withScores bool) {
	if !withScores {
		c.Out.Bulk(member)
		return
	}
	c.Out.Pair()
	c.Out.Bulk(member)
	c.Out.Double(score)
}
