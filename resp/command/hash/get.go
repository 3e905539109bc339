package hash

import "kvd/resp/command"

func getSpecs() []command.Spec {
	read := func(name, syntax string, arity int, since, complexity, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax, Arity: arity, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: since, Complexity: complexity, Summary: summary, Handler: h,
		}
	}
	// about is for commands that do not return the hash's data.
	about := func(s command.Spec) command.Spec {
		s.Keys = command.Key(1, command.RO)
		return s
	}
	hmgetSpec := read("hmget", "key field [field ...]", -3, "2.0.0", onePerField, "Returns the values of many fields of a hash.", hmget)
	hmgetSpec.SlowArgs = slowArgs
	return []command.Spec{
		read("hget", "key field", 3, "2.0.0", "O(1)", "Returns the value of a field of a hash.", hget),
		hmgetSpec,
		about(read("hlen", "key", 2, "2.0.0", "O(1)", "Returns the number of fields of a hash.", hlen)),
		about(read("hstrlen", "key field", 3, "3.2.0", "O(1)", "Returns the length of the value of a field.", hstrlen)),
		about(read("hexists", "key field", 3, "2.0.0", "O(1)", "Tells whether a hash has a field.", hexists)),
	}
}

func hget(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	value, _ := h.Get(c.Args[2])
	c.Out.BulkOrNull(value)
	return nil
}

func hmget(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(c.Args) - 2)
	for _, field := range c.Args[2:] {
		value, _ := h.Get(field)
		c.Out.BulkOrNull(value)
	}
	return nil
}

// hlen implements HLEN. As in redis-server it may count fields whose time has
// just passed: there are some for a moment where very many expire at once.
func hlen(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(h.Len()))
	return nil
}

func hstrlen(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	value, _ := h.Get(c.Args[2])
	c.Out.Int(int64(len(value)))
	return nil
}

func hexists(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	_, ok := h.Get(c.Args[2])
	c.Out.Int(number(ok))
	return nil
}
