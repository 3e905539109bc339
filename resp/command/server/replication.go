package server

import (
	"bytes"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const (
	replicaFlags  = command.Admin | command.NoScript | command.Stale | command.NoAsyncLoading | command.NoTx
	replicaSyntax = "<(host port){host-port} | (NO ONE){no-one}>{args}"
)

var replicationSpecs = []command.Spec{
	{
		Name: "replicaof", Syntax: replicaSyntax, Arity: 3, Flags: replicaFlags, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Follows another server, or none.", Handler: replicaof,
	},
	{
		Name: "role", Arity: 1, Flags: command.NoScript | command.Loading | command.Stale | command.Fast | command.NoTx,
		Categories: command.CatAdmin | command.CatDangerous, Since: "2.8.12", Complexity: "O(1)",
		Summary: "Returns the part that the server has in replication.", Handler: role,
	},
	{
		Name: "slaveof", Syntax: replicaSyntax, Arity: 3, Flags: replicaFlags, Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Follows another server, or none.",
		Deprecated: &command.Deprecation{Since: "5.0.0", ReplacedBy: "`REPLICAOF`"}, Handler: replicaof,
	},
}

// Errors of REPLICAOF.
var (
	errPrimaryPort   = rediserr.New("Invalid master port")
	errNoReplication = rediserr.New("kvd does not follow other servers; only REPLICAOF NO ONE is possible")
)

// replicaof implements REPLICAOF and SLAVEOF: the server follows nobody.
func replicaof(c *command.Ctx) error {
	if bytes.EqualFold(c.Args[1], []byte("no")) && bytes.EqualFold(c.Args[2], []byte("one")) {
		c.Out.OK()
		return nil
	}
	if port, err := c.Int(2); err != nil || port < 0 || port > 65535 {
		return errPrimaryPort
	}
	return errNoReplication
}

func role(c *command.Ctx) error {
	c.Out.Array(3)
	c.Out.Text("master")
	c.Out.Int(0)
	c.Out.Array(0)
	return nil
}
