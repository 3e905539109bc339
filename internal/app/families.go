package app

import (
	"kvd/resp/command"
	"kvd/resp/command/cluster"
	"kvd/resp/command/conn"
	"kvd/resp/command/keys"
	"kvd/resp/command/multi"
	"kvd/resp/command/server"
	"kvd/resp/command/str"
)

// Families are all commands of kvd.
func Families() []command.Family {
	return []command.Family{
		conn.Family,
		server.Family,
		cluster.Family,
		keys.Family,
		multi.Family,
		str.Family,
	}
}
