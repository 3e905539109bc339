package command

import (
	"slices"

	"kvd/engine"
)

// Line returns the command's words with its keys in them: Args, but for a command
// on a collection, where the prefix of the collection stands before each id. Where
// there is no such collection, the ids stand for themselves below its usual
// prefix; the handler has the error. What KeyRefs returns are places in this line.
func (c *Ctx) Line() [][]byte {
	if !c.Command.Flags.Has(InCollection) || c.Services == nil {
		return c.Args
	}
	if c.line == nil {
		c.line = c.Command.Line(c.Services.Engine, c.DB(), c.Args)
	}
	return c.line
}

// DB is the database in which the command looks for its keys.
func (c *Ctx) DB() int {
	if c.Tx != nil {
		return c.Tx.DB()
	}
	if c.Sess != nil {
		return c.Sess.DB
	}
	return 0
}

// Relocate forgets what Line has found, since collections may have changed.
func (c *Ctx) Relocate() { c.line = nil }

// Key returns the key that word i of the command stands for.
func (c *Ctx) Key(i int) []byte { return c.Line()[i] }

// Line is Ctx.Line for a line that need not be the command under way.
func (c *Command) Line(e *engine.Engine, db int, args [][]byte) [][]byte {
	if !c.Flags.Has(InCollection) || len(args) < 2 {
		return args
	}
	line := slices.Clone(args)
	prefix := prefixOf(e, db, args)
	refs, _ := c.KeyRefs(args, nil) // of a line without keys there are none
	for _, ref := range refs {
		line[ref.Pos] = slices.Clip(prefix)
		if ref.Pos > 1 {
			line[ref.Pos] = append(line[ref.Pos], args[ref.Pos]...)
		}
	}
	return line
}

// prefixOf returns the prefix of the collection that a line names. One that is yet
// to be made may say it in the line.
func prefixOf(e *engine.Engine, db int, args [][]byte) []byte {
	if coll := e.Collection(db, args[1]); coll != nil {
		return []byte(coll.Prefix)
	}
	for i := 2; i+1 < len(args); i++ {
		if equalFold(args[i], "PREFIX") {
			return args[i+1]
		}
	}
	return append(slices.Clone(args[1]), ':')
}

// Within calls fn in a Tx that has locked the keys: one of its own, with one change
// set, or that in which the command runs. It is for commands with the flag OwnTx.
// fn is called again if it fails with engine.ErrCold, so it changes nothing before
// it has all values that it needs.
func (c *Ctx) Within(keys [][]byte, fn func(*engine.Tx) error) error {
	if c.Tx != nil {
		return fn(c.Tx)
	}
	return c.Client.Within(keys, c.inside(fn))
}

// inside makes the Tx that fn gets the command's own meanwhile.
func (c *Ctx) inside(fn func(*engine.Tx) error) func(*engine.Tx) error {
	return func(tx *engine.Tx) error {
		c.Tx = tx
		defer func() { c.Tx = nil }()
		return fn(tx)
	}
}

// WithinAll is Within with all keys locked. It is for what takes a moment.
func (c *Ctx) WithinAll(fn func(*engine.Tx) error) error {
	if c.Tx != nil {
		return fn(c.Tx)
	}
	return c.Client.WithinAll(c.inside(fn))
}
