package cache

import (
	"bytes"
	"strconv"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// scanned is how many keys one CACHE.TAGGED looks at.
const scanned = 1000

var errStatsPrefix = rediserr.New("statistics are kept by the part of a key up to its first ':'")

func readSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "cache.tags", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: since, Complexity: "O(N) for N tags",
			Summary: "Returns the tags of a cached value.", Handler: tagsOf,
		},
		{
			Name: "cache.tagged", Syntax: "tag [CURSOR cursor{integer}]", Arity: -2, Flags: command.ReadOnly, Since: since,
			Complexity: "O(1) for a call; O(N) for all calls until the cursor is 0 again, where N is the number of keys in the database",
			Summary:    "Goes through the keys of the cached values with a tag, some at a time.",
			Tips:       []string{"nondeterministic_output", "request_policy:special"}, Handler: tagged,
		},
		{
			Name: "cache.stats", Syntax: "[PREFIX prefix]", Arity: -1, Flags: command.ReadOnly, Since: since,
			Complexity: "O(N) where N is the number of prefixes", Tips: []string{"nondeterministic_output"},
			Summary: "Counts what the cache was asked and what it answered.", Handler: stats,
		},
	}
}

// tagsOf implements CACHE.TAGS.
func tagsOf(c *command.Ctx) error {
	var list [][]byte
	err := c.Tx.CacheTags(c.Args[1], func(tag []byte) bool {
		list = append(list, tag)
		return true
	})
	if err != nil {
		return err
	}
	c.Out.Array(len(list))
	for _, tag := range list {
		c.Out.Bulk(tag)
	}
	return nil
}

// tagged implements CACHE.TAGGED.
func tagged(c *command.Ctx) error {
	cursor := uint64(0)
	s := c.Options(2)
	for s.Next() {
		if s.Option() != "CURSOR" {
			s.Fail(errNear(s.Option()))
			break
		}
		if arg := s.Arg(); s.SyntaxErr() == nil {
			at, err := command.ParseCursor(arg)
			s.Fail(err)
			cursor = at
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	var keys [][]byte
	next := c.Tx.ScanTagged(cursor, scanned, c.Args[1], func(key []byte) { keys = append(keys, bytes.Clone(key)) })
	c.Out.Array(2)
	c.Out.Text(strconv.FormatUint(next, 10))
	c.Out.Array(len(keys))
	for _, key := range keys {
		c.Out.Bulk(key)
	}
	return nil
}

// stats implements CACHE.STATS.
func stats(c *command.Ctx) error {
	prefix := ""
	s := c.Options(1)
	for s.Next() {
		if s.Option() != "PREFIX" {
			s.Fail(errNear(s.Option()))
			break
		}
		prefix = string(s.Arg())
		if at := bytes.IndexByte([]byte(prefix), ':'); at >= 0 && at != len(prefix)-1 {
			s.Fail(errStatsPrefix)
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	n := c.Tx.CacheStats(prefix)
	fields := []struct {
		name  string
		count uint64
	}{
		{"hit", n.Hit},
		{"stale", n.Stale},
		{"refresh", n.Refresh},
		{"miss", n.Miss},
		{"wait", n.Wait},
		{"negative", n.Negative},
		{"fills", n.Fills},
		{"leaselost", n.LeaseLost},
	}
	c.Out.Map(len(fields))
	for _, f := range fields {
		c.Out.Text(f.name)
		c.Out.Int(int64(f.count))
	}
	return nil
}
