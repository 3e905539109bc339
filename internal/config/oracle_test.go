package config

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"kvd/internal/oracle"
)

// realServer starts a redis-server and connects to it.
func realServer(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: oracle.Start(t)})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// ownDefaults are the options whose default differs, on purpose or because the
// test starts its server with another value.
var ownDefaults = []string{
	"bind", "port", "unixsocket", "dir", "save", "appendonly", "maxmemory-clients", "client-output-buffer-limit",
}

// TestNamesAndDefaultsAgainstRedis checks that every option of a real server is
// known, and has the same default.
func TestNamesAndDefaultsAgainstRedis(t *testing.T) {
	theirs, err := realServer(t).ConfigGet(context.Background(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	live := NewLive(Default())
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		got := live.Match([]string{name})
		if len(got) != 1 || got[0][0] != name {
			t.Errorf("%s is not known", name)
			continue
		}
		if got[0][1] != theirs[name] && !slices.Contains(ownDefaults, name) {
			t.Errorf("%s is %q, with Redis %q", name, got[0][1], theirs[name])
		}
	}
}

// TestSetAgainstRedis gives the same values to both and compares the replies
// and what CONFIG GET says afterwards.
func TestSetAgainstRedis(t *testing.T) {
	client, ctx := realServer(t), context.Background()
	live := NewLive(Default())
	for _, tc := range [][2]string{
		{"nosuch", "1"},
		{"databases", "1"},
		{"dir", "/"},
		{"dbfilename", "x"},
		{"cluster-enabled", "yes"},
		{"replicaof", "h 1"},
		{"aclfile", "x"},
		{"appendfsync", "x"},
		{"appendfsync", "ALWAYS"},
		{"protected-mode", "maybe"},
		{"protected-mode", "No"},
		{"maxmemory", "x"},
		{"maxmemory", "-1"},
		{"maxmemory", "1.5gb"},
		{"maxmemory", "1 kb"},
		{"maxmemory", "1Kb"},
		{"maxmemory", "0"},
		{"timeout", "x"},
		{"timeout", ""},
		{"timeout", "-1"},
		{"timeout", "01"},
		{"timeout", "+1"},
		{"timeout", "0x10"},
		{"timeout", "99999999999"},
		{"timeout", "12"},
		{"maxclients", "0"},
		{"hz", "0"},
		{"hz", "1000"},
		{"hz", "-1"},
		{"maxmemory-clients", "x"},
		{"maxmemory-clients", "x%"},
		{"maxmemory-clients", "101%"},
		{"maxmemory-clients", "5%"},
		{"maxmemory-clients", "1k"},
		{"maxmemory-clients", "0%"},
		{"save", "x"},
		{"save", "1"},
		{"save", "0 5"},
		{"save", "10 5"},
		{"save", ""},
		{"save", "3600 1 300 100"},
		{"client-output-buffer-limit", "x"},
		{"client-output-buffer-limit", "foo 1 2 3"},
		{"client-output-buffer-limit", "normal x 2 3"},
		{"client-output-buffer-limit", "normal 1kb 2 3 slave 1 2 3 pubsub 4 5 6"},
		{"client-output-buffer-limit", "replica 7 8 9"},
		{"notify-keyspace-events", "Q"},
		{"notify-keyspace-events", "KEA"},
		{"notify-keyspace-events", "mngK"},
		{"notify-keyspace-events", "tdE$"},
		{"notify-keyspace-events", "g$lshzxetdmKE"},
		{"notify-keyspace-events", ""},
		{"latency-tracking-info-percentiles", "101"},
		{"latency-tracking-info-percentiles", "x"},
		{"latency-tracking-info-percentiles", "50 99.5 100"},
		{"latency-tracking-info-percentiles", ""},
		{"client-query-buffer-limit", "1"},
		{"proto-max-bulk-len", "1"},
		{"proto-max-bulk-len", "x"},
		{"hash-max-listpack-entries", "-1"},
		{"hash-max-ziplist-entries", "7"},
		{"tracking-table-max-keys", "-1"},
		{"lfu-decay-time", "-1"},
		{"acllog-max-len", "1k"},
		{"repl-diskless-load", "x"},
		{"repl-backlog-size", "0"},
		{"active-defrag-cycle-min", "0"},
		{"shutdown-on-sigterm", "x"},
		{"shutdown-on-sigterm", "save now"},
		{"oom-score-adj", "x"},
		{"oom-score-adj-values", "1"},
		{"oom-score-adj-values", "1 2 3000"},
		{"acl-pubsub-default", "x"},
		{"stream-node-max-bytes", "1kb"},
		{"list-max-listpack-size", "1kb"},
		{"list-max-listpack-size", "-9"},
		{"slowlog-log-slower-than", "-1"},
		{"cluster-link-sendbuf-limit", "x"},
		{"replica-priority", "x"},
		{"tls-replication", "x"},
	} {
		theirs := client.ConfigSet(ctx, tc[0], tc[1]).Err()
		ours := live.Set([][2]string{tc}, Remote)
		if (ours == nil) != (theirs == nil) || ours != nil && ours.Error() != theirs.Error() {
			t.Errorf("CONFIG SET %s %q\n  ours: %v\nRedis: %v", tc[0], tc[1], ours, theirs)
			continue
		}
		value, err := client.ConfigGet(ctx, tc[0]).Result()
		if err != nil {
			t.Fatal(err)
		}
		if ours == nil && shown(live, tc[0]) != value[tc[0]] {
			t.Errorf("%s %q is %q, with Redis %q", tc[0], tc[1], shown(live, tc[0]), value[tc[0]])
		}
	}
}

// TestFixedAgainstRedis checks that the options that can't be set at run time
// are those of a real server, but for the ones that kvd documents.
func TestFixedAgainstRedis(t *testing.T) {
	client, ctx := realServer(t), context.Background()
	own := []string{
		"tls-cert-file", "tls-key-file", "tls-key-file-pass", "tls-ca-cert-file", "tls-ca-cert-dir", // protected here
	}
	live := NewLive(Default())
	for i := range params {
		p := &params[i]
		theirs, err := client.ConfigGet(ctx, p.Name).Result()
		if err != nil || p.fileOnly || len(theirs) == 0 || slices.Contains(own, p.Name) || p.Name == "bind" || p.Name == "port" {
			continue
		}
		wants := client.ConfigSet(ctx, p.Name, theirs[p.Name]).Err()
		got := live.Set([][2]string{{p.Name, p.public(live.Get())}}, Remote)
		if (got == nil) != (wants == nil) || got != nil && got.Error() != wants.Error() {
			t.Errorf("%s: %v, with Redis %v", p.Name, got, wants)
		}
	}
}
