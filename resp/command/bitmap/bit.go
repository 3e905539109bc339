package bitmap

import (
	"kvd/engine"
	"kvd/engine/ds/bits"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var errBit = rediserr.New("bit is not an integer or out of range")

func bitSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "setbit", Syntax: "key offset value{integer}", Arity: 4, Flags: command.Write | command.DenyOOM,
			Keys: command.Key(1, command.RW|command.Access|command.Update), Since: "2.2.0",
			Complexity: "O(N) for a string of N bytes; O(1) in memory from 32 KiB on",
			Summary:    "Sets or clears a bit of the string at a key and returns what it was.", Handler: setbit,
		},
		{
			Name: "getbit", Syntax: "key offset", Arity: 3, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.2.0", Complexity: "O(1)",
			Summary: "Returns a bit of the string at a key.", Handler: getbit,
		},
	}
}

func setbit(c *command.Ctx) error {
	key := c.Args[1]
	at, err := offset(c, 2)
	if err != nil {
		return err
	}
	bit, err := command.ParseInt(c.Args[3])
	if err != nil || bit&^1 != 0 {
		return errBit
	}
	s, err := c.Tx.String(key)
	if err != nil {
		return err
	}

	old, n := bits.Get(s.Bytes(), at), int(at/8)+1
	if n > len(s.Bytes()) || old != byte(bit) {
		val := c.Tx.Draft(s, max(n, len(s.Bytes())))
		bits.Set(val, at, byte(bit))
		c.Tx.EditDraftPart(key, val, engine.Part{From: n - 1, To: n}, "setbit")
	} else {
		c.Tx.MarkRaw(key)
	}
	c.Out.Int(int64(old))
	return nil
}

func getbit(c *command.Ctx) error {
	at, err := offset(c, 2)
	if err != nil {
		return err
	}
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(bits.Get(s.Bytes(), at)))
	return nil
}
