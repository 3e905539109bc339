// Package schema implements SCHEMA.*: the types of documents, as JSON Schemas with
// versions.
//
// Invariant: a schema that is stored compiles, and so does every other one that
// refers to it.
package schema

import (
	"slices"
	"strings"

	"kvd/resp/command"
)

// Family is the commands on types.
var Family = command.Family{
	Group: "schema", Categories: command.CatDoc,
	Commands: slices.Concat(setSpecs(), readSpecs()),
}

const sinceKvd = "kvd 0.2.0"

func setSpecs() []command.Spec {
	const all = command.AllKeys | command.Slow
	return []command.Spec{
		{
			Name: "schema.set", Syntax: "name json [EXPECT version{integer}] [CHECK collection] [DRYRUN]", Arity: -3,
			Flags: command.Write | command.DenyOOM | all, Since: sinceKvd, Handler: set,
			Complexity: "O(N) where N is the size of the schema; O(D) for D documents where an index is new or with CHECK",
			Summary:    "Stores a version of a type, which is a JSON Schema, and returns its number.",
		},
		{
			Name: "schema.del", Syntax: "name", Arity: 2, Flags: command.Write | all, Since: sinceKvd, Handler: del,
			Complexity: "O(N) where N is the number of types and collections",
			Summary:    "Deletes a type that nothing uses, with all its versions.",
		},
	}
}

func readSpecs() []command.Spec {
	const own = command.ReadOnly | command.OwnTx
	return []command.Spec{
		{
			Name: "schema.get", Syntax: "name [VERSION version{integer}]", Arity: -2, Flags: own | command.Fast, Since: sinceKvd,
			Handler: get, Complexity: "O(1)", Summary: "Returns the text of a type.",
		},
		{
			Name: "schema.list", Syntax: "[CURSOR cursor] [COUNT count{integer}]", Arity: -1, Flags: own, Since: sinceKvd,
			Handler: list, Complexity: "O(N*C) for N types and C collections", Summary: "Lists the types, by name.",
		},
		{
			Name: "schema.validate", Syntax: "name json", Arity: 3, Flags: own | command.Slow, Since: sinceKvd,
			Handler: validate, Complexity: "O(N) where N is the size of the document, times what the schema asks of each value",
			Summary: "Returns everything that is wrong with a document by a type.",
		},
		{
			Name: "schema.help", Syntax: "", Arity: 1, Flags: own | command.Fast, Since: sinceKvd, Handler: help,
			Complexity: "O(1)", Summary: "Lists the commands of the family.",
		},
	}
}

func help(c *command.Ctx) error {
	command.FamilyHelp(c, strings.TrimSuffix(c.Command.Name, "help"))
	return nil
}
