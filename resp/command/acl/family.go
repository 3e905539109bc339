// Package acl implements ACL: the commands by which an operator says who may do
// what, and looks at what was refused.
//
// A handler changes users through acl.Users, which changes all or nothing; the
// clients of a user who is gone are disconnected by the handler that deleted it.
package acl

import "kvd/resp/command"

// flags are what all subcommands have in common, and admin those that show or
// change users.
const (
	flags = command.Loading | command.Stale | command.NoScript | command.NoTx
	admin = flags | command.Admin
)

// Family is the ACL commands.
var Family = command.Family{
	Group: "server",
	Commands: []command.Spec{
		{
			Name: "acl", Arity: -2, Since: "6.0.0", Complexity: "Depends on the subcommand.",
			Summary: "A container for access control.",
		},
		{
			Name: "cat", Parent: "acl", Syntax: "[categoryname]", Arity: -2, Flags: flags, Since: "6.0.0",
			Complexity: "O(1), since commands and categories are fixed",
			Summary:    "Lists the categories of commands, or the commands of a category.", Handler: cat,
		},
		{
			Name: "deluser", Parent: "acl", Syntax: "username [username ...]", Arity: -3, Flags: admin, Since: "6.0.0",
			Complexity: "O(N) where N is the number of clients",
			Summary:    "Deletes users and disconnects their clients.", Handler: delUser,
		},
		{
			Name: "dryrun", Parent: "acl", Syntax: "username command [arg ...]", Arity: -4, Flags: admin, Since: "7.0.0",
			Complexity: "O(N) where N is the number of rules of the user",
			Summary:    "Tells whether a user could run a command, without running it.", Handler: dryRun,
		},
		{
			Name: "genpass", Parent: "acl", Syntax: "[bits{integer}]", Arity: -2, Flags: flags, Since: "6.0.0",
			Complexity: "O(1)",
			Summary:    "Makes a random password of 256 bits, or of as many as asked for.", Handler: genPass,
		},
		{
			Name: "getuser", Parent: "acl", Syntax: "username", Arity: 3, Flags: admin, Since: "6.0.0",
			Complexity: "O(N) where N is the number of passwords and rules of the user",
			Summary:    "Shows the rules of a user.", Handler: getUser,
			History: []command.Change{
				{Version: "6.2.0", Text: "Shows the channels."},
				{Version: "7.0.0", Text: "Shows the selectors, and keys and channels as rules instead of lists."},
			},
		},
		{
			Name: "help", Parent: "acl", Arity: 2, Flags: flags &^ command.NoScript, Since: "6.0.0",
			Complexity: "O(1)", Summary: "Lists the subcommands.", Handler: command.Help,
		},
		{
			Name: "list", Parent: "acl", Arity: 2, Flags: admin, Since: "6.0.0",
			Complexity: "O(N) where N is the number of users",
			Summary:    "Lists the users as lines of a file of users.", Handler: list,
		},
		{
			Name: "load", Parent: "acl", Arity: 2, Flags: admin | command.Slow, Since: "6.0.0",
			Complexity: "O(N) where N is the number of users",
			Summary:    "Reads the file of users again; a mistake in it leaves all users as they were.", Handler: load,
		},
		{
			Name: "log", Parent: "acl", Syntax: "[count|RESET]{operation}", Arity: -2, Flags: admin, Since: "6.0.0",
			Complexity: "O(N) where N is the number of entries shown",
			Summary:    "Shows what users were refused, or forgets it.", Handler: showLog,
		},
		{
			Name: "save", Parent: "acl", Arity: 2, Flags: admin | command.Slow, Since: "6.0.0",
			Complexity: "O(N) where N is the number of users",
			Summary:    "Writes the users to the file of users.", Handler: save,
		},
		{
			Name: "setuser", Parent: "acl", Syntax: "username [rule ...]", Arity: -3, Flags: admin, Since: "6.0.0",
			Complexity: "O(N) where N is the number of rules",
			Summary:    "Makes a user, or changes its rules.", Handler: setUser,
			History: []command.Change{
				{Version: "6.2.0", Text: "Rules about channels."},
				{Version: "7.0.0", Text: "Selectors, and rules about reading and writing keys."},
			},
		},
		{
			Name: "users", Parent: "acl", Arity: 2, Flags: admin, Since: "6.0.0",
			Complexity: "O(N) where N is the number of users",
			Summary:    "Lists the names of the users.", Handler: users,
		},
		{
			Name: "whoami", Parent: "acl", Arity: 2, Flags: flags, Since: "6.0.0",
			Complexity: "O(1)", Summary: "Returns the name of the connection's user.", Handler: whoAmI,
		},
	},
}
