package hash

import (
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxPicks is how many fields HRANDFIELD returns at most when the same one may
// come again: there is no other bound to what it would take.
const maxPicks = 1 << 24

var (
	errRange     = rediserr.New("value is out of range")
	errLongRange = rediserr.Newf("value is out of range, value must between %d and %d", -math.MaxInt64, math.MaxInt64)
)

func randomSpecs() []command.Spec {
	return []command.Spec{{
		Name: "hrandfield", Syntax: "key [count [WITHVALUES]]{options}", Arity: -2, Flags: command.ReadOnly,
		Keys: command.Key(1, command.RO|command.Access), Since: "6.2.0", Complexity: "O(N) for N fields that are returned",
		Tips: []string{tipOutput}, Summary: "Returns random fields of a hash.", Handler: hrandfield,
	}}
}

func hrandfield(c *command.Ctx) error {
	if len(c.Args) > 2 {
		return randomFields(c)
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	field, _, _ := h.Random()
	c.Out.BulkOrNull(field)
	return nil
}

// randomFields implements HRANDFIELD with a count. A negative one allows a field
// to come several times.
func randomFields(c *command.Ctx) error {
	count, values, err := parseRandom(c)
	if err != nil {
		return err
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	picks, again := count, count < 0
	if again {
		picks = -count
	}
	size := int64(h.Count())
	if !again || size == 0 {
		picks = min(picks, size)
	}
	if picks > maxPicks {
		return errRange
	}
	if err := c.Heavy(int(picks)); err != nil {
		return err
	}
	writeRandom(c, &h, int(picks), again, values)
	return nil
}

// parseRandom reads the count of HRANDFIELD and whether values are wanted.
func parseRandom(c *command.Ctx) (count int64, values bool, err error) {
	if count, err = c.Int(2); err != nil {
		return 0, false, err
	}
	if count == math.MinInt64 {
		return 0, false, errLongRange
	}
	s := c.Options(3)
	for s.Next() {
		if s.Option() != "WITHVALUES" || values {
			return 0, false, rediserr.Syntax
		}
		values = true
	}
	if values && (count > math.MaxInt64/2 || count < -math.MaxInt64/2) {
		return 0, false, errRange
	}
	return count, values, nil
}

// writeRandom replies with random fields, in RESP3 each with its value as a pair.
func writeRandom(c *command.Ctx, h *engine.Hash, picks int, again, values bool) {
	pairs := values && c.Out.Protocol() == 3
	n := picks
	if values && !pairs {
		n *= 2
	}
	c.Out.Array(n)
	write := func(field, value []byte) {
		if pairs {
			c.Out.Array(2)
		}
		c.Out.Bulk(field)
		if values {
			c.Out.Bulk(value)
		}
	}
	if !again {
		h.Sample(picks, write)
		return
	}
	for range picks {
		field, value, _ := h.Random()
		write(field, value)
	}
}
