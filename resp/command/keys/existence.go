package keys

import (
	"kvd/resp/command"
)

func existenceSpecs() []command.Spec {
	removed := command.KeyRange(1, -1, 1, command.RM|command.Delete)
	read := command.KeyRange(1, -1, 1, command.RO)
	tips := []string{tipMultiShard, tipSum}
	return []command.Spec{
		{
			Name: "del", Syntax: "key [key ...]", Arity: -2, Flags: command.Write | command.Documents, Keys: removed, Since: "1.0.0",
			Complexity: "O(N) where N is the number of keys",
			Summary:    "Deletes keys.", Tips: tips, SlowArgs: slowKeys, Handler: del,
		},
		{
			Name: "unlink", Syntax: "key [key ...]", Arity: -2, Flags: command.Write | command.Documents | command.Fast, Keys: removed, Since: "4.0.0",
			Complexity: "O(N) where N is the number of keys",
			Summary:    "Deletes keys; the memory of big values is freed later.", Tips: tips, SlowArgs: slowKeys, Handler: del,
		},
		{
			Name: "exists", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly | command.Fast, Keys: read, Since: "1.0.0",
			Complexity: "O(N) where N is the number of keys",
			Summary:    "Counts which of the given keys exist.", Tips: tips, SlowArgs: slowKeys,
			History: []command.Change{{Version: "3.0.3", Text: "Takes several keys."}}, Handler: exists,
		},
		{
			Name: "touch", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly | command.Fast, Keys: read, Since: "3.2.1",
			Complexity: "O(N) where N is the number of keys",
			Summary:    "Notes an access to keys and counts which of them exist.", Tips: tips, SlowArgs: slowKeys, Handler: touch,
		},
		{
			Name: "type", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast, Keys: command.Key(1, command.RO), Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns the type of a key's value.", Handler: typeOf,
		},
		{
			Name: "randomkey", Arity: 1, Flags: command.ReadOnly, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Returns some key of the database.", Tips: []string{tipAllShards, tipOutput}, Handler: randomKey,
		},
	}
}

// del implements DEL and UNLINK.
func del(c *command.Ctx) error { return count(c, c.Tx.Delete) }

// exists implements EXISTS. A key that is named twice counts twice.
func exists(c *command.Ctx) error { return count(c, c.Tx.Look) }

func touch(c *command.Ctx) error { return count(c, c.Tx.Exists) }

// count writes for how many of the keys do is true.
func count(c *command.Ctx, do func(key []byte) bool) error {
	n := int64(0)
	for _, key := range c.Args[1:] {
		if do(key) {
			n++
		}
	}
	c.Out.Int(n)
	return nil
}

// typeOf implements TYPE.
func typeOf(c *command.Ctx) error {
	kind, _ := c.Tx.Type(c.Args[1])
	c.Out.Status(command.TypeName(kind))
	return nil
}

func randomKey(c *command.Ctx) error {
	key, ok := c.Tx.RandomKey()
	if !ok {
		c.Out.Null()
		return nil
	}
	c.Out.Bulk(key)
	return nil
}
