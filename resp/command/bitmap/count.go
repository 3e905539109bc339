package bitmap

import (
	"bytes"

	"kvd/engine/ds/bits"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var errWhichBit = rediserr.New("The bit argument must be 1 or 0.")

func countSpecs() []command.Spec {
	const unit = "[BYTE | BIT]{index_unit,@7.0.0}"
	units := []command.Change{{Version: "7.0.0", Text: "The options `BYTE` and `BIT`."}}
	return []command.Spec{
		{
			Name: "bitcount", Syntax: "key [start{integer} end{integer} " + unit + "]{index}", Arity: -2, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.6.0", Complexity: "O(N) for N bytes in the range",
			History: units, Summary: "Counts the bits that are set in the string at a key.", Handler: bitcount,
		},
		{
			Name:   "bitpos",
			Syntax: "key bit [start{integer} [end{integer} " + unit + "]{end_index}]{index}", Arity: -3, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.8.7", Complexity: "O(N) for N bytes up to the bit",
			History: units, Summary: "Finds the first bit that is set, or clear, in the string at a key.", Handler: bitpos,
		},
	}
}

// bitcount implements BITCOUNT. Where there is no key, nothing else is looked at,
// as in redis-server.
func bitcount(c *command.Ctx) error {
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Int(0)
		return nil
	}
	if len(c.Args) == 3 {
		return rediserr.Syntax
	}
	from, to, err := span(c, 2, s.Bytes())
	if err != nil {
		return err
	}
	if err := heavy(c, from, to); err != nil {
		return err
	}
	c.Out.Int(int64(bits.CountBits(s.Bytes(), from, to)))
	return nil
}

// heavy sends a command that goes through many bits to a worker.
func heavy(c *command.Ctx, from, to uint64) error {
	if from >= to {
		return nil
	}
	return c.Heavy(int((to - from) / 8 / slowBytes))
}

// bitpos implements BITPOS.
func bitpos(c *command.Ctx) error {
	bit, err := c.Int(2)
	if err != nil {
		return err
	}
	if bit&^1 != 0 {
		return errWhichBit
	}
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Int(-bit) // a missing key has zeros only
		return nil
	}
	from, to, err := span(c, 3, s.Bytes())
	if err != nil {
		return err
	}
	if err := heavy(c, from, to); err != nil {
		return err
	}
	c.Out.Int(position(s.Bytes(), byte(bit), from, to, len(c.Args) > 4))
	return nil
}

// position is the reply of BITPOS for a range. Unless its end was given, zeros
// follow the string for ever.
func position(b []byte, bit byte, from, to uint64, ends bool) int64 {
	if at, ok := bits.Find(b, bit, from, to); ok {
		return int64(at)
	}
	if bit == 0 && !ends && from < to {
		return int64(to)
	}
	return -1
}

// span reads the optional start, end and unit from argument i on as a range of
// the bits of b, without the one at to. What is wrong is found in the order of
// redis-server: BITPOS looks at the unit before the end, and BITCOUNT not at all
// if the range is turned around.
func span(c *command.Ctx, i int, b []byte) (from, to uint64, err error) {
	if len(c.Args) > i+3 {
		return 0, 0, rediserr.Syntax
	}
	start, end, unit := int64(0), int64(-1), int64(8)
	if len(c.Args) > i {
		if start, err = c.Int(i); err != nil {
			return 0, 0, err
		}
	}
	counts := c.Command.Name == "bitcount"
	if len(c.Args) > i+2 && !counts {
		if unit, err = unitOf(c.Args[i+2]); err != nil {
			return 0, 0, err
		}
	}
	if len(c.Args) > i+1 {
		if end, err = c.Int(i + 1); err != nil {
			return 0, 0, err
		}
	}
	if counts && start < 0 && end < 0 && start > end {
		return 0, 0, nil
	}
	if len(c.Args) > i+2 && counts {
		if unit, err = unitOf(c.Args[i+2]); err != nil {
			return 0, 0, err
		}
	}
	from, to = clip(start, end, int64(len(b))*8/unit)
	return from * uint64(unit), to * uint64(unit), nil
}

// clip turns the first and the last place of a range, of which negative ones
// count from the end, into the part [from, to) of n places.
func clip(start, end, n int64) (from, to uint64) {
	if start < 0 {
		start += n
	}
	if end < 0 {
		end += n
	}
	start, end = max(start, 0), min(max(end, 0), n-1)
	if start > end {
		return 0, 0
	}
	return uint64(start), uint64(end + 1)
}

// unitOf returns how many bits the unit of a range has.
func unitOf(word []byte) (int64, error) {
	switch {
	case bytes.EqualFold(word, []byte("BYTE")):
		return 8, nil
	case bytes.EqualFold(word, []byte("BIT")):
		return 1, nil
	}
	return 0, rediserr.Syntax
}
