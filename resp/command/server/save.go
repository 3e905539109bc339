package server

import (
	"context"
	"errors"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// saveFlags are what the commands about data on disk have in common.
const saveFlags = command.Admin | command.NoScript | command.NoAsyncLoading | command.NoTx

var saveSpecs = []command.Spec{
	{
		Name: "bgrewriteaof", Arity: 1, Flags: saveFlags, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Starts a checkpoint, which folds the journal into the main file.", Handler: bgrewriteaof,
	},
	{
		Name: "bgsave", Syntax: "[SCHEDULE]{@3.2.2}", Arity: -1, Flags: saveFlags, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Starts a checkpoint, which folds the journal into the main file.",
		History: []command.Change{{Version: "3.2.2", Text: "The option `SCHEDULE`."}}, Handler: bgsave,
	},
	{
		Name: "lastsave", Arity: 1, Flags: command.Loading | command.Stale | command.Fast | command.NoTx,
		Categories: command.CatAdmin | command.CatDangerous, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns the unix time at which the last checkpoint ended.",
		Tips:    []string{"nondeterministic_output"}, Handler: lastsave,
	},
	{
		Name: "save", Arity: 1, Flags: saveFlags | command.NoMulti | command.Slow, Since: "1.0.0",
		Complexity: "O(N) where N is what was written since the last checkpoint",
		Summary:    "Makes a checkpoint, which folds the journal into the main file, and waits for it.", Handler: save,
	},
	{
		Name: "shutdown", Arity: -1,
		Flags: command.Admin | command.NoScript | command.Loading | command.Stale | command.NoMulti |
			command.AllowBusy | command.NoTx,
		Syntax: "[NOSAVE | SAVE] [NOW]{@7.0.0} [FORCE]{@7.0.0} [ABORT]{@7.0.0}",
		Since:  "1.0.0", Complexity: "O(1)",
		Summary: "Ends the server; what was acknowledged is on disk in any case.",
		History: []command.Change{{Version: "7.0.0", Text: "The options `NOW`, `FORCE` and `ABORT`."}}, Handler: shutdown,
	},
}

// save implements SAVE. Unlike in redis-server it is no error that a checkpoint
// is under way: the next one follows at once.
func save(c *command.Ctx) error {
	if err := c.Services.Disk.Checkpoint(context.Background()); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// errSaving is what redis-server answers to BGSAVE while it saves.
var errSaving = rediserr.New("Background save already in progress")

func bgsave(c *command.Ctx) error {
	schedule := false
	if s := c.Options(1); s.Next() {
		if schedule = s.Option() == "SCHEDULE"; !schedule || s.Left() > 0 {
			return rediserr.Syntax
		}
	}
	saving := c.Services.Disk.Status().Saving
	if saving && !schedule {
		return errSaving
	}
	if err := startCheckpoint(c); err != nil {
		return err
	}
	if saving {
		c.Out.Status("Background saving scheduled")
		return nil
	}
	c.Out.Status("Background saving started")
	return nil
}

func bgrewriteaof(c *command.Ctx) error {
	saving := c.Services.Disk.Status().Saving
	if err := startCheckpoint(c); err != nil {
		return err
	}
	if saving {
		c.Out.Status("Background append only file rewriting scheduled")
		return nil
	}
	c.Out.Status("Background append only file rewriting started")
	return nil
}

// startCheckpoint asks for a checkpoint and does not wait for it: one whose
// caller has gone goes on.
func startCheckpoint(c *command.Ctx) error {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Services.Disk.Checkpoint(gone); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func lastsave(c *command.Ctx) error {
	c.Out.Int(c.Services.Disk.Status().LastSave.Unix())
	return nil
}

// Errors of SHUTDOWN.
var (
	errNoShutdown     = rediserr.New("No shutdown in progress.")
	errShutdownFailed = rediserr.New("Errors trying to SHUTDOWN. Check logs.")
)

// shutdown implements SHUTDOWN. NOSAVE and SAVE make no difference: the journal
// has everything.
func shutdown(c *command.Ctx) error {
	how, abort, err := parseShutdown(c)
	switch {
	case err != nil:
		return err
	case abort && !c.Services.Process.CancelShutdown():
		return errNoShutdown
	case abort:
		c.Out.OK()
		return nil
	}
	if err := c.Services.Process.Shutdown(how); err != nil {
		return errShutdownFailed
	}
	// There is no reply: the connection just ends.
	c.Sess.Replies = session.Off
	c.Sess.Closing = true
	c.Out.OK()
	return nil
}

func parseShutdown(c *command.Ctx) (how command.Shutdown, abort bool, err error) {
	var saving string
	s := c.Options(1)
	for s.Next() {
		switch s.Option() {
		case "SAVE", "NOSAVE":
			s.Once(&saving)
		case "NOW":
			how.Now = true
		case "FORCE":
			how.Force = true
		case "ABORT":
			abort = true
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	if abort && (saving != "" || how != command.Shutdown{}) {
		s.Fail(rediserr.Syntax)
	}
	return how, abort, s.Err()
}
