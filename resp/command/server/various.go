package server

import (
	"strconv"

	"kvd/resp/command"
)

var moduleSpecs = []command.Spec{
	{Name: "module", Arity: -2, Since: "4.0.0", Summary: "Commands about modules, of which there are none."},
	{
		Parent: "module", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of MODULE.", Handler: command.Help,
	},
	{
		Parent: "module", Name: "list", Arity: 2, Flags: command.Admin | command.NoScript | command.NoTx,
		Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns the modules that are loaded: none.",
		Tips:    []string{"nondeterministic_output_order"}, Handler: moduleList,
	},
}

func moduleList(c *command.Ctx) error {
	c.Out.Array(0)
	return nil
}

// serverTime implements TIME.
func serverTime(c *command.Ctx) error {
	c.Out.Array(2)
	c.Out.BulkInt(c.Now.Unix())
	c.Out.BulkInt(int64(c.Now.Nanosecond() / 1000))
	return nil
}

// drawing is what LOLWUT draws: a drawer of many keys, one of which sticks out.
const drawing = `
    .--.      .--.      .--.      .--.      .--.
   ( () )    ( () )    ( () )    ( () )    ( () )
    '||'      '||'      '||'      '||'      '||'
     ||        ||        ||        ||        ||
     ||_       ||-       ||_       ||=       ||-
     ||-       ||_       ||=       ||_       ||_
               ||=
`

// lolwut implements LOLWUT. It draws the same for every version.
func lolwut(c *command.Ctx) error {
	if s := c.Options(1); len(c.Args) > 2 && s.Next() && s.Option() == "VERSION" {
		for s.Left() > 0 {
			s.Int()
			if err := s.Err(); err != nil {
				return err
			}
		}
	}
	about := &c.Services.About
	c.Out.Verbatim("txt", drawing+"\nRedis ver. "+command.RedisVersion+", kvd ver. "+about.Version+
		", databases: "+strconv.Itoa(c.Services.Engine.Databases())+"\n")
	return nil
}
