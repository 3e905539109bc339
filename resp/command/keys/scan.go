package keys

import (
	"kvd/engine"
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxScanCount bounds what one SCAN looks at, whatever COUNT asks for: it runs
// on the event loop, where others wait. COUNT is a hint, and the cursor goes on.
const maxScanCount = 10_000

// errLongPattern refuses patterns that would cost too much per key.
var errLongPattern = rediserr.Newf("the pattern is longer than %d bytes", glob.MaxPattern)

func scanSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "keys", Syntax: "pattern", Arity: 2, Flags: command.ReadOnly | command.Slow, Categories: command.CatDangerous,
			Since: "1.0.0", Complexity: "O(N) where N is the number of keys in the database",
			Summary: "Returns all keys that match a pattern.", Tips: []string{tipAllShards, tipOutputOrder}, Handler: keys,
		},
		{
			Name: "scan", Arity: -2, Flags: command.ReadOnly, Since: "2.8.0",
			Syntax:     "cursor [MATCH pattern] [COUNT count] [TYPE type{@6.0.0}]",
			Complexity: "O(1) for a call; O(N) for all calls until the cursor is 0 again, where N is the number of keys in the database",
			Summary:    "Goes through the keys of the database, a few at a time.", Tips: []string{tipOutput, "request_policy:special"},
			History: []command.Change{{Version: "6.0.0", Text: "Takes `TYPE`."}}, Handler: scan,
		},
	}
}

// scan implements SCAN. A TYPE that there is none of matches nothing.
func scan(c *command.Ctx) error {
	cursor, err := c.Cursor(1)
	if err != nil {
		return err
	}
	opt, err := c.ScanOptions(2, command.ScanTypes)
	if err != nil {
		return err
	}
	if glob.TooLong(opt.Match) {
		return errLongPattern
	}

	f := scanFilter(opt)
	var found list
	next := c.Tx.Scan(cursor, int(min(opt.Count, maxScanCount)), func(it engine.Item) {
		if f.keeps(it) {
			found.add(it.Key)
		}
	})
	c.Out.Array(2)
	c.Out.Text(formatCursor(next))
	found.write(c)
	return nil
}

// keys implements KEYS. It holds one shard at a time, and what it finds there
// is copied, so that others wait for the search only.
func keys(c *command.Ctx) error {
	pattern := c.Args[1]
	if glob.TooLong(pattern) {
		return errLongPattern
	}
	f := newFilter(pattern)
	var found list
	c.Tx.Each(func(it engine.Item) {
		if f.keeps(it) {
			found.add(it.Key)
		}
	})
	found.write(c)
	return nil
}
