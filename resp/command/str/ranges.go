package str

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func rangeSpecs() []command.Spec {
	const rangeComplexity = "O(N) for N returned bytes"
	return []command.Spec{
		{
			Name: "append", Syntax: "key value", Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast,
			Keys: command.Key(1, command.RW|command.Insert), Since: "2.0.0",
			Complexity: "O(N) for a string of N bytes in all; amortized O(1) from 32 KiB on",
			Summary:    "Adds to the end of the string at a key, which is made if missing.", Handler: appendTo,
		},
		{
			Name: "strlen", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO), Since: "2.2.0", Complexity: "O(1)",
			Summary: "Returns the length of the string at a key in bytes.", Handler: strlen,
		},
		{
			Name: "setrange", Syntax: "key offset value", Arity: 4, Flags: command.Write | command.DenyOOM,
			Keys: command.Key(1, command.RW|command.Update), Since: "2.2.0",
			Complexity: "O(N) for a string of N bytes in all",
			Summary:    "Overwrites a part of the string at a key.", Handler: setrange,
		},
		{
			Name: "getrange", Syntax: "key start{integer} end{integer}", Arity: 4, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "2.4.0", Complexity: rangeComplexity,
			Summary: "Returns a part of the string at a key.", Handler: getrange,
		},
		{
			Name: "substr", Syntax: "key start{integer} end{integer}", Arity: 4, Flags: command.ReadOnly,
			Keys: command.Key(1, command.RO|command.Access), Since: "1.0.0", Complexity: rangeComplexity,
			Deprecated: &command.Deprecation{Since: "2.0.0", ReplacedBy: "`GETRANGE`"},
			Summary:    "Returns a part of the string at a key.", Handler: getrange,
		},
	}
}

// appendTo implements APPEND. A large value for a missing key is handed over, as
// SET does.
func appendTo(c *command.Ctx) error {
	key, add := c.Args[1], c.Args[2]
	if err := checkLength(c, length(c, key), add); err != nil {
		return err
	}
	if len(add) >= engine.Large && !c.Tx.Peek(key) {
		c.Tx.EditString(key, kept(c, 2), "append")
		c.Out.Int(int64(len(add)))
		return nil
	}
	n, err := c.Tx.Append(key, add)
	if err != nil {
		return err
	}
	c.Out.Int(int64(n))
	return nil
}

// length returns the length of the value at key, if there is one, without
// noting an access.
func length(c *command.Ctx, key []byte) int64 {
	o, _ := c.Tx.Object(key)
	return int64(o.Length)
}

// checkLength returns the error for a string that would be too long with part
// at an offset.
func checkLength(c *command.Ctx, offset int64, part []byte) error {
	if most := c.Config().ProtoMaxBulkLen; offset > most-int64(len(part)) {
		return rediserr.StringTooLong
	}
	return nil
}

func strlen(c *command.Ctx) error {
	n, err := c.Tx.StringLen(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(n))
	return nil
}

// setrange implements SETRANGE. An empty part changes nothing, wherever it
// would go.
func setrange(c *command.Ctx) error {
	offset, err := c.Int(2)
	if err != nil {
		return err
	}
	if offset < 0 {
		return rediserr.OffsetRange
	}
	key, part := c.Args[1], c.Args[3]
	n, err := c.Tx.StringLen(key)
	if err != nil {
		return err
	}
	if len(part) > 0 {
		if err := checkLength(c, offset, part); err != nil {
			return err
		}
		if n, err = c.Tx.SetRange(key, int(offset), part); err != nil {
			return err
		}
	}
	c.Out.Int(int64(n))
	return nil
}

// getrange implements GETRANGE and SUBSTR.
func getrange(c *command.Ctx) error {
	start, err := c.Int(2)
	if err != nil {
		return err
	}
	end, err := c.Int(3)
	if err != nil {
		return err
	}
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	from, to := span(start, end, int64(len(s.Bytes())))
	if from == 0 && to == int64(len(s.Bytes())) && s.Exists() {
		c.Bulk(s)
		return nil
	}
	c.Out.Bulk(s.Bytes()[from:to])
	return nil
}

// span turns the first and the last position of a range, of which negative ones
// count from the end, into the part [from, to) of n bytes.
func span(start, end, n int64) (from, to int64) {
	if start < 0 && end < 0 && start > end {
		return 0, 0
	}
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
	return start, end + 1
}
