// Package history implements the commands on past versions of keys.
//
// A version is named by its number, by -n for the n-th before the newest, HEAD,
// tag:name, time:t (what was the newest then), rev:n or sha:prefix.
//
// Invariant: a handler that changes anything has read all that it needs of the
// versions before, so that an error leaves everything as it was.
package history

import (
	"slices"

	"kvd/resp/command"
)

// Family is the commands on past versions of keys.
var Family = command.Family{
	Group: "history", Categories: command.CatVer,
	Commands: slices.Concat(saveSpecs(), readSpecs(), tagSpecs(), pruneSpecs(), policySpecs()),
}

const since = "kvd 0.2.0"

// selectSyntax names the keys of a command by a word before them.
const selectSyntax = "<KEY key | MATCH pattern | COLL collection>"

var (
	readKey  = command.Key(1, command.RO|command.Access)
	writeKey = command.Key(1, command.RW|command.Access|command.Update)
	noteKey  = command.Key(1, command.RW|command.Access)
)

func saveSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "ver.save", Arity: -2, Flags: command.Write | command.DenyOOM | command.Slow,
			Syntax: "key [JSON json{name:json} | VALUE value] [MSG message] [AUTHOR author] [TAG tag] [IFREV rev{integer}] [FORCE]",
			Keys:   writeKey, Since: since, Complexity: "O(N) where N is the size of the value",
			Summary: "Records the value of a key as a version, after setting it where one is given.", Handler: save,
		},
		{
			Name: "ver.rollback", Arity: -3, Flags: command.Write | command.DenyOOM | command.Slow,
			Syntax: "key version [MSG message] [AUTHOR author] [IFREV rev{integer}] [RETURN VALUE]",
			Keys:   writeKey, Since: since, Complexity: "O(N) where N is the size of the value",
			Summary: "Gives a key the value of a version again, and records that as a new version.", Handler: rollback,
		},
	}
}

func readSpecs() []command.Spec {
	const read = command.ReadOnly | command.Slow
	return []command.Spec{
		{
			Name: "ver.list", Arity: -2, Flags: read,
			Syntax: "key [COUNT count{integer}] [CURSOR cursor] [REV] [AUTHOR author] [SINCE time] [UNTIL time]",
			Keys:   readKey, Since: since, Complexity: "O(N) for N versions looked at",
			Summary: "Lists versions of a key without their values, the newest first.", Handler: list,
		},
		{
			Name: "ver.get", Syntax: "key version [PATH path] [ENCODED]", Arity: -3, Flags: read,
			Keys: readKey, Since: since, Complexity: "O(N) where N is the size of the value",
			Summary: "Returns the value that a key had.", Handler: get,
		},
		{
			Name: "ver.diff", Syntax: "key version1 version2 [FORMAT <KEYS | PATCH | MERGE | TEXT | SUMMARY>]", Arity: -4, Flags: read,
			Keys: readKey, Since: since, Complexity: "O(N) where N is the size of both values, O(N*D) for TEXT with D changed lines",
			Summary: "Compares two versions of a key.", Handler: diff,
		},
		{
			Name: "ver.stat", Syntax: "key", Arity: 2, Flags: read,
			Keys: readKey, Since: since, Complexity: "O(N) for N versions",
			Summary: "Tells what is kept of a key.", Handler: stat,
		},
	}
}

func tagSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "ver.tag", Syntax: "key version tag [REPLACE]", Arity: -4, Flags: command.Write | command.Slow,
			Keys: noteKey, Since: since, Complexity: "O(log(N)) for N versions",
			Summary: "Gives a version a name, which also keeps it from being pruned.", Handler: tag,
		},
		{
			Name: "ver.untag", Syntax: "key tag", Arity: 3, Flags: command.Write | command.Fast,
			Keys: noteKey, Since: since, Complexity: "O(1)",
			Summary: "Takes the name of a version away.", Handler: untag,
		},
		{
			Name: "ver.tags", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast,
			Keys: readKey, Since: since, Complexity: "O(N) for N tags",
			Summary: "Returns the names of versions.", Handler: tags,
		},
	}
}

func pruneSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "ver.prune", Syntax: selectSyntax + " [KEEP count{integer}] [OLDER seconds{integer}] [DRYRUN]",
			Arity: -3, Flags: command.Write | command.Slow, Keys: keyAfterWord(command.RW | command.Delete), Reaches: namesSeveral,
			Since: since, Complexity: "O(N) for N versions",
			Summary: "Removes versions that are too many or too old, but no newest and no tagged ones.", Handler: prune,
		},
		{
			Name: "ver.retain", Syntax: "[" + selectSyntax + "] [DRYRUN]",
			Arity: -1, Flags: command.Write | command.Slow, Keys: keyAfterWord(command.RW | command.Delete), Reaches: namesSeveral,
			Since: since, Complexity: "O(N) for N versions",
			Summary: "Removes the versions that the policies do not keep.", Handler: retain,
		},
		{
			Name: "ver.verify", Syntax: "<KEY key | MATCH pattern>",
			Arity: 3, Flags: command.ReadOnly | command.Slow, Keys: keyAfterWord(command.RO | command.Access), Reaches: namesSeveral,
			Since: since, Complexity: "O(N) where N is the size of all versions",
			Summary: "Reads all versions and lists what is wrong with them.", Handler: verify,
		},
		{
			Name: "ver.forget", Syntax: "key [version]", Arity: -2, Flags: command.Write | command.Slow,
			Categories: command.CatAdmin | command.CatDangerous,
			Keys:       command.Key(1, command.RW|command.Delete), Since: since, Complexity: "O(N) for N versions",
			Summary: "Erases versions for good and leaves a mark in their place.", Handler: forget,
		},
	}
}

func policySpecs() []command.Spec {
	const set = command.Write | command.AllKeys | command.Slow
	return []command.Spec{
		{
			Name: "ver.track", Arity: -5, Flags: set,
			Syntax: "<KEY key | PREFIX prefix | MATCH pattern | COLL collection> MODE <AUTO | MANUAL> [KEEP count{integer}] " +
				"[MAXAGE seconds{integer}] [MINKEEP count{integer}] [KEEPDELETED seconds{integer}] [MINGAP milliseconds{integer}]",
			Keys: keyAfterWord(command.RW), Since: since, Complexity: "O(N) for N policies",
			Summary: "Sets of which keys versions are recorded, and how long they are kept.", Handler: track,
		},
		{
			Name: "ver.untrack", Arity: 3, Flags: set, Syntax: "<KEY key | PREFIX prefix | MATCH pattern | COLL collection>",
			Keys: keyAfterWord(command.RW), Since: since, Complexity: "O(N) for N policies",
			Summary: "Removes a policy and keeps the versions.", Handler: untrack,
		},
		{
			Name: "ver.policies", Arity: 1, Flags: command.Fast | command.NoTx, Since: since, Complexity: "O(N) for N policies",
			Summary: "Lists the policies.", Handler: policies,
		},
		{
			Name: "ver.help", Arity: 1, Flags: command.Fast | command.NoTx, Since: since, Complexity: "O(1)",
			Summary: "Lists the commands on versions.",
			Handler: func(c *command.Ctx) error {
				command.FamilyHelp(c, "ver.")
				return nil
			},
		},
	}
}
