// Package multi implements transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH.
//
// Between MULTI and EXEC the dispatcher queues commands; here are the commands
// that begin and end the queue.
package multi

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

const control = command.NoScript | command.Loading | command.Stale | command.AllowBusy | command.Immediate

// Family is the commands of transactions.
var Family = command.Family{Group: "transactions", Categories: command.CatTransaction, Commands: []command.Spec{
	{
		Name: "multi", Arity: 1, Flags: control | command.Fast | command.NoTx,
		Since: "1.2.0", Complexity: "O(1)",
		Summary: "Begins a transaction: the commands that follow are queued.", Handler: multi,
	},
	{
		Name: "exec", Arity: 1, Flags: control&^command.AllowBusy | command.SkipSlowlog | command.NoTx,
		Since: "1.2.0", Complexity: "Depends on the commands of the transaction",
		Summary: "Runs the queued commands, all of them without others in between.", Handler: exec,
	},
	{
		Name: "discard", Arity: 1, Flags: control | command.Fast | command.NoTx,
		Since: "2.0.0", Complexity: "O(N), where N is the number of queued commands",
		Summary: "Gives the transaction up.", Handler: discard,
	},
	{
		Name: "watch", Syntax: "key [key ...]", Arity: -2, Flags: control | command.Fast,
		Keys:  command.KeyRange(1, -1, 1, command.RO),
		Since: "2.2.0", Complexity: "O(1) for every key",
		Summary: "Makes the next EXEC do nothing if one of the keys is written before.", Handler: watch,
	},
	{
		Name: "unwatch", Arity: 1, Flags: control&^command.Immediate | command.Fast | command.NoTx,
		Since: "2.2.0", Complexity: "O(1)",
		Summary: "Forgets all watched keys.", Handler: unwatch,
	},
}}

var (
	errNested      = rediserr.New("MULTI calls can not be nested")
	errWatchInside = rediserr.New("WATCH inside MULTI is not allowed")
	errExecAlone   = rediserr.New("EXEC without MULTI")
	errDiscard     = rediserr.New("DISCARD without MULTI")
)

func multi(c *command.Ctx) error {
	if c.Sess.Multi.Open {
		return errNested
	}
	c.Sess.Multi = session.Multi{Open: true}
	c.Out.OK()
	return nil
}

func exec(c *command.Ctx) error {
	if !c.Sess.Multi.Open {
		return errExecAlone
	}
	return c.Client.Exec()
}

func discard(c *command.Ctx) error {
	if !c.Sess.Multi.Open {
		return errDiscard
	}
	c.Sess.Multi = session.Multi{}
	c.Services.Engine.Unwatch(&c.Sess.Watch)
	c.Out.OK()
	return nil
}

func watch(c *command.Ctx) error {
	if c.Sess.Multi.Open {
		return errWatchInside
	}
	for _, key := range c.Args[1:] {
		c.Tx.Watch(&c.Sess.Watch, key)
	}
	c.Out.OK()
	return nil
}

// unwatch does nothing where it is queued, as redis-server's does: EXEC has
// looked at the keys by then, and forgets them.
func unwatch(c *command.Ctx) error {
	if !c.Sess.Multi.Open {
		c.Services.Engine.Unwatch(&c.Sess.Watch)
	}
	c.Out.OK()
	return nil
}
