package config

import (
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	c := Default()
	for _, tc := range []struct{ name, got, want any }{
		{"port", c.Port, 6379},
		{"bind", c.Bind, []string{"127.0.0.1", "-::1"}},
		{"appendonly", c.AppendOnly, true},
		{"appendfsync", c.AppendFsync, FsyncEverySec},
		{"auth-timeout", c.AuthTimeout, 10 * time.Second},
		{"proto-max-bulk-len", c.ProtoMaxBulkLen, int64(512 << 20)},
		{"output of normal clients", c.ClientOutputBufferLimit.Normal, BufferLimit{256 << 20, 64 << 20, time.Minute}},
		{"output of subscribers", c.ClientOutputBufferLimit.PubSub, BufferLimit{32 << 20, 8 << 20, time.Minute}},
		{"maxmemory-clients", c.MaxMemoryClients.Of(1000), int64(100)},
		{"slowlog-log-slower-than", c.SlowlogLogSlowerThan, 10 * time.Millisecond},
		{"shards", c.Shards, 64},
		{"save", len(c.Save), 3},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s is %v, want %v", tc.name, tc.got, tc.want)
		}
	}
	if err := c.check(); err != nil {
		t.Error(err)
	}
	if c.Loops() < 1 {
		t.Error("no event loop")
	}
}

// TestRows checks the table: names once, a sentence each, and a default that
// survives being shown and read again.
func TestRows(t *testing.T) {
	seen := map[string]bool{}
	c := Default()
	for i := range params {
		p := &params[i]
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			if got := lookup(strings.ToUpper(name)); got != p {
				t.Errorf("%s is not found without case", name)
			}
		}
		if !strings.HasSuffix(p.Doc, ".") || p.Section == "" || p.Allowed() == "" || p.NoEffect != "" && !strings.HasSuffix(p.NoEffect, ".") {
			t.Errorf("%s: incomplete row %+v", p.Name, p)
		}
		if p.fileOnly {
			continue
		}
		again := Default()
		if err := p.clear(again); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		for _, words := range p.set.lines(c, p.Name) {
			if err := p.assign(again, words); err != nil {
				t.Errorf("%s: its own line %q: %v", p.Name, words, err)
			}
		}
		if got, want := p.set.show(again, p.Name), p.set.show(c, p.Name); got != want {
			t.Errorf("%s: %q became %q", p.Name, want, got)
		}
	}
}

// valueCases are values and how they are shown; an error if want begins with "!".
var valueCases = []struct{ option, value, want string }{
	{"maxmemory", "100mb", "104857600"},
	{"maxmemory", "1K", "1000"},
	{"maxmemory", "2GB", "2147483648"},
	{"maxmemory", "5b", "5"},
	{"maxmemory", "9223372036854775807", "9223372036854775807"},
	{"maxmemory", "9223372036854775808", "!must be a memory value"},
	{"maxmemory", "99999999999gb", "!must be a memory value"},
	{"maxmemory", "-1", "!must be a memory value"},
	{"maxmemory", "kb", "!must be a memory value"},
	{"maxmemory-clients", "5%", "5%"},
	{"maxmemory-clients", "1mb", "1048576"},
	{"maxmemory-clients", "101%", "!less or equal to 100"},
	{"timeout", "01", "!couldn't be parsed into an integer"},
	{"timeout", "99999999999999999999", "!between 0 and 2147483647"},
	{"hz", "1000", "500"},
	{"hz", "0", "1"},
	{"shards", "100", "!power of two"},
	{"shards", "512", "!between 1 and 256"},
	{"unixsocketperm", "770", "770"},
	{"unixsocketperm", "1000", "!between 0 and 777"},
	{"unixsocketperm", "8", "!octal"},
	{"appendfsync", "ALWAYS", "always"},
	{"maxmemory-policy", "unload-lru", "unload-lru"},
	{"tls-protocols", "TLSv1.2 tlsv1.3", "TLSv1.2 TLSv1.3"},
	{"tls-protocols", "TLSv1.1", "!TLSv1.2, TLSv1.3"},
	{"bind", "", ""},
	{"bind", strings.Repeat("h ", 17), "!16"},
	{"save", "", ""},
	{"save", "60 5", "60 5"},
	{"save", "0 5", "!Invalid save"},
	{"client-output-buffer-limit", "replica 1k 1mb 5", "normal 268435456 67108864 60 slave 1000 1048576 5 pubsub 33554432 8388608 60"},
	{"notify-keyspace-events", "KEA", "AKE"},
	{"notify-keyspace-events", "mngK", "gnKm"},
	{"notify-keyspace-events", "KEg$lshzxetdmn", "AnKEm"},
	{"latency-tracking-info-percentiles", "50 99.95", "50 99.95"},
	{"latency-tracking-info-percentiles", "NaN", "!between"},
	{"latency-tracking-info-percentiles", "", ""},
	{"dbfilename", "../x", "!not a path"},
	{"dir", "/data", "/data"},
	{"dir", "", "!path"},
	{"oom-score-adj-values", "1 2 3", "1 2 3"},
	{"oom-score-adj-values", "1 2", "!number of arguments"},
	{"shutdown-on-sigterm", "save now", "save now"},
	{"cluster-enabled", "yes", "!no cluster mode"},
	{"replicaof", "no one", "no one"},
	{"replicaof", "host 6379", "!does not replicate"},
	{"loadmodule", "x.so", "!modules"},
	{"slowlog-log-slower-than", "-1", "-1"},
	{"list-max-listpack-size", "-5", "-5"},
}

func TestValues(t *testing.T) {
	for _, tc := range valueCases {
		c, p := Default(), lookup(tc.option)
		if err := p.clear(c); err != nil {
			t.Fatal(err)
		}
		err := p.assign(c, []string{tc.value})
		if part, fails := strings.CutPrefix(tc.want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s %q: error %v, want one with %q", tc.option, tc.value, err, part)
			}
			continue
		}
		if got := p.set.show(c, p.Name); err != nil || got != tc.want {
			t.Errorf("%s %q: %q, %v, want %q", tc.option, tc.value, got, err, tc.want)
		}
	}
}

func TestErrorsDoNotShowSecrets(t *testing.T) {
	err := lookup("requirepass").assign(Default(), []string{"pass", "word"})
	if invalid := (*ValueError)(nil); !errors.As(err, &invalid) || strings.Contains(err.Error(), "word") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for _, args := range []string{
		"--port 0", "--bind= ", "--tls-port 6379 --tls-cert-file c --tls-key-file k", "--tls-port 1", "--journal-max-size 2mb",
	} {
		if c, err := Load(strings.Fields(args)); err == nil {
			t.Errorf("%s is accepted: %+v", args, c)
		}
	}
	c, err := Load(strings.Fields("--port 0 --unixsocket /tmp/s --unixsocketperm 700"))
	if err != nil || c.UnixSocketPerm != fs.FileMode(0o700) {
		t.Error(c, err)
	}
}

func TestAccess(t *testing.T) {
	for _, tc := range []struct {
		access        Access
		remote, local bool
	}{{AccessNone, false, false}, {AccessAll, true, true}, {AccessLocal, false, true}} {
		if tc.access.Allows(Remote) != tc.remote || tc.access.Allows(Local) != tc.local {
			t.Errorf("%s allows something else", tc.access)
		}
	}
}
