package bitmap

import (
	"bytes"

	"kvd/engine"
	"kvd/engine/ds/bits"
	"kvd/resp/command"
)

func fieldSpecs() []command.Spec {
	const (
		getStep   = "GET encoding offset"
		writeStep = "([OVERFLOW <WRAP | SAT | FAIL>] " +
			"<SET encoding offset value{integer} | INCRBY encoding offset increment{integer}>{write_operation}){write}"
		complexity = "O(N) for N steps, and for SET and INCRBY the length of the string; in memory not that from 32 KiB on"
	)
	keys := command.KeyVaries(1, command.RW|command.Access|command.Update, fieldKey)
	keys[0].Notes = "A line without SET and INCRBY only reads"
	return []command.Spec{
		{
			Name: "bitfield", Syntax: "key [<" + getStep + " | " + writeStep + ">{operation} ...]", Arity: -2,
			Flags: command.Write | command.DenyOOM, Keys: keys, Since: "3.2.0", Complexity: complexity,
			Summary: "Reads and changes integers of any width in the string at a key.", Handler: bitfield,
		},
		{
			Name: "bitfield_ro", Syntax: "key [" + getStep + " ...]", Arity: -2, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: "6.0.0", Complexity: "O(N) for N steps",
			Summary: "Reads integers of any width in the string at a key.", Handler: bitfieldRO,
		},
	}
}

// fieldKey returns what a line of BITFIELD does with its key.
func fieldKey(args [][]byte) command.KeyFlags {
	for _, word := range args[2:] {
		if bytes.EqualFold(word, wordSet) || bytes.EqualFold(word, wordIncrby) {
			return command.RW | command.Access | command.Update
		}
	}
	return command.RO | command.Access
}

// survey is what a line of BITFIELD amounts to.
type survey struct {
	steps int
	// end is the first bit behind all fields that are written; 0: none is.
	end uint64
	// begin is the first bit of these fields.
	begin uint64
}

// part is the bytes that may be written.
func (s survey) part() engine.Part { return engine.Part{From: int(s.begin / 8), To: int(s.end+7) / 8} }

// check reads all steps.
func check(c *command.Ctx) (survey, error) {
	var sum survey
	all := stepsOf(c)
	for {
		st, ok := all.read()
		if !ok {
			return sum, all.err
		}
		sum.steps++
		if st.verb == get {
			continue
		}
		if sum.end == 0 {
			sum.begin = st.at
		}
		sum.begin, sum.end = min(sum.begin, st.at), max(sum.end, st.end())
	}
}

// bitfieldRO implements BITFIELD_RO.
func bitfieldRO(c *command.Ctx) error {
	sum, err := check(c)
	if err != nil {
		return err
	}
	if sum.end > 0 {
		return errOnlyGet
	}
	return readFields(c, sum)
}

// bitfield implements BITFIELD.
func bitfield(c *command.Ctx) error {
	sum, err := check(c)
	if err != nil {
		return err
	}
	if sum.end == 0 {
		return readFields(c, sum)
	}
	return writeFields(c, sum)
}

// readFields runs a line that only reads.
func readFields(c *command.Ctx, sum survey) error {
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(sum.steps)
	all := stepsOf(c)
	for st, ok := all.read(); ok; st, ok = all.read() {
		c.Out.Int(st.field.Load(s.Bytes(), st.at))
	}
	return nil
}

// writeFields runs a line that may write. The string is made as long as the line
// needs it even where every write of it fails.
func writeFields(c *command.Ctx, sum survey) error {
	key := c.Args[1]
	s, err := c.Tx.String(key)
	if err != nil {
		return err
	}
	part := sum.part()
	n := max(len(s.Bytes()), part.To)
	grown := n > len(s.Bytes())
	val := c.Tx.Draft(s, n)
	written, changed := false, false
	c.Out.Array(sum.steps)
	all := stepsOf(c)
	for st, ok := all.read(); ok; st, ok = all.read() {
		wrote, differs := st.run(c, val)
		written, changed = written || wrote, changed || differs
	}
	switch {
	case changed || grown && written:
		c.Tx.EditDraftPart(key, val, part, "setbit")
	case grown:
		c.Tx.EditDraftQuietly(key, val)
	default:
		c.Tx.MarkRaw(key)
	}
	return nil
}

// run runs one step on val and writes its reply. It reports whether it wrote and
// whether val has changed.
func (s *step) run(c *command.Ctx, val []byte) (wrote, changed bool) {
	old := s.field.Load(val, s.at)
	if s.verb == get {
		c.Out.Int(old)
		return false, false
	}
	value, increment := s.operand, int64(0)
	if s.verb == incrby {
		value, increment = old, s.operand
	}
	after, overflowed := s.field.Add(value, increment, s.overflow)
	if overflowed && s.overflow == bits.Fail {
		c.Out.Null()
		return false, false
	}
	s.field.Store(val, s.at, after)
	if s.verb == set {
		c.Out.Int(old)
	} else {
		c.Out.Int(after)
	}
	return true, after != old
}
