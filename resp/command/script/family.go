// Package script implements the commands that run scripts and functions in Lua:
// EVAL and its kin, SCRIPT, FUNCTION and FCALL.
//
// Whoever runs a script holds the locks of all keys, since the keys that a script
// uses are known only when it uses them.
package script

import (
	"slices"

	"kvd/resp/command"
)

// Family is the commands of scripts and functions.
var Family = command.Family{
	Group: "scripting", Categories: command.CatScripting,
	Commands: slices.Concat(runSpecs(), cacheSpecs(), functionSpecs()),
}

const (
	runFlags   = command.NoScript | command.Stale | command.SkipMonitor | command.NoMandatoryKeys | command.Slow
	mayWrite   = runFlags | command.MayReplicate
	writesKeys = command.RW | command.Access | command.Update
	readsKeys  = command.RO | command.Access
)

const (
	dependsScript   = "Depends on the script"
	dependsFunction = "Depends on the function"
)

// everything says of a line that it may reach any key.
func everything([][]byte) bool { return true }

// worst returns the keys of a script, with a note on why the flags are as they
// are.
func worst(flags command.KeyFlags, notes string) []command.KeySpec {
	keys := command.KeyNum(2, 3, flags)
	keys[0].Notes = notes
	return keys
}

const (
	notesRW = "What a script does with its keys is not known, so the most is assumed: RW and UPDATE"
	notesRO = "What a script does with its keys is not known, so the most is assumed: RO and ACCESS"
)

func runSpecs() []command.Spec {
	const arguments = " numkeys{integer} [key{#0} [key ...]] [arg [arg ...]]"
	return []command.Spec{
		{
			Name: "eval", Syntax: "script" + arguments, Arity: -3, Flags: mayWrite, Keys: worst(writesKeys, notesRW),
			Reaches: everything, Since: "2.6.0", Complexity: dependsScript, Summary: "Runs a script.", Handler: eval,
		},
		{
			Name: "evalsha", Syntax: "sha1" + arguments, Arity: -3, Flags: mayWrite, Keys: worst(writesKeys, ""),
			Reaches: everything, Since: "2.6.0", Complexity: dependsScript, Summary: "Runs a script that the server has.",
			Handler: evalSHA,
		},
		{
			Name: "eval_ro", Syntax: "script" + arguments, Arity: -3, Flags: runFlags | command.ReadOnly,
			Keys: worst(readsKeys, notesRO), Reaches: everything, Since: "7.0.0", Complexity: dependsScript,
			Summary: "Runs a script that changes nothing.", Handler: eval,
		},
		{
			Name: "evalsha_ro", Syntax: "sha1" + arguments, Arity: -3, Flags: runFlags | command.ReadOnly,
			Keys: worst(readsKeys, ""), Reaches: everything, Since: "7.0.0", Complexity: dependsScript,
			Summary: "Runs a script that the server has and that changes nothing.", Handler: evalSHA,
		},
		{
			Name: "fcall", Syntax: "function" + arguments, Arity: -3, Flags: mayWrite, Keys: worst(writesKeys, notesRW),
			Reaches: everything, Since: "7.0.0", Complexity: dependsFunction, Summary: "Calls a function.", Handler: fcall,
		},
		{
			Name: "fcall_ro", Syntax: "function" + arguments, Arity: -3, Flags: runFlags | command.ReadOnly,
			Keys: worst(readsKeys, notesRO), Reaches: everything, Since: "7.0.0", Complexity: dependsFunction,
			Summary: "Calls a function that changes nothing.", Handler: fcall,
		},
	}
}

// Hints for clients of a cluster, and for proxies.
var (
	tipsNodes  = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	tipsShards = []string{"request_policy:all_shards", "response_policy:all_succeeded"}
	tipsKill   = []string{"request_policy:all_shards", "response_policy:one_succeeded"}
)

func cacheSpecs() []command.Spec {
	return container("script", "2.6.0", "5.0.0", "Manages the scripts that the server has.", []command.Spec{
		{
			Name: "debug", Syntax: "<YES | SYNC | NO>{mode}", Arity: 3, Flags: command.NoScript | command.NoTx,
			Since: "3.2.0", Complexity: "O(1)", Summary: "Would begin to debug scripts; there is no debugger.", Handler: debug,
		},
		{
			Name: "exists", Syntax: "sha1 [sha1 ...]", Arity: -3, Flags: command.NoScript | command.NoTx, Since: "2.6.0",
			Tips:       []string{"request_policy:all_shards", "response_policy:agg_logical_and"},
			Complexity: "O(N) where N is the number of digests", Summary: "Tells which scripts the server has.", Handler: exists,
		},
		{
			Name: "flush", Syntax: "[ASYNC | SYNC]{async,@6.2.0}", Arity: -2, Flags: command.NoScript | command.NoTx,
			Since: "2.6.0", Tips: tipsNodes, Complexity: "O(N) where N is the number of scripts",
			History: []command.Change{{Version: "6.2.0", Text: "`ASYNC` and `SYNC` were added."}},
			Summary: "Forgets all scripts.", Handler: flush,
		},
		{
			Name: "kill", Arity: 2, Flags: command.NoScript | command.AllowBusy | command.NoTx, Tips: tipsKill,
			Since: "2.6.0", Complexity: "O(1)", Summary: "Ends the running script if it has changed nothing.", Handler: kill,
		},
		{
			Name: "load", Syntax: "script", Arity: 3, Flags: command.NoScript | command.Stale | command.NoTx | command.Slow,
			Since: "2.6.0", Tips: tipsNodes, Complexity: "O(N) where N is the length of the script",
			Summary: "Keeps a script and returns its digest.", Handler: load,
		},
	})
}

// container returns a container command with its subcommands, and HELP.
func container(name, since, helpSince, summary string, specs []command.Spec) []command.Spec {
	specs = append(specs, command.Spec{
		Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx, Since: helpSince,
		Complexity: "O(1)", Summary: "Lists the subcommands.", Handler: command.Help,
	})
	for i := range specs {
		specs[i].Parent = name
	}
	return append(specs, command.Spec{
		Name: name, Arity: -2, Since: since, Complexity: "Depends on subcommand.", Summary: summary,
	})
}
