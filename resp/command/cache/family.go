// Package cache implements the commands of a cache that many clients fill at once:
// leases, so that one computes what all miss; values that are refreshed early or
// served stale; negative entries; and invalidation by key, tag, prefix and pattern.
//
// Invariant: a client that was not told to compute a value can't store one in the
// place of who was.
package cache

import (
	"slices"
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the commands of the cache.
var Family = command.Family{
	Group: "cache", Categories: command.CatCache,
	Commands: slices.Concat(getSpecs(), setSpecs(), leaseSpecs(), invalidateSpecs(), readSpecs(), purgeSpecs(), helpSpecs()),
}

const (
	since    = "kvd 0.1.0"
	constant = "O(1)"
)

// Times that clients give are in milliseconds.
const (
	// defaultLease is the lease of who leaves that to the server.
	defaultLease = 10_000
	// maxLease is the longest lease; one that needs more renews it.
	maxLease = 3_600_000
	// maxTime is the longest of all other times.
	maxTime = 1 << 52
	second  = 1000
)

var (
	errLease = rediserr.Newf("a lease lasts from 1 to %d milliseconds", maxLease)
	errTime  = rediserr.New("the time is negative or too long")
)

// errNear says which word is none of the command's options.
func errNear(word string) error { return rediserr.Newf("syntax error near '%s'", word) }

// lease reads how long a lease lasts.
func lease(s *command.Options) int64 {
	ms := s.Int()
	if ms == 0 {
		return defaultLease
	}
	if ms < 0 || ms > maxLease {
		s.Fail(errLease)
	}
	return ms
}

// duration reads milliseconds that may be none.
func duration(s *command.Options) int64 {
	ms := s.Int()
	if ms < 0 || ms > maxTime {
		s.Fail(errTime)
	}
	return ms
}

// lifetime reads the argument of EX or PX, whichever the option is, as
// milliseconds.
func lifetime(c *command.Ctx, s *command.Options) int64 {
	unit := int64(1)
	if s.Option() == "EX" {
		unit = second
	}
	n := s.Int()
	if n <= 0 || n > maxTime/unit {
		s.Fail(rediserr.InvalidExpire(c.Command.Name))
	}
	return n * unit
}

// token reads the token of a lease. None is 0.
func token(s *command.Options) uint64 {
	const nobody = 1<<64 - 1
	if t := s.Uint(); t != 0 {
		return t
	}
	return nobody
}

func helpSpecs() []command.Spec {
	return []command.Spec{{
		Name: "cache.help", Arity: 1, Flags: command.Loading | command.Stale | command.Fast | command.NoTx, Since: since,
		Complexity: constant, Summary: "Lists the commands of the cache.", Handler: help,
	}}
}

func help(c *command.Ctx) error {
	var lines []string
	for _, cmd := range c.Services.Table.All() {
		if strings.HasPrefix(cmd.Name, "cache.") {
			lines = append(lines, cmd.Usage(), "    "+cmd.Summary)
		}
	}
	c.Out.Array(len(lines))
	for _, line := range lines {
		c.Out.Status(line)
	}
	return nil
}
