// Package server has the commands about the server as a whole: its settings,
// statistics, memory and data on disk, and the table of commands itself.
//
// Commands with the flag NoTx use no key and no lock of the engine. Those that
// count keys have a transaction without keys, which looks at one shard after
// the other; within a transaction of many commands the whole engine is locked
// for them already, so they must not lock it themselves.
package server

import (
	"slices"

	"kvd/resp/command"
)

// Family is the server commands.
var Family = command.Family{
	Group: "server",
	Commands: slices.Concat(commandSpecs(), compactSpecs, configSpecs, debugSpecs, keyspaceSpecs, infoSpecs,
		latencySpecs, memorySpecs, moduleSpecs, monitorSpecs, replicationSpecs, saveSpecs, slowlogSpecs),
}

var infoSpecs = []command.Spec{
	{
		Name: "info", Syntax: "[section ...]", Arity: -1, Flags: command.Loading | command.Stale | command.Slow,
		Categories: command.CatDangerous, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns facts and counters about the server.",
		History: []command.Change{{Version: "7.0.0", Text: "More than one section at a time."}},
		Tips:    []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		Handler: showInfo,
	},
	{
		Name: "lolwut", Syntax: "[VERSION version{integer}]", Arity: -1,
		Flags: command.ReadOnly | command.Fast | command.NoTx, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Draws something, and tells the version.", Handler: lolwut,
	},
	{
		Name: "time", Arity: 1, Flags: command.Loading | command.Stale | command.Fast | command.NoTx,
		Since: "2.6.0", Complexity: "O(1)",
		Summary: "Returns the time of the server.",
		Tips:    []string{"nondeterministic_output"}, Handler: serverTime,
	},
}
