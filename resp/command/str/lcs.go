package str

import (
	"errors"
	"slices"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of LCS.
var (
	errNotStrings  = rediserr.New("The specified keys must contain string values")
	errLenAndIndex = rediserr.New("If you want both the length and indexes, please just use IDX.")
	errTooLarge    = rediserr.New("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
)

func lcsSpecs() []command.Spec {
	return []command.Spec{{
		Name: "lcs", Syntax: "key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]", Arity: -3,
		Flags: command.ReadOnly | command.Slow, Keys: command.KeyRange(1, 2, 1, command.RO|command.Access), Since: "7.0.0",
		Complexity: "O(N*M) for strings of N and M bytes",
		Summary:    "Finds the longest common subsequence of two strings.", Handler: lcs,
	}}
}

// lcsOptions are what the options of LCS say.
type lcsOptions struct {
	length, index, withLength bool
	least                     int64
}

func parseLCS(c *command.Ctx) (opt lcsOptions, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "LEN":
			opt.length = true
		case "IDX":
			opt.index = true
		case "WITHMATCHLEN":
			opt.withLength = true
		case "MINMATCHLEN":
			opt.least = s.Int()
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	if s.Err() == nil && opt.length && opt.index {
		return opt, errLenAndIndex
	}
	return opt, s.Err()
}

// cellSize is what redis-server needs for one pair of letters; a table that is
// larger than proto-max-bulk-len is refused here too, since time goes with it.
const cellSize = 4

func lcs(c *command.Ctx) error {
	var text [2][]byte
	for i := range text {
		s, err := c.Tx.String(c.Args[1+i])
		if errors.Is(err, rediserr.WrongType) {
			return errNotStrings
		}
		if err != nil {
			return err
		}
		text[i] = s.Bytes()
	}
	opt, err := parseLCS(c)
	if err != nil {
		return err
	}
	cells := uint64(len(text[0])+1) * uint64(len(text[1])+1)
	if cells > uint64(c.Config().ProtoMaxBulkLen)/cellSize {
		return errTooLarge
	}

	if opt.length {
		c.Out.Int(newAlignment(text[0], text[1], lengthOnly).length)
		return nil
	}
	found := newAlignment(text[0], text[1], withSteps)
	if opt.index {
		writeMatches(c, found, opt)
		return nil
	}
	c.Out.Bulk(found.subsequence())
	return nil
}

// writeMatches writes the parts that match, the last one first, and the length
// of all.
func writeMatches(c *command.Ctx, found *alignment, opt lcsOptions) {
	matches := slices.DeleteFunc(found.matches(), func(m match) bool { return int64(m.length) < opt.least })
	c.Out.Map(2)
	c.Out.Text("matches")
	c.Out.Array(len(matches))
	for _, m := range matches {
		items := 2
		if opt.withLength {
			items++
		}
		c.Out.Array(items)
		for _, from := range []int{m.a, m.b} {
			c.Out.Array(2)
			c.Out.Int(int64(from))
			c.Out.Int(int64(from + m.length - 1))
		}
		if opt.withLength {
			c.Out.Int(int64(m.length))
		}
	}
	c.Out.Text("len")
	c.Out.Int(found.length)
}
