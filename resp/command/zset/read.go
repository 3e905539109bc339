package zset

import (
	"strconv"

	"kvd/engine"
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// maxScanCount bounds what one ZSCAN looks at, whatever COUNT asks for: it runs
// on the event loop, where others wait.
const maxScanCount = 10_000

// errLongPattern refuses patterns that would cost too much per member.
var errLongPattern = rediserr.Newf("the pattern is longer than %d bytes", glob.MaxPattern)

func readSpecs() []command.Spec {
	const flags = command.ReadOnly | command.Fast
	return []command.Spec{
		{
			Name: "zcard", Syntax: "key", Arity: 2, Flags: flags, Keys: command.Key(1, command.RO), Since: "1.2.0",
			Complexity: constant, Summary: "Returns the number of members.", Handler: zcard,
		},
		{
			Name: "zscore", Syntax: "key member", Arity: 3, Flags: flags, Keys: command.Key(1, command.RO|command.Access),
			Since: "1.2.0", Complexity: constant, Summary: "Returns the score of a member.", Handler: zscore,
		},
		{
			Name: "zmscore", Syntax: "key member [member ...]", Arity: -3, Flags: flags,
			Keys: command.Key(1, command.RO|command.Access), Since: "6.2.0", SlowArgs: slowWords,
			Complexity: "O(N) where N is the number of members asked for",
			Summary:    "Returns the scores of some members.", Handler: zmscore,
		},
		{
			Name: "zscan", Syntax: "key cursor [MATCH pattern] [COUNT count]", Arity: -3, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.8.0",
			Complexity: "O(1) for a call; O(N) for all calls until the cursor is 0 again, where N is the number of members",
			Summary:    "Goes through the members and their scores, a few at a time.",
			Tips:       []string{"nondeterministic_output"}, Handler: zscan,
		},
	}
}

func zcard(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(z.Len()))
	return nil
}

func zscore(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	writeScore(c, z.Score, c.Args[2])
	return nil
}

func zmscore(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		writeScore(c, z.Score, member)
	}
	return nil
}

// writeScore replies with the score of a member, or null.
func writeScore(c *command.Ctx, score func(member []byte) (float64, bool), member []byte) {
	s, ok := score(member)
	if !ok {
		c.Out.Null()
		return
	}
	c.Out.Double(s)
}

// zscan implements ZSCAN. Its scores are strings in both protocols.
func zscan(c *command.Ctx) error {
	cursor, err := c.Cursor(2)
	if err != nil {
		return err
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	var found engine.ZList
	var next uint64
	if z.Exists() {
		opt, err := c.ScanOptions(3, command.ScanPlain)
		if err != nil {
			return err
		}
		if glob.TooLong(opt.Match) {
			return errLongPattern
		}
		next = z.Scan(cursor, int(min(opt.Count, maxScanCount)), func(member []byte, score float64) {
			if opt.Match == nil || glob.Match(opt.Match, member) {
				found.Add(member, score)
			}
		})
	}
	c.Out.Array(2)
	c.Out.Text(strconv.FormatUint(next, 10))
	c.Out.Array(2 * len(found.Entries))
	var digits [32]byte
	for _, e := range found.Entries {
		c.Out.Bulk(e.Member)
		c.Out.Bulk(reply.AppendFloat(digits[:0], e.Score))
	}
	return nil
}
