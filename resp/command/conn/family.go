// Package conn has the commands about the client's own connection: handshake,
// authentication, database, and the CLIENT commands, which also look at other
// connections.
//
// A handler changes its own session only. What it wants of another one goes
// through Session.Snapshot, Kill and RequestUnblock, which are safe from any
// goroutine.
package conn

import (
	"slices"

	"kvd/resp/command"
)

// Family is the connection commands.
var Family = command.Family{
	Group: "connection", Categories: command.CatConnection,
	Commands: slices.Concat(handshakeSpecs, clientSpecs),
}

// handshakeFlags are what the commands have in common that work before the
// client has authenticated.
const handshakeFlags = command.NoScript | command.Loading | command.Stale | command.Fast |
	command.NoAuth | command.AllowBusy | command.NoTx

var handshakeSpecs = []command.Spec{
	{
		Name: "auth", Syntax: "[username]{@6.0.0} password", Arity: -2, Flags: handshakeFlags,
		Since: "1.0.0", Complexity: "O(N) where N is the number of passwords of the user",
		Summary: "Authenticates the connection.",
		History: []command.Change{{Version: "6.0.0", Text: "A user name can come before the password."}},
		Handler: auth,
	},
	{
		Name: "hello", Arity: -1, Flags: handshakeFlags,
		Syntax: "[protover [AUTH (username password){username_password}] [SETNAME clientname]]{arguments}",
		Since:  "6.0.0", Complexity: "O(1)",
		Summary: "Chooses the protocol version and says what the server is; it can authenticate and name the connection too.",
		History: []command.Change{{Version: "6.2.0", Text: "Without a version it only describes the connection."}},
		Handler: hello,
	},
	{
		Name: "quit", Syntax: "[ignored ...]", Arity: -1, Flags: handshakeFlags | command.Immediate | command.Listener,
		Since: "1.0.0", Complexity: "O(1)",
		Summary: "Closes the connection once all replies are sent.", Handler: quit,
	},
	{
		Name: "reset", Arity: 1, Flags: handshakeFlags | command.Immediate | command.Listener,
		Since: "6.2.0", Complexity: "O(1)",
		Summary: "Brings the connection back to the state of a new one.", Handler: reset,
	},
	{
		Name: "echo", Syntax: "message", Arity: 2,
		Flags: command.Loading | command.Stale | command.Fast | command.NoTx,
		Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns its argument.", Handler: echo,
	},
	{
		Name: "ping", Syntax: "[message]", Arity: -1, Flags: command.Fast | command.NoTx | command.Listener,
		Since: "1.0.0", Complexity: "O(1)",
		Tips:    []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		Summary: "Returns PONG, or its argument.", Handler: ping,
	},
	{
		Name: "select", Syntax: "index", Arity: 2,
		Flags: command.Loading | command.Stale | command.Fast | command.NoTx,
		Since: "1.0.0", Complexity: "O(1)",
		Summary: "Chooses the database of the connection.", Handler: selectDB,
	},
}
