package app

import (
	"kvd/resp/command"
	"kvd/resp/command/acl"
	"kvd/resp/command/bitmap"
	"kvd/resp/command/cache"
	"kvd/resp/command/cluster"
	"kvd/resp/command/conn"
	"kvd/resp/command/doc"
	"kvd/resp/command/geo"
	"kvd/resp/command/hash"
	"kvd/resp/command/history"
	"kvd/resp/command/hll"
	"kvd/resp/command/json"
	"kvd/resp/command/keys"
	"kvd/resp/command/list"
	"kvd/resp/command/migration"
	"kvd/resp/command/multi"
	"kvd/resp/command/pubsub"
	"kvd/resp/command/schema"
	"kvd/resp/command/script"
	"kvd/resp/command/server"
	"kvd/resp/command/set"
	"kvd/resp/command/snap"
	"kvd/resp/command/str"
	"kvd/resp/command/stream"
	"kvd/resp/command/zset"
)

// Families are all commands of kvd.
func Families() []command.Family {
	return []command.Family{
		conn.Family,
		server.Family,
		acl.Family,
		cluster.Family,
		keys.Family,
		multi.Family,
		pubsub.Family,
		str.Family,
		hash.Family,
		bitmap.Family,
		hll.Family,
		list.Family,
		set.Family,
		zset.Family,
		stream.Family,
		geo.Family,
		cache.Family,
		json.Family,
		schema.Family,
		doc.Family,
		snap.Family,
		history.Family,
		migration.Family,
		script.Family,
	}
}
