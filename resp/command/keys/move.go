package keys

import (
	"bytes"
	"math"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func moveSpecs() []command.Spec {
	from := command.Key(1, command.RW|command.Access|command.Delete)
	return []command.Spec{
		{
			Name: "rename", Syntax: "key newkey{#1}", Arity: 3, Flags: command.Write,
			Keys: command.Keys(from, command.Key(2, command.OW|command.Update)), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Renames a key, whatever the new name held.", Handler: rename,
		},
		{
			Name: "renamenx", Syntax: "key newkey{#1}", Arity: 3, Flags: command.Write | command.Fast,
			Keys: command.Keys(from, command.Key(2, command.OW|command.Insert)), Since: "1.0.0", Complexity: "O(1)",
			History: []command.Change{{Version: "3.2.0", Text: "Source and destination may be the same."}},
			Summary: "Renames a key unless the new name is taken.", Handler: renameNX,
		},
		{
			Name: "copy", Syntax: "source destination{#1} [DB destination-db{integer}] [REPLACE]", Arity: -3,
			Flags: command.Write | command.CrossDB | command.DenyOOM,
			Keys:  command.Keys(command.Key(1, command.RO|command.Access), command.Key(2, command.OW|command.Update)),
			Since: "6.2.0", Complexity: "O(N) where N is the size of the value",
			Summary: "Copies a key.", Handler: copyKey,
		},
		{
			Name: "move", Syntax: "key db", Arity: 3, Flags: command.Write | command.CrossDB | command.Fast,
			Keys: command.Key(1, command.RW|command.Access|command.Update), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Moves a key to another database.", Handler: move,
		},
	}
}

func rename(c *command.Ctx) error {
	if err := c.Tx.Rename(c.Args[1], c.Args[2]); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func renameNX(c *command.Ctx) error {
	src, dst := c.Args[1], c.Args[2]
	if !c.Tx.Peek(src) {
		return rediserr.NoSuchKey
	}
	if c.Tx.Peek(dst) {
		c.Out.Int(0)
		return nil
	}
	if err := c.Tx.Rename(src, dst); err != nil {
		return err
	}
	c.Out.Int(1)
	return nil
}

// copyKey implements COPY.
func copyKey(c *command.Ctx) error {
	opt, err := parseCopy(c)
	if err != nil {
		return err
	}
	src, dst := c.Args[1], c.Args[2]
	if opt.db == c.Tx.DB() && bytes.Equal(src, dst) {
		return rediserr.SameObject
	}
	if !opt.replace && c.Tx.Peek(src) && taken(c, opt.db, dst) {
		c.Out.Int(0)
		return nil
	}
	done, err := c.Tx.Copy(src, dst, opt.db)
	if err != nil {
		return err
	}
	writeBool(c, done)
	return nil
}

// taken reports whether a database has a key.
func taken(c *command.Ctx, db int, key []byte) bool {
	home := c.Tx.DB()
	c.Tx.Select(db)
	defer c.Tx.Select(home)
	return c.Tx.Peek(key)
}

type copyOptions struct {
	db      int
	replace bool
}

func parseCopy(c *command.Ctx) (copyOptions, error) {
	opt := copyOptions{db: c.Tx.DB()}
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "REPLACE":
			opt.replace = true
		case "DB":
			opt.db = database(c, &s)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return opt, s.Err()
}

// move implements MOVE. The client's own database is no destination.
func move(c *command.Ctx) error {
	s := c.Options(2)
	db := database(c, &s)
	switch {
	case s.Err() != nil:
		return s.Err()
	case db == c.Tx.DB():
		return rediserr.SameObject
	}
	done, err := c.Tx.Move(c.Args[1], db)
	if err != nil {
		return err
	}
	writeBool(c, done)
	return nil
}

var errInt32 = rediserr.Newf("value is out of range, value must between %d and %d", math.MinInt32, math.MaxInt32)

// database reads the next argument as the number of a database.
func database(c *command.Ctx, s *command.Options) int {
	n := s.Int()
	switch {
	case n < math.MinInt32 || n > math.MaxInt32:
		s.Fail(errInt32)
	case n < 0 || n >= int64(c.Services.Engine.Databases()):
		s.Fail(rediserr.DBRange)
	}
	return int(n)
}
