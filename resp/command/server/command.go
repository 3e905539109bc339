package server

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// commandFlags are what COMMAND and its subcommands have in common.
const commandFlags = command.Loading | command.Stale | command.NoTx

// orderTip says that clients must not rely on the order of the reply.
const orderTip = "nondeterministic_output_order"

// commandSpecs returns COMMAND, which describes the table it stands in, and its
// subcommands.
func commandSpecs() []command.Spec {
	specs := []command.Spec{
		{
			Name: "count", Arity: 2, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Returns how many commands there are, subcommands not counted.", Handler: commandCount,
		},
		{
			Name: "docs", Syntax: "[command-name ...]", Arity: -2, Since: "7.0.0",
			Complexity: "O(N) where N is the number of commands to look up",
			Summary:    "Returns the documentation of commands.",
			Tips:       []string{orderTip}, Handler: commandDocs,
		},
		{
			Name: "getkeys", Syntax: "command arg [arg ...]", Arity: -4, Since: "2.8.13",
			Complexity: "O(N) where N is the number of arguments to the command",
			Summary:    "Returns the keys in a command line.", Handler: commandGetKeys,
		},
		{
			Name: "getkeysandflags", Syntax: "command arg [arg ...]", Arity: -4, Since: "7.0.0",
			Complexity: "O(N) where N is the number of arguments to the command",
			Summary:    "Returns the keys in a command line, and what would be done with each.",
			Handler:    commandGetKeysAndFlags,
		},
		{
			Name: "help", Arity: 2, Since: "5.0.0", Complexity: "O(1)",
			Summary: "Lists the subcommands of COMMAND.", Handler: command.Help,
		},
		{
			Name: "info", Syntax: "[command-name ...]", Arity: -2, Since: "2.8.13",
			Complexity: "O(N) where N is the number of commands to look up",
			Summary:    "Returns arity, flags, categories and keys of commands.",
			History:    []command.Change{{Version: "7.0.0", Text: "Without names it describes all commands."}},
			Tips:       []string{orderTip}, Handler: commandInfo,
		},
		{
			Name: "list", Arity: -2, Since: "7.0.0",
			Syntax:     "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>{filterby}]",
			Complexity: "O(N) where N is the total number of commands",
			Summary:    "Returns the names of commands, subcommands included.",
			Tips:       []string{orderTip}, Handler: commandList,
		},
	}
	for i := range specs {
		specs[i].Parent = "command"
	}
	specs = append(specs, command.Spec{
		Name: "command", Arity: -1, Since: "2.8.13",
		Complexity: "O(N) where N is the total number of commands",
		Summary:    "Describes every command.", Tips: []string{orderTip}, Handler: commandAll,
	})
	for i := range specs {
		specs[i].Flags = commandFlags
		specs[i].Categories = command.CatConnection
	}
	return specs
}

// commandAll implements COMMAND without a subcommand.
func commandAll(c *command.Ctx) error {
	all := c.Services.Table.Commands()
	c.Out.Array(len(all))
	for _, cmd := range all {
		writeInfo(c.Out, cmd)
	}
	return nil
}

func commandCount(c *command.Ctx) error {
	c.Out.Int(int64(len(c.Services.Table.Commands())))
	return nil
}

func commandInfo(c *command.Ctx) error {
	if len(c.Args) == 2 {
		return commandAll(c)
	}
	c.Out.Array(len(c.Args) - 2)
	for _, name := range c.Args[2:] {
		cmd := c.Services.Table.LookupFull(name)
		if cmd == nil {
			c.Out.Null()
			continue
		}
		writeInfo(c.Out, cmd)
	}
	return nil
}

func commandDocs(c *command.Ctx) error {
	table := c.Services.Table
	found := table.Commands()
	if len(c.Args) > 2 {
		found = nil
		for _, name := range c.Args[2:] {
			if cmd := table.LookupFull(name); cmd != nil {
				found = append(found, cmd)
			}
		}
	}
	c.Out.Map(len(found))
	for _, cmd := range found {
		c.Out.Text(cmd.FullName)
		writeDocs(c.Out, cmd)
	}
	return nil
}

// Errors of COMMAND GETKEYS.
var (
	errNoCommand = rediserr.New("Invalid command specified")
	errNoKeys    = rediserr.New("The command has no key arguments")
	errBadArity  = rediserr.New("Invalid number of arguments specified for command")
)

func commandGetKeys(c *command.Ctx) error {
	line, keys, err := lineKeys(c)
	if err != nil {
		return err
	}
	c.Out.Array(len(keys))
	for _, k := range keys {
		c.Out.Bulk(line[k.Pos])
	}
	return nil
}

func commandGetKeysAndFlags(c *command.Ctx) error {
	line, keys, err := lineKeys(c)
	if err != nil {
		return err
	}
	c.Out.Array(len(keys))
	for _, k := range keys {
		c.Out.Array(2)
		c.Out.Bulk(line[k.Pos])
		writeStatusSet(c.Out, k.Flags.Names(), "")
	}
	return nil
}

// lineKeys returns the command line that the arguments are, and its keys.
func lineKeys(c *command.Ctx) (line [][]byte, keys []command.KeyRef, err error) {
	line = c.Args[2:]
	cmd, err := c.Services.Table.Find(line)
	switch {
	case err != nil:
		return nil, nil, errNoCommand
	case !cmd.HasKeys():
		return nil, nil, errNoKeys
	case !cmd.AcceptsWords(len(line)):
		return nil, nil, errBadArity
	}
	keys, err = cmd.KeyRefs(line, nil)
	return cmd.Line(c.Services.Engine, c.DB(), line), keys, err
}
