package server

import (
	"math"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var flushTips = []string{"request_policy:all_shards", "response_policy:all_succeeded"}

var flushHistory = []command.Change{
	{Version: "4.0.0", Text: "The option `ASYNC`."},
	{Version: "6.2.0", Text: "The option `SYNC`."},
}

const flushSyntax = "[ASYNC{@4.0.0} | SYNC{@6.2.0}]{async}"

var keyspaceSpecs = []command.Spec{
	{
		Name: "dbsize", Arity: 1, Flags: command.ReadOnly | command.Fast, Categories: command.CatKeyspace,
		Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns how many keys the database has.",
		Tips:    []string{"request_policy:all_shards", "response_policy:agg_sum"}, Handler: dbsize,
	},
	{
		Name: "flushall", Syntax: flushSyntax, Arity: -1, Flags: command.Write | command.AllKeys | command.Slow,
		Categories: command.CatKeyspace | command.CatDangerous, Since: "1.0.0",
		Complexity: "O(N) where N is the number of keys of all databases",
		Summary:    "Removes all keys of all databases.",
		History:    flushHistory, Tips: flushTips, Handler: flushall,
	},
	{
		Name: "flushdb", Syntax: flushSyntax, Arity: -1, Flags: command.Write | command.AllKeys | command.Slow,
		Categories: command.CatKeyspace | command.CatDangerous, Since: "1.0.0",
		Complexity: "O(N) where N is the number of keys of the database",
		Summary:    "Removes all keys of the database.",
		History:    flushHistory, Tips: flushTips, Handler: flushdb,
	},
	// Every SWAPDB has this many words: it always runs on a worker, since it
	// looks at each key that expires. Clients see it as fast all the same.
	{
		Name: "swapdb", Syntax: "index1{integer} index2{integer}", Arity: 3, SlowArgs: 3,
		Flags: command.Write | command.Fast | command.AllKeys, Categories: command.CatKeyspace | command.CatDangerous,
		Since: "4.0.0", Complexity: "O(N) where N is the number of keys that expire",
		Summary: "Exchanges the keys of two databases.", Handler: swapdb,
	},
}

// dbsize implements DBSIZE.
func dbsize(c *command.Ctx) error {
	c.Out.Int(int64(c.Tx.Len()))
	return nil
}

// checkFlush checks the option of FLUSHALL and FLUSHDB. Both modes are the same
// here: the keys are gone at once and their memory follows in the background.
func checkFlush(c *command.Ctx) error {
	if len(c.Args) == 1 {
		return nil
	}
	s := c.Options(1)
	s.Next()
	if len(c.Args) > 2 || s.Option() != "ASYNC" && s.Option() != "SYNC" {
		return rediserr.Syntax
	}
	return nil
}

func flushall(c *command.Ctx) error {
	if err := checkFlush(c); err != nil {
		return err
	}
	for db := range c.Services.Engine.Databases() {
		c.Tx.Flush(db)
	}
	c.Out.OK()
	return nil
}

func flushdb(c *command.Ctx) error {
	if err := checkFlush(c); err != nil {
		return err
	}
	c.Tx.Flush(c.Tx.DB())
	c.Out.OK()
	return nil
}

// Errors of SWAPDB.
var (
	errFirstIndex  = rediserr.New("invalid first DB index")
	errSecondIndex = rediserr.New("invalid second DB index")
)

func swapdb(c *command.Ctx) error {
	a, err := c.Int(1)
	if err != nil || a != int64(int32(a)) {
		return errFirstIndex
	}
	b, err := c.Int(2)
	if err != nil || b != int64(int32(b)) {
		return errSecondIndex
	}
	most := int64(min(c.Services.Engine.Databases(), math.MaxInt32))
	if a < 0 || b < 0 || a >= most || b >= most {
		return rediserr.DBRange
	}
	if a == b {
		c.Out.OK()
		return nil
	}
	for _, db := range [...]int64{a, b} {
		if colls := c.Services.Engine.Collections(int(db)); len(colls) > 0 {
			return rediserr.Newf("database %d has collections, such as '%s', and can't be swapped", db, colls[0].Name)
		}
	}
	c.Tx.Swap(int(a), int(b))
	c.Out.OK()
	return nil
}
