// Package cluster has the commands of a cluster node, all of which answer that
// this server is none. They are in the table so that clients that probe for a
// cluster get the answer they look for instead of an unknown command.
package cluster

import (
	"slices"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the cluster commands.
var Family = command.Family{
	Group:    "cluster",
	Commands: slices.Concat(connectionSpecs, nodeSpecs, slotSpecs, adminSpecs),
}

// disabled is the handler of every command here.
func disabled(*command.Ctx) error { return rediserr.ClusterDisabled }

// Flags that the subcommands share. changes are those that alter the node.
const (
	reads   = command.Stale | command.NoTx
	admins  = reads | command.Admin
	changes = admins | command.NoAsyncLoading
)

const unordered = "nondeterministic_output"

var connectionSpecs = []command.Spec{
	{
		Name: "asking", Arity: 1, Flags: command.Fast | command.NoTx, Categories: command.CatConnection,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Lets the next command reach a slot that is being imported.", Handler: disabled,
	},
	{
		Name: "readonly", Arity: 1, Flags: command.Loading | reads | command.Fast, Categories: command.CatConnection,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Lets the connection read from a replica.", Handler: disabled,
	},
	{
		Name: "readwrite", Arity: 1, Flags: command.Loading | reads | command.Fast, Categories: command.CatConnection,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Ends what READONLY began.", Handler: disabled,
	},
	{Name: "cluster", Arity: -2, Since: "3.0.0", Summary: "Commands of a cluster node."},
	{
		Parent: "cluster", Name: "help", Arity: 2, Flags: command.Loading | reads, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of CLUSTER.", Handler: disabled,
	},
}

var nodeSpecs = []command.Spec{
	{
		Parent: "cluster", Name: "count-failure-reports", Syntax: "node-id", Arity: 3, Flags: admins,
		Since: "3.0.0", Complexity: "O(N) where N is the number of failure reports",
		Summary: "Returns how many nodes hold a node for failed.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "info", Arity: 2, Flags: reads, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Describes the state of the node.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "links", Arity: 2, Flags: reads, Since: "7.0.0",
		Complexity: "O(N) where N is the number of nodes",
		Summary:    "Lists the connections to other nodes.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "myid", Arity: 2, Flags: reads, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the id of the node.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "myshardid", Arity: 2, Flags: reads, Since: "7.2.0", Complexity: "O(1)",
		Summary: "Returns the id of the node's shard.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "nodes", Arity: 2, Flags: reads, Since: "3.0.0",
		Complexity: "O(N) where N is the number of nodes",
		Summary:    "Describes all nodes, one on each line.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "replicas", Syntax: "node-id", Arity: 3, Flags: admins, Since: "5.0.0", Complexity: "O(N) where N is the number of replicas",
		Summary: "Lists the replicas of a node.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "shards", Arity: 2, Flags: reads, Since: "7.0.0",
		Complexity: "O(N) where N is the number of nodes",
		Summary:    "Lists the shards with their slots and nodes.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "slaves", Syntax: "node-id", Arity: 3, Flags: admins, Since: "3.0.0", Complexity: "O(N) where N is the number of replicas",
		Summary:    "Lists the replicas of a node.",
		Deprecated: &command.Deprecation{Since: "5.0.0", ReplacedBy: "`CLUSTER REPLICAS`"},
		Tips:       []string{unordered}, Handler: disabled,
	},
}

var slotSpecs = []command.Spec{
	{
		Parent: "cluster", Name: "countkeysinslot", Syntax: "slot{integer}", Arity: 3, Flags: reads,
		Since: "3.0.0", Complexity: "O(1)", Summary: "Returns how many keys a slot has.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "getkeysinslot", Syntax: "slot{integer} count", Arity: 4, Flags: reads,
		Since: "3.0.0", Complexity: "O(N) where N is the number of keys asked for",
		Summary: "Returns keys of a slot.", Tips: []string{unordered}, Handler: disabled,
	},
	{
		Parent: "cluster", Name: "keyslot", Syntax: "key{string}", Arity: 3, Flags: reads,
		Since: "3.0.0", Complexity: "O(N) where N is the length of the key",
		Summary: "Returns the slot of a key.", Handler: disabled,
	},
	{
		Parent: "cluster", Name: "slots", Arity: 2, Flags: reads, Since: "3.0.0",
		Complexity: "O(N) where N is the number of nodes",
		Summary:    "Returns which node has which slots.",
		History: []command.Change{
			{Version: "4.0.0", Text: "The ids of nodes."},
			{Version: "7.0.0", Text: "More about the addresses of nodes."},
		},
		Deprecated: &command.Deprecation{Since: "7.0.0", ReplacedBy: "`CLUSTER SHARDS`"},
		Tips:       []string{unordered}, Handler: disabled,
	},
}
