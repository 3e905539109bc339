package config

import "math"

const reasonReplication = "kvd has no replicas."

var replicationParams = noEffect(SectionReplication, reasonReplication,
	Param{
		Name: "replicaof", Aliases: []string{"slaveof"}, Default: "", Change: Fixed,
		Doc: "The server to follow; only `no one` is accepted.", set: keptWords{noReplica, "no one"},
	},
	inert("replica-serve-stale-data", "yes", AnyTime, yesNo, "Whether a replica without its primary answers.").or("slave-serve-stale-data"),
	inert("replica-read-only", "yes", AnyTime, yesNo, "Whether a replica refuses writes.").or("slave-read-only"),
	inert("replica-lazy-flush", "no", AnyTime, yesNo, "Whether old data goes in the background at a full sync.").or("slave-lazy-flush"),
	inert("replica-ignore-maxmemory", "yes", AnyTime, yesNo, "Whether a replica leaves eviction to its primary.").or("slave-ignore-maxmemory"),
	inert("replica-priority", "100", AnyTime, integer(0, math.MaxInt32), "Rank at a failover.").or("slave-priority"),
	inert("replica-announce-ip", "", AnyTime, text, "Address a replica gives for itself.").or("slave-announce-ip"),
	inert("replica-announce-port", "0", AnyTime, integer(0, 65535), "Port a replica gives for itself.").or("slave-announce-port"),
	inert("replica-announced", "yes", AnyTime, yesNo, "Whether sentinels tell of a replica."),
	inert("min-replicas-to-write", "0", AnyTime, integer(0, 0), "Replicas without which writes are refused; only 0 is accepted.").or("min-slaves-to-write"),
	inert("min-replicas-max-lag", "10", AnyTime, integer(0, math.MaxInt32), "Seconds of silence after which one does not count.").or("min-slaves-max-lag"),
	inert("repl-ping-replica-period", "10", AnyTime, integer(1, math.MaxInt32), "Seconds between signs of life.").or("repl-ping-slave-period"),
	inert("repl-timeout", "60", AnyTime, integer(1, math.MaxInt32), "Seconds of silence that end a link."),
	inert("repl-backlog-size", "1048576", AnyTime, size(1, math.MaxInt64), "Bytes kept for a replica that comes back."),
	inert("repl-backlog-ttl", "3600", AnyTime, integer(0, math.MaxInt64), "Seconds for which they are."),
	inert("repl-disable-tcp-nodelay", "no", AnyTime, yesNo, "Whether links collect small packets."),
	inert("repl-diskless-sync", "yes", AnyTime, yesNo, "Whether a full sync avoids the disk."),
	inert("repl-diskless-sync-delay", "5", AnyTime, integer(0, math.MaxInt32), "Seconds to wait for more replicas."),
	inert("repl-diskless-sync-max-replicas", "0", AnyTime, integer(0, math.MaxInt32), "Replicas at which waiting ends."),
	inert("repl-diskless-load", "disabled", AnyTime, enum("disabled", "on-empty-db", "swapdb"), "Whether a replica loads from the link."),
	inert("propagation-error-behavior", "ignore", AnyTime, enum("ignore", "panic", "panic-on-replicas"), "What a replica does with a command that fails."),
)

const reasonCluster = "kvd is not a cluster node."

var clusterParams = noEffect(SectionCluster, reasonCluster,
	inert("cluster-enabled", "no", Fixed, only(false, "kvd has no cluster mode; only 'no' is accepted"), "Whether the server is a cluster node; only `no` is accepted."),
	inert("cluster-config-file", "nodes.conf", Fixed, text, "File of what is known of the nodes."),
	inert("cluster-node-timeout", "15000", AnyTime, integer(0, math.MaxInt64), "Milliseconds after which a silent node is in doubt."),
	inert("cluster-port", "0", Fixed, integer(0, 65535), "Port between nodes."),
	inert("cluster-replica-validity-factor", "10", AnyTime, integer(0, math.MaxInt32), "How old data may be at a failover.").or("cluster-slave-validity-factor"),
	inert("cluster-replica-no-failover", "no", AnyTime, yesNo, "Whether this replica never takes over.").or("cluster-slave-no-failover"),
	inert("cluster-allow-replica-migration", "yes", AnyTime, yesNo, "Whether replicas move to nodes without one."),
	inert("cluster-migration-barrier", "1", AnyTime, integer(0, math.MaxInt32), "Replicas that stay behind."),
	inert("cluster-require-full-coverage", "yes", AnyTime, yesNo, "Whether a missing slot stops everything."),
	inert("cluster-allow-reads-when-down", "no", AnyTime, yesNo, "Whether reads go on then."),
	inert("cluster-allow-pubsubshard-when-down", "yes", AnyTime, yesNo, "Whether sharded channels go on then."),
	inert("cluster-link-sendbuf-limit", "0", AnyTime, size(0, math.MaxInt64), "Bytes that may wait for a node."),
	inert("cluster-announce-ip", "", AnyTime, text, "Address a node gives for itself."),
	inert("cluster-announce-port", "0", AnyTime, integer(0, 65535), "Port a node gives for itself."),
	inert("cluster-announce-bus-port", "0", AnyTime, integer(0, 65535), "Port between nodes it gives."),
	inert("cluster-announce-tls-port", "0", AnyTime, integer(0, 65535), "TLS port it gives."),
	inert("cluster-announce-hostname", "", AnyTime, text, "Host name it gives."),
	inert("cluster-announce-human-nodename", "", AnyTime, text, "Name it has in logs."),
	inert("cluster-preferred-endpoint-type", "ip", AnyTime, enum("ip", "hostname", "unknown-endpoint"), "Which of them clients get."),
)
