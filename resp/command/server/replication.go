package server

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const (
	replicaFlags  = command.Admin | command.NoScript | command.Stale | command.NoAsyncLoading | command.NoTx
	replicaSyntax = "<(host port){host-port} | (NO ONE){no-one}>{args}"
	// syncFlags are those of the commands that answer with all data.
	syncFlags = command.Admin | command.NoScript | command.NoAsyncLoading | command.NoMulti |
		command.NoTx | command.Slow | command.AnswersByMessage
)

var replicationSpecs = []command.Spec{
	{
		Name: "psync", Syntax: "replicationid offset{integer} [extension ...]", Arity: -3, Flags: syncFlags, Since: "2.8.0",
		Complexity: "O(N) where N is the size of all data",
		Summary:    "Sends all data to another server.", Handler: psync,
	},
	{
		Name: "replconf", Syntax: "[option value [option value ...]]", Arity: -1,
		Flags: command.Admin | command.NoScript | command.Loading | command.Stale | command.AllowBusy | command.NoTx | command.SystemDoc,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Tells what a server that wants the data can do.", Handler: replconf,
	},
	{
		Name: "replicaof", Syntax: replicaSyntax, Arity: 3, Flags: replicaFlags | command.Slow, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Follows another server, or none.", Handler: replicaof,
	},
	{
		Name: "role", Arity: 1, Flags: command.NoScript | command.Loading | command.Stale | command.Fast | command.NoTx,
		Categories: command.CatAdmin | command.CatDangerous, Since: "2.8.12", Complexity: "O(1)",
		Summary: "Returns the part that the server has in replication.", Handler: role,
	},
	{
		Name: "slaveof", Syntax: replicaSyntax, Arity: 3, Flags: replicaFlags | command.Slow, Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Follows another server, or none.",
		Deprecated: &command.Deprecation{Since: "5.0.0", ReplacedBy: "`REPLICAOF`"}, Handler: replicaof,
	},
	{
		Name: "sync", Arity: 1, Flags: syncFlags, Since: "1.0.0", Complexity: "O(N) where N is the size of all data",
		Summary: "Sends all data, as `redis-cli --rdb` wants it.", Handler: syncAll,
	},
}

// Errors of REPLICAOF and its like.
var (
	errPrimaryPort   = rediserr.New("Invalid master port")
	errNoReplication = rediserr.New("kvd does not follow other servers here")
	errIsReplica     = rediserr.Coded("NOMASTERLINK", "Can't SYNC while not connected with my master")
)

const maxPort = 65535

// replicaof implements REPLICAOF and SLAVEOF. The server follows another one until
// it is told NO ONE: a way to move here, not to be one of several.
func replicaof(c *command.Ctx) error {
	r := c.Services.Replication
	if bytes.EqualFold(c.Args[1], []byte("no")) && bytes.EqualFold(c.Args[2], []byte("one")) {
		if r != nil {
			if err := r.Unfollow(); err != nil {
				return err
			}
		}
		c.Out.OK()
		return nil
	}
	port, err := c.Int(2)
	if err != nil || port < 0 || port > maxPort {
		return errPrimaryPort
	}
	if r == nil {
		return errNoReplication
	}
	began, err := r.Follow(string(c.Args[1]), int(port))
	switch {
	case err != nil:
		return err
	case began:
		c.Out.OK()
	default:
		c.Out.Status("OK Already connected to specified master")
	}
	return nil
}

func role(c *command.Ctx) error {
	if !c.Services.Following() {
		c.Out.Array(3)
		c.Out.Text("master")
		c.Out.Int(0)
		c.Out.Array(0)
		return nil
	}
	s := c.Services.Replication.Status()
	c.Out.Array(5)
	c.Out.Text("slave")
	c.Out.Text(s.Host)
	c.Out.Int(int64(s.Port))
	c.Out.Text(string(s.State))
	c.Out.Int(s.Offset)
	return nil
}

// replconf implements REPLCONF: what a client says of itself makes no difference,
// since each gets all data in one piece.
func replconf(c *command.Ctx) error {
	if len(c.Args)%2 == 0 {
		return rediserr.Syntax
	}
	for i := 1; i < len(c.Args); i += 2 {
		switch option := strings.ToLower(string(c.Args[i])); option {
		case "ip-address", "capa", "rdb-filter-only":
		case "listening-port", "rdb-only":
			if _, err := c.Int(i + 1); err != nil {
				return err
			}
		case "ack", "getack":
			// They have no answer.
			c.Out.OK()
			return nil
		default:
			return rediserr.Newf("Unrecognized REPLCONF option: %s", c.Args[i])
		}
	}
	c.Out.OK()
	return nil
}

// syncAll implements SYNC.
func syncAll(c *command.Ctx) error { return sendAll(c, "") }

// psync implements PSYNC: there is no history to go on from, so all data is sent.
func psync(c *command.Ctx) error {
	return sendAll(c, "+FULLRESYNC "+c.Services.About.RunID+" 0\r\n")
}

// sendAll answers with an RDB file, its length before it, and ends the connection:
// what is written afterwards is not sent.
func sendAll(c *command.Ctx, head string) error {
	r := c.Services.Replication
	switch {
	case r == nil:
		return errNoReplication
	case r.Following() && r.Status().State != command.LinkConnected:
		return errIsReplica
	}
	file, seq, err := r.Dump(context.Background())
	if err != nil {
		return err
	}
	c.Sess.Needs(seq)
	c.Sess.Closing = true
	c.Out.NoReply()
	c.Out.LargeMessage(head+"$"+strconv.Itoa(len(file.Bytes()))+"\r\n", file)
	return nil
}

// infoReplica writes what INFO says of a server that follows another one, and
// returns whose history it has and how far.
func infoReplica(i *info) (id string, offset int64) {
	s := i.c.Services.Replication.Status()
	link := "down"
	if s.State == command.LinkConnected {
		link = "up"
	}
	i.str("role", "slave")
	i.str("master_host", s.Host)
	i.num("master_port", int64(s.Port))
	i.str("master_link_status", link)
	i.num("master_last_io_seconds_ago", secondsSince(i.c.Now, s.LastIO))
	syncing := s.State == command.LinkSync
	i.flag("master_sync_in_progress", syncing)
	i.num("slave_read_repl_offset", max(0, s.Offset))
	i.num("slave_repl_offset", max(0, s.Offset))
	if syncing {
		left := max(0, s.SyncTotal-s.SyncBytes)
		i.num("master_sync_total_bytes", max(0, s.SyncTotal))
		i.num("master_sync_read_bytes", s.SyncBytes)
		i.num("master_sync_left_bytes", left)
		i.num("master_sync_last_io_seconds_ago", secondsSince(i.c.Now, s.LastIO))
	}
	if link == "down" {
		i.num("master_link_down_since_seconds", secondsSince(i.c.Now, s.DownSince))
		i.str("master_link_error", rediserr.OneLine(s.LastError))
	}
	i.num("slave_priority", 100)
	i.num("slave_read_only", 1)
	i.num("replica_announced", 1)
	if id = s.ReplID; id == "" {
		id = strings.Repeat("0", 40)
	}
	return id, max(0, s.Offset)
}

// secondsSince is how long ago something was; -1: never.
func secondsSince(now, then time.Time) int64 {
	if then.IsZero() {
		return -1
	}
	return max(0, int64(now.Sub(then)/time.Second))
}
