package server

import (
	"slices"
	"strings"

	"kvd/internal/config"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// configFlags are what the CONFIG subcommands have in common.
const configFlags = command.Admin | command.NoScript | command.Loading | command.Stale

var configSpecs = []command.Spec{
	{Name: "config", Arity: -2, Since: "2.0.0", Summary: "Commands about settings."},
	{
		Parent: "config", Name: "get", Syntax: "parameter [parameter ...]", Arity: -3, Flags: configFlags | command.NoTx,
		Since: "2.0.0", Complexity: "O(N) where N is the number of patterns",
		Summary: "Returns the settings whose names fit patterns.",
		History: []command.Change{{Version: "7.0.0", Text: "More than one pattern at a time."}}, Handler: configGet,
	},
	{
		Parent: "config", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of CONFIG.", Handler: command.Help,
	},
	{
		Parent: "config", Name: "resetstat", Arity: 2, Flags: configFlags, Since: "2.0.0", Complexity: "O(1)",
		Summary: "Sets the counters of INFO to zero.", Handler: configResetStat,
	},
	// REWRITE keeps SET waiting while it writes the file, so both leave the loop.
	{
		Parent: "config", Name: "rewrite", Arity: 2, Flags: configFlags | command.NoTx | command.Slow,
		Since: "2.8.0", Complexity: "O(1)",
		Summary: "Writes the settings into the configuration file.", Handler: configRewrite,
	},
	{
		Parent: "config", Name: "set", Arity: -4, Flags: configFlags | command.NoTx | command.Slow,
		Syntax: "parameter value [parameter value ...]",
		Since:  "2.0.0", Complexity: "O(N) where N is the number of settings",
		Summary: "Changes settings, all of them or none.",
		History: []command.Change{{Version: "7.0.0", Text: "More than one setting at a time."}},
		Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Handler: configSet,
	},
}

func configGet(c *command.Ctx) error {
	patterns := make([]string, 0, len(c.Args)-2)
	for _, p := range c.Args[2:] {
		patterns = append(patterns, string(p))
	}
	found := c.Services.Config.Match(patterns)
	c.Out.Map(len(found))
	for _, pair := range found {
		c.Out.Text(spelling(pair[0], patterns))
		c.Out.Text(pair[1])
	}
	return nil
}

// spelling is the name of a setting as the client spelt it, if it did not use a
// pattern: redis-server returns it so.
func spelling(name string, patterns []string) string {
	for _, p := range patterns {
		if strings.EqualFold(p, name) {
			return p
		}
	}
	return name
}

func configSet(c *command.Ctx) error {
	if len(c.Args)%2 != 0 {
		return rediserr.Syntax
	}
	var pairs [][2]string
	for i := 2; i < len(c.Args); i += 2 {
		pairs = append(pairs, [2]string{string(c.Args[i]), string(c.Args[i+1])})
	}
	if slices.ContainsFunc(pairs, secret) {
		c.RedactFrom(2)
	}
	if err := c.Services.Config.Set(pairs, origin(c)); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// secret reports whether a pair of CONFIG SET has a value that nobody may see.
func secret(pair [2]string) bool {
	return slices.ContainsFunc(config.Params(), func(p config.Param) bool {
		return p.Secret && (strings.EqualFold(p.Name, pair[0]) ||
			slices.ContainsFunc(p.Aliases, func(name string) bool { return strings.EqualFold(name, pair[0]) }))
	})
}

// origin says where the command came from.
func origin(c *command.Ctx) config.Origin {
	if c.Sess.Trusted {
		return config.Local
	}
	return config.Remote
}

func configRewrite(c *command.Ctx) error {
	if err := c.Services.Config.Rewrite(); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func configResetStat(c *command.Ctx) error {
	s := c.Services
	s.Stats.Reset()
	s.Clients.ResetTotal()
	s.Refusals.ResetCounts()
	for _, cmd := range s.Table.All() {
		cmd.Stats.Reset()
	}
	c.Tx.ResetStats()
	c.Out.OK()
	return nil
}
