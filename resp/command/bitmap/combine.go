package bitmap

import (
	"bytes"

	"kvd/engine"
	"kvd/engine/ds/bits"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var errOneSource = rediserr.New("BITOP NOT must be called with a single source key.")

func combineSpecs() []command.Spec {
	return []command.Spec{{
		Name: "bitop", Syntax: "operation destkey key [key ...]", Arity: -4, Flags: command.Write | command.DenyOOM,
		Keys:  command.Keys(command.Key(2, command.OW|command.Update), command.KeyRange(3, -1, 1, command.RO|command.Access)),
		Since: "2.6.0", Complexity: "O(N) for N bytes in all keys", SlowArgs: 1000,
		History: []command.Change{{Version: "8.2.0", Text: "The operations `DIFF`, `DIFF1`, `ANDOR` and `ONE`."}},
		Summary: "Combines the bits of strings and stores the result.", Handler: bitop,
	}}
}

// operations are the words for what BITOP does, and how many sources each needs.
var operations = [...]struct {
	word    string
	sources int
}{
	bits.And:   {"AND", 1},
	bits.Or:    {"OR", 1},
	bits.Xor:   {"XOR", 1},
	bits.Not:   {"NOT", 1},
	bits.Diff:  {"DIFF", 2},
	bits.Diff1: {"DIFF1", 2},
	bits.AndOr: {"ANDOR", 2},
	bits.One:   {"ONE", 1},
}

// operation reads the operation and checks the number of sources.
func operation(c *command.Ctx) (bits.Op, error) {
	sources := len(c.Args) - 3
	for op, o := range operations {
		if !bytes.EqualFold(c.Args[1], []byte(o.word)) {
			continue
		}
		switch {
		case bits.Op(op) == bits.Not && sources != 1:
			return 0, errOneSource
		case sources < o.sources:
			return 0, rediserr.Newf("BITOP %s must be called with at least two source keys.", o.word)
		}
		return bits.Op(op), nil
	}
	return 0, rediserr.Syntax
}

// bitop implements BITOP. A result without bytes deletes the destination.
func bitop(c *command.Ctx) error {
	op, err := operation(c)
	if err != nil {
		return err
	}
	var room [8][]byte
	sources, longest, all := room[:0], 0, 0
	for _, key := range c.Args[3:] {
		s, err := c.Tx.String(key)
		if err != nil {
			return err
		}
		sources = append(sources, s.Bytes())
		longest, all = max(longest, len(s.Bytes())), all+len(s.Bytes())
	}
	if err := c.Heavy(all / slowBytes); err != nil {
		return err
	}

	dest := c.Args[2]
	if longest == 0 {
		c.Tx.Delete(dest)
	} else {
		result := c.Tx.Draft(engine.String{}, longest)
		bits.Combine(result, op, sources...)
		c.Tx.SetDraft(dest, result, "set")
	}
	c.Out.Int(int64(longest))
	return nil
}
