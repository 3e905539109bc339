package server

import (
	"context"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var compactSpecs = []command.Spec{{
	Name: "compact", Arity: 1, Flags: command.Admin | command.NoScript | command.NoMulti | command.NoTx | command.Slow,
	Since: "kvd 0.1.0", Complexity: "O(N) where N is the number of stored rows",
	Summary: "Writes the main file anew, without the free space in it, while the server goes on.", Handler: compactFile,
}}

var errNothingStored = rediserr.New("nothing is kept on disk (appendonly is no)")

// compactFile implements COMPACT: its map has the sizes of the file, in bytes.
func compactFile(c *command.Ctx) error {
	if !c.Services.Disk.Persistent() {
		return errNothingStored
	}
	before, after, err := c.Services.Disk.Compact(context.Background())
	if err != nil {
		return err
	}
	c.Out.Map(2)
	c.Out.Text("before")
	c.Out.Int(before)
	c.Out.Text("after")
	c.Out.Int(after)
	return nil
}
