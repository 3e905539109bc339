package script

import "kvd/resp/command"

// The code of libraries is a row beside the keys, so changing it takes all locks;
// AllKeys says so.
const functionWrites = command.Write | command.NoScript | command.Slow | command.AllKeys

func functionSpecs() []command.Spec {
	const perFunction = "O(N) where N is the number of functions"
	return container("function", "7.0.0", "7.0.0", "Manages functions.", []command.Spec{
		{
			Name: "delete", Syntax: "library-name", Arity: 3, Flags: functionWrites, Since: "7.0.0",
			Tips: tipsShards, Complexity: "O(1)", Summary: "Forgets a library with its functions.", Handler: functionDelete,
		},
		{
			Name: "dump", Arity: 2, Flags: command.NoScript | command.NoTx | command.Slow, Since: "7.0.0",
			Complexity: perFunction, Summary: "Returns all libraries as bytes that FUNCTION RESTORE reads.", Handler: functionDump,
		},
		{
			Name: "flush", Syntax: "[ASYNC | SYNC]{async}", Arity: -2, Flags: functionWrites,
			Since: "7.0.0", Tips: tipsShards, Complexity: perFunction, Summary: "Forgets all libraries.", Handler: functionFlush,
		},
		{
			Name: "kill", Arity: 2, Flags: command.NoScript | command.AllowBusy | command.NoTx, Tips: tipsKill,
			Since: "7.0.0", Complexity: "O(1)", Summary: "Ends the running function if it has changed nothing.", Handler: functionKill,
		},
		{
			Name: "list", Syntax: "[LIBRARYNAME library-name-pattern] [WITHCODE]", Arity: -2,
			Flags: command.NoScript | command.NoTx | command.Slow, Since: "7.0.0", Tips: []string{"nondeterministic_output_order"},
			Complexity: perFunction, Summary: "Lists libraries and their functions.", Handler: functionList,
		},
		{
			Name: "load", Syntax: "[REPLACE] function-code", Arity: -3, Flags: functionWrites | command.DenyOOM,
			Since: "7.0.0", Tips: tipsShards, Complexity: "O(1), beside the compilation",
			Summary: "Adds a library.", Handler: functionLoad,
		},
		{
			Name: "restore", Syntax: "serialized-value [FLUSH | APPEND | REPLACE]{policy}", Arity: -3,
			Flags: functionWrites | command.DenyOOM, Since: "7.0.0", Tips: tipsShards,
			Complexity: perFunction, Summary: "Adds the libraries that FUNCTION DUMP has written.", Handler: functionRestore,
		},
		{
			Name: "stats", Arity: 2, Flags: command.NoScript | command.AllowBusy | command.NoTx, Since: "7.0.0",
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
			Complexity: "O(1)", Summary: "Tells which function runs, and how many there are.", Handler: functionStats,
		},
	})
}
