package set

import (
	"strconv"

	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxScanCount bounds what one SSCAN looks at, whatever COUNT asks for: it runs
// on the event loop, where others wait. COUNT is a hint, and the cursor goes on.
const maxScanCount = 10_000

// errLongPattern refuses patterns that would cost too much per member.
var errLongPattern = rediserr.Newf("the pattern is longer than %d bytes", glob.MaxPattern)

func readSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "smembers", Syntax: "key", Arity: 2, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "1.0.0", Complexity: "O(N) for N members",
			Tips: []string{tipOutputOrder}, Summary: "Returns all members of a set.", Handler: smembers,
		},
		{
			Name: "sscan", Syntax: "key cursor{integer} [MATCH pattern] [COUNT count]", Arity: -3, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.8.0",
			Complexity: "O(1) for a call; O(N) for all calls until the cursor is 0 again, for N members",
			Tips:       []string{tipOutput}, Summary: "Goes through the members of a set, a few at a time.", Handler: sscan,
		},
	}
}

func smembers(c *command.Ctx) error {
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	if err := c.Heavy(s.Len()); err != nil {
		return err
	}
	c.Out.Set(s.Len())
	s.All(func(member []byte) bool {
		c.Out.Bulk(member)
		return true
	})
	return nil
}

// sscan implements SSCAN. A key that is not there is an empty set, whatever the
// options.
func sscan(c *command.Ctx) error {
	cursor, err := c.Cursor(2)
	if err != nil {
		return err
	}
	s, err := c.Tx.Set(c.Args[1])
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Array(2)
		c.Out.Text("0")
		c.Out.Array(0)
		return nil
	}
	opt, err := c.ScanOptions(3, command.ScanPlain)
	if err != nil {
		return err
	}
	if glob.TooLong(opt.Match) {
		return errLongPattern
	}

	var got list
	next := s.Scan(cursor, int(min(opt.Count, maxScanCount)), func(member []byte) {
		if opt.Match == nil || glob.Match(opt.Match, member) {
			got.append(member)
		}
	})
	c.Out.Array(2)
	c.Out.Text(strconv.FormatUint(next, 10))
	c.Out.Array(got.len())
	got.all(c.Out.Bulk)
	return nil
}
