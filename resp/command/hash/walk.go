package hash

import (
	"strconv"

	"kvd/engine"
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxScanCount bounds what one HSCAN looks at, whatever COUNT asks for: it runs
// on the event loop, where others wait. COUNT is a hint, and the cursor goes on.
const maxScanCount = 10_000

// errLongPattern refuses patterns that would cost too much per field.
var errLongPattern = rediserr.Newf("the pattern is longer than %d bytes", glob.MaxPattern)

func walkSpecs() []command.Spec {
	whole := func(name, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: "key", Arity: 2, Flags: command.ReadOnly, Keys: command.Key(1, command.RO|command.Access),
			Since: "2.0.0", Complexity: "O(N) for N fields", Tips: []string{tipOrder}, Summary: summary, Handler: h,
		}
	}
	return []command.Spec{
		whole("hgetall", "Returns all fields of a hash with their values.", hgetall),
		whole("hkeys", "Returns all fields of a hash.", hkeys),
		whole("hvals", "Returns the values of all fields of a hash.", hvals),
		{
			Name: "hscan", Syntax: "key cursor{integer} [MATCH pattern] [COUNT count] [NOVALUES{@7.4.0}]", Arity: -3, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.8.0",
			Complexity: "O(1) for a call; O(N) for all calls until the cursor is 0 again, where N is the number of fields",
			Tips:       []string{tipOutput}, Summary: "Goes through the fields of a hash, a few at a time.", Handler: hscan,
			History: []command.Change{{Version: "7.4.0", Text: "Takes `NOVALUES`."}},
		},
	}
}

// open returns the hash at the first key for a command that looks at all of it.
func open(c *command.Ctx) (engine.Hash, error) {
	h, err := c.Tx.Hash(c.Args[1])
	if err == nil {
		err = c.Heavy(h.Len())
	}
	return h, err
}

func hgetall(c *command.Ctx) error {
	h, err := open(c)
	if err != nil {
		return err
	}
	c.Out.Map(h.Count())
	h.All(func(field, value []byte) bool {
		c.Out.Bulk(field)
		c.Out.Bulk(value)
		return true
	})
	return nil
}

func hkeys(c *command.Ctx) error {
	h, err := open(c)
	if err != nil {
		return err
	}
	c.Out.Array(h.Count())
	h.All(func(field, _ []byte) bool {
		c.Out.Bulk(field)
		return true
	})
	return nil
}

func hvals(c *command.Ctx) error {
	h, err := open(c)
	if err != nil {
		return err
	}
	c.Out.Array(h.Count())
	h.All(func(_, value []byte) bool {
		c.Out.Bulk(value)
		return true
	})
	return nil
}

// hscan implements HSCAN. The options matter only when there is a hash.
func hscan(c *command.Ctx) error {
	cursor, err := c.Cursor(2)
	if err != nil {
		return err
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	if !h.Exists() {
		writeScan(c, 0, nil)
		return nil
	}
	opt, err := c.ScanOptions(3, command.ScanNoValues)
	if err != nil {
		return err
	}
	if glob.TooLong(opt.Match) {
		return errLongPattern
	}

	var found [][]byte
	next := h.Scan(cursor, int(min(opt.Count, maxScanCount)), func(field, value []byte) {
		switch {
		case opt.Match != nil && !glob.Match(opt.Match, field):
		case opt.NoValues:
			found = append(found, field)
		default:
			found = append(found, field, value)
		}
	})
	writeScan(c, next, found)
	return nil
}

func writeScan(c *command.Ctx, next uint64, found [][]byte) {
	c.Out.Array(2)
	c.Out.Text(strconv.FormatUint(next, 10))
	c.Out.Array(len(found))
	for _, b := range found {
		c.Out.Bulk(b)
	}
}
