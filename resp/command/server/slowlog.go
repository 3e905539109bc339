package server

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const slowlogFlags = command.Admin | command.Loading | command.Stale | command.NoTx

var slowlogSpecs = []command.Spec{
	{Name: "slowlog", Arity: -2, Since: "2.2.12", Summary: "Commands about the slow log."},
	{
		Parent: "slowlog", Name: "get", Syntax: "[count]", Arity: -2, Flags: slowlogFlags, Since: "2.2.12",
		Complexity: "O(N) where N is the number of entries returned",
		Summary:    "Returns the newest entries of the slow log.",
		History:    []command.Change{{Version: "4.0.0", Text: "Address and name of the client."}},
		Tips:       []string{"request_policy:all_nodes", "nondeterministic_output"}, Handler: slowlogGet,
	},
	{
		Parent: "slowlog", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "6.2.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of SLOWLOG.", Handler: command.Help,
	},
	{
		Parent: "slowlog", Name: "len", Arity: 2, Flags: slowlogFlags, Since: "2.2.12", Complexity: "O(1)",
		Summary: "Returns how many entries the slow log has.",
		Tips:    []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"},
		Handler: slowlogLen,
	},
	{
		Parent: "slowlog", Name: "reset", Arity: 2, Flags: slowlogFlags, Since: "2.2.12",
		Complexity: "O(N) where N is the number of entries",
		Summary:    "Empties the slow log.",
		Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Handler: slowlogReset,
	},
}

// slowlogDefault is how many entries SLOWLOG GET returns if it is not told.
const slowlogDefault = 10

var errSlowlogCount = rediserr.New("count should be greater than or equal to -1")

func slowlogGet(c *command.Ctx) error {
	count := int64(slowlogDefault)
	switch {
	case len(c.Args) > 3:
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	case len(c.Args) == 3:
		n, err := c.Int(2)
		if err != nil || n < -1 {
			return errSlowlogCount
		}
		count = n
	}
	entries := c.Services.Slowlog.Newest(int(count))
	c.Out.Array(len(entries))
	for i := range entries {
		e := &entries[i]
		c.Out.Array(6)
		c.Out.Int(e.ID)
		c.Out.Int(e.At.Unix())
		c.Out.Int(e.Duration.Microseconds())
		c.Out.Array(len(e.Args))
		for _, arg := range e.Args {
			c.Out.Text(arg)
		}
		c.Out.Text(e.Client)
		c.Out.Text(e.Name)
	}
	return nil
}

func slowlogLen(c *command.Ctx) error {
	c.Out.Int(int64(c.Services.Slowlog.Len()))
	return nil
}

func slowlogReset(c *command.Ctx) error {
	c.Services.Slowlog.Reset()
	c.Out.OK()
	return nil
}
