package conn

import "kvd/resp/command"

// ownFlags are for CLIENT subcommands about the caller, adminFlags for those
// about others.
const (
	ownFlags   = command.NoScript | command.Loading | command.Stale | command.NoTx
	adminFlags = ownFlags | command.Admin
)

// killFilters are the filters of CLIENT KILL.
const killFilters = "<ID client-id{@2.8.12} | " +
	"TYPE <NORMAL | MASTER{@3.2.0} | SLAVE | REPLICA{@5.0.0} | PUBSUB>{@2.8.12} | USER username | ADDR ip:port | " +
	"LADDR ip:port{@6.2.0} | SKIPME yes/no | MAXAGE seconds{@7.4.0}>{new-format}"

var clientSpecs = []command.Spec{
	{Name: "client", Arity: -2, Since: "2.4.0", Summary: "Commands about connections."},
	{
		Parent: "client", Name: "caching", Syntax: "<YES | NO>{mode}", Arity: 3, Flags: ownFlags,
		Since: "6.0.0", Complexity: "O(1)",
		Summary: "Says whether what the next command reads is tracked.", Handler: clientCaching,
	},
	{
		Parent: "client", Name: "getredir", Arity: 2, Flags: ownFlags, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Returns the connection that is told of changed keys instead of this one.", Handler: clientGetRedir,
	},
	{
		Parent: "client", Name: "getname", Arity: 2, Flags: ownFlags, Since: "2.6.9", Complexity: "O(1)",
		Summary: "Returns the name of the connection.", Handler: clientGetName,
	},
	{
		Parent: "client", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of CLIENT.", Handler: command.Help,
	},
	{
		Parent: "client", Name: "id", Arity: 2, Flags: ownFlags, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns the number of the connection, which no other one ever has.", Handler: clientID,
	},
	{
		Parent: "client", Name: "info", Arity: 2, Flags: ownFlags, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Describes the connection in one line.",
		Tips:    []string{"nondeterministic_output"}, Handler: clientInfo,
	},
	{
		Parent: "client", Name: "kill", Arity: -3, Flags: adminFlags, Since: "2.4.0",
		Syntax:     "<ip:port | (" + killFilters + " [" + killFilters + " ...])>{filter}",
		Complexity: "O(N) where N is the number of connections",
		Summary:    "Closes connections.",
		History: []command.Change{
			{Version: "2.8.12", Text: "The form with filters."},
			{Version: "2.8.12", Text: "The filter `ID`."},
			{Version: "3.2.0", Text: "The type `master`."},
			{Version: "5.0.0", Text: "The type `replica`, for which `slave` is an older name."},
			{Version: "6.2.0", Text: "The filter `LADDR`."},
			{Version: "7.4.0", Text: "The filter `MAXAGE`."},
		},
		Handler: clientKill,
	},
	{
		Parent: "client", Name: "list", Arity: -2, Flags: adminFlags | command.Slow, Since: "2.4.0",
		Syntax: "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>{@5.0.0}] " +
			"[ID client-id [client-id ...]]{@6.2.0}",
		Complexity: "O(N) where N is the number of connections",
		Summary:    "Describes connections, one on each line.",
		History: []command.Change{
			{Version: "2.8.12", Text: "The field `id`."},
			{Version: "5.0.0", Text: "The filter `TYPE`."},
			{Version: "6.0.0", Text: "The field `user`."},
			{Version: "6.2.0", Text: "The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the filter `ID`."},
			{Version: "7.0.0", Text: "The fields `resp`, `multi-mem`, `rbs` and `rbp`."},
			{Version: "7.0.3", Text: "The field `ssub`."},
			{Version: "7.2.0", Text: "The fields `lib-name` and `lib-ver`."},
		},
		Tips: []string{"nondeterministic_output"}, Handler: clientList,
	},
	{
		Parent: "client", Name: "no-evict", Syntax: "<ON | OFF>{enabled}", Arity: 3, Flags: adminFlags,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Keeps the connection from being closed to make room in memory.", Handler: clientNoEvict,
	},
	{
		Parent: "client", Name: "no-touch", Syntax: "<ON | OFF>{enabled}", Arity: 3, Flags: ownFlags,
		Since: "7.2.0", Complexity: "O(1)",
		Summary: "Lets the commands of the connection leave the access times of keys as they are.", Handler: clientNoTouch,
	},
	{
		Parent: "client", Name: "pause", Syntax: "timeout{integer} [WRITE | ALL]{mode,@6.2.0}", Arity: -3, Flags: adminFlags,
		Since: "2.9.50", Complexity: "O(1)",
		Summary: "Holds the commands of all clients back for a while.",
		History: []command.Change{{Version: "6.2.0", Text: "The mode, and with it `WRITE`."}}, Handler: clientPause,
	},
	{
		Parent: "client", Name: "reply", Syntax: "<ON | OFF | SKIP>", Arity: 3, Flags: ownFlags,
		Since: "3.2.0", Complexity: "O(1)",
		Summary: "Chooses whether replies are sent.", Handler: clientReply,
	},
	{
		Parent: "client", Name: "setinfo", Syntax: "<LIB-NAME libname | LIB-VER libver>{attr}", Arity: 4, Flags: ownFlags,
		Since: "7.2.0", Complexity: "O(1)",
		Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
		Summary: "Tells the server which client library is in use.", Handler: clientSetInfo,
	},
	{
		Parent: "client", Name: "setname", Syntax: "connection-name", Arity: 3, Flags: ownFlags,
		Since: "2.6.9", Complexity: "O(1)",
		Summary: "Gives the connection a name.", Handler: clientSetName,
	},
	{
		Parent: "client", Name: "tracking", Arity: -3, Flags: ownFlags, Since: "6.0.0",
		Syntax: "<ON | OFF>{status} [REDIRECT client-id{integer}] [PREFIX prefix [PREFIX prefix ...]] " +
			"[BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
		Complexity: "O(N) where N is the number of prefixes",
		Summary:    "Has the connection told of changes of the keys that it may have cached.", Handler: clientTracking,
	},
	{
		Parent: "client", Name: "trackinginfo", Arity: 2, Flags: ownFlags, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns how the connection tracks keys.", Handler: clientTrackingInfo,
	},
	{
		Parent: "client", Name: "unpause", Arity: 2, Flags: adminFlags,
		Since: "6.2.0", Complexity: "O(N) where N is the number of clients whose commands are held back",
		Summary: "Ends CLIENT PAUSE.", Handler: clientUnpause,
	},
	{
		Parent: "client", Name: "unblock", Syntax: "client-id [TIMEOUT | ERROR]", Arity: -3, Flags: adminFlags,
		Since: "5.0.0", Complexity: "O(log N) where N is the number of connections",
		Summary: "Wakes a connection that waits in a blocking command.", Handler: clientUnblock,
	},
}
