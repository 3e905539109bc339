package cluster

import "kvd/resp/command"

// slotRange is the arguments of the commands on ranges of slots.
const slotRange = "start-slot{integer} end-slot{integer} [start-slot{integer} end-slot{integer} ...]"

var adminSpecs = []command.Spec{
	{
		Parent: "cluster", Name: "addslots", Syntax: "slot{integer} [slot{integer} ...]", Arity: -3, Flags: changes,
		Since: "3.0.0", Complexity: "O(N) where N is the number of slots",
		Summary: "Gives slots to the node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "addslotsrange", Syntax: slotRange, Arity: -4, Flags: changes,
		Since: "7.0.0", Complexity: "O(N) where N is the number of slots",
		Summary: "Gives ranges of slots to the node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "bumpepoch", Arity: 2, Flags: changes, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Moves the node to a new configuration epoch.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "delslots", Syntax: "slot{integer} [slot{integer} ...]", Arity: -3, Flags: changes,
		Since: "3.0.0", Complexity: "O(N) where N is the number of slots",
		Summary: "Makes slots belong to no node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "delslotsrange", Syntax: slotRange, Arity: -4, Flags: changes,
		Since: "7.0.0", Complexity: "O(N) where N is the number of slots",
		Summary: "Makes ranges of slots belong to no node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "failover", Syntax: "[FORCE | TAKEOVER]{options}", Arity: -2, Flags: changes,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Lets a replica take over from its primary.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "flushslots", Arity: 2, Flags: changes, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Makes all slots of the node belong to no node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "forget", Syntax: "node-id", Arity: 3, Flags: changes, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Takes a node out of the list of nodes.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "meet", Syntax: "ip port [cluster_bus_port{integer,@4.0.0}]", Arity: -4, Flags: changes,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Introduces another node.",
		History: []command.Change{{Version: "4.0.0", Text: "The argument `cluster_bus_port`."}}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "replicate", Syntax: "node-id", Arity: 3, Flags: changes, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Makes the node a replica of another one.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "reset", Syntax: "[HARD | SOFT]", Arity: -2, Flags: admins | command.NoScript,
		Since: "3.0.0", Complexity: "O(N) where N is the number of known nodes, and of keys if there are any",
		Summary: "Makes the node forget the cluster.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "saveconfig", Arity: 2, Flags: changes, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Writes the node's configuration to disk.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "set-config-epoch", Syntax: "config-epoch{integer}", Arity: 3, Flags: changes,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Sets the configuration epoch of a new node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "setslot", Arity: -4, Flags: changes, Since: "3.0.0", Complexity: "O(1)",
		Syntax:  "slot{integer} <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>{subcommand}",
		Summary: "Says which node has a slot, or that it is on its way.", Handler: disabled,
	},
}
