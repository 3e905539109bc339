package json

import "kvd/resp/command"

func debugSpecs() []command.Spec {
	return []command.Spec{
		{Name: "json.debug", Arity: -2, Since: sinceRedis, Complexity: "Depends on subcommand.", Summary: "Tells how documents are kept."},
		{
			Name: "memory", Parent: "json.debug", Syntax: "key [path]", Arity: -3, Flags: command.ReadOnly,
			Keys: command.Key(2, command.RO), Since: sinceRedis, Complexity: perMatch,
			Summary: "Returns how many bytes the values take that a path names.", Handler: debugMemory,
		},
		{
			Name: "help", Parent: "json.debug", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx, Since: sinceRedis,
			Complexity: "O(1)", Summary: "Lists the subcommands of JSON.DEBUG.", Handler: command.Help,
		},
	}
}

// debugMemory implements JSON.DEBUG MEMORY.
func debugMemory(c *command.Ctx) error {
	if len(c.Args) > 4 {
		return wrongArgs(c)
	}
	r := reading{c: c, s: c.Services.Documents.Scratch()}
	defer r.done()
	var err error
	if r.path, err = pathAt(c, 3); err != nil {
		return err
	}
	if r.doc, err = c.Tx.PeekDocument(c.Args[2]); err != nil {
		return err
	}
	if !r.doc.Exists() && r.path.Legacy() {
		c.Out.Int(0)
		return nil
	}
	if !r.doc.Exists() {
		c.Out.Array(0)
		return nil
	}
	found, err := r.named()
	switch {
	case err != nil:
		return err
	case !r.path.Legacy():
		c.Out.Array(len(found))
		for _, v := range found {
			c.Out.Int(int64(len(v)))
		}
	case len(found) == 0:
		return errNoPath
	default:
		c.Out.Int(int64(len(found[0])))
	}
	return nil
}
