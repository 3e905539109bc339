package keys_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"kvd/internal/oracle"
	"kvd/internal/testkit"
)

// peer is a server that values are exchanged with.
type peer struct {
	t      *testing.T
	client *redis.Client
}

func newPeer(t *testing.T, network, addr string) peer {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: network, Addr: addr, Protocol: 2})
	t.Cleanup(func() { _ = client.Close() })
	return peer{t, client}
}

func (p peer) do(args ...any) any {
	p.t.Helper()
	reply, err := p.client.Do(p.t.Context(), args...).Result()
	if err != nil {
		p.t.Fatalf("%v for %.60v", err, args)
	}
	return reply
}

// look is all that shows of a key. The order of sets and hashes does not count.
func (p peer) look(key string) any {
	p.t.Helper()
	list := func(args ...any) []any {
		p.t.Helper()
		items, _ := p.do(args...).([]any)
		return items
	}
	switch kind := p.do("type", key); kind {
	case "string":
		return p.do("get", key)
	case "list":
		return list("lrange", key, 0, -1)
	case "zset":
		return list("zrange", key, 0, -1, "withscores")
	case "set":
		members := map[any]bool{}
		for _, m := range list("smembers", key) {
			members[m] = true
		}
		return members
	case "hash":
		fields, items := map[any]any{}, list("hgetall", key)
		for i := 0; i < len(items); i += 2 {
			fields[items[i]] = items[i+1]
		}
		return fields
	case "stream":
		return p.lookAtStream(list("xinfo", "stream", key, "full", "count", 0))
	default:
		p.t.Fatalf("%s is %v", key, kind)
		return nil
	}
}

// lookAtStream leaves out how the entries are divided.
func (p peer) lookAtStream(info []any) (left []any) {
	for i := 0; i+1 < len(info); i += 2 {
		if name := info[i]; name != "radix-tree-keys" && name != "radix-tree-nodes" {
			left = append(left, name, info[i+1])
		}
	}
	return left
}

// filling is the keys of a test: those that are in both servers, and streams.
func filling() (lines, streams [][]any) {
	rng := rand.New(rand.NewPCG(4, 5))
	text := func(n int) string {
		return strings.Repeat(fmt.Sprintf("%c%c", 'a'+rng.IntN(26), 'a'+rng.IntN(26)), n/2+1)[:n]
	}
	add := func(args ...any) { lines = append(lines, args) }
	for i, s := range []string{"", "1", "-5000000000", "a", text(44), text(45), text(50_000), "\x00\r\n\xff"} {
		add("set", fmt.Sprint("s", i), s)
	}
	for i, n := range []int{1, 40, 128, 129, 512, 513, 4000} {
		for j := range n {
			add("rpush", fmt.Sprint("list", i), text(j%50), j-20)
			add("sadd", fmt.Sprint("ints", i), (j-n/2)*(1<<(8*i)))
			add("sadd", fmt.Sprint("set", i), text(1+j%20), j)
			add("zadd", fmt.Sprint("zset", i), float64(j-20)/4, fmt.Sprint("member", j))
			add("hset", fmt.Sprint("hash", i), fmt.Sprint("field", j), text(j%64))
			streams = append(streams, []any{"xadd", fmt.Sprint("stream", i), fmt.Sprint(j+1, "-", j%3), "n", j, "text", text(j % 60)})
		}
	}
	add("rpush", "large", text(9000), "small", text(40_000))
	add("hset", "wide", "f", text(65))
	add("zadd", "scores", "-inf", "a", "inf", "b", "1e20", "c", "-0.25", "d", "3.5e17", "e", "1e-300", "f", 0, "g")
	add("sadd", "was", "a", 1)
	add("srem", "was", "a")
	streams = append(streams, [][]any{
		{"xgroup", "create", "stream3", "g1", 0},
		{"xgroup", "create", "stream3", "g2", "50-2"},
		{"xgroup", "create", "empty", "g", "$", "mkstream"},
		{"xreadgroup", "group", "g1", "alice", "count", 30, "streams", "stream3", ">"},
		{"xreadgroup", "group", "g1", "bob", "count", 7, "streams", "stream3", ">"},
		{"xgroup", "createconsumer", "stream3", "g1", "idle"},
		{"xack", "stream3", "g1", "5-1"},
		{"xdel", "stream3", "1-0", "9-2", "12-2"},
	}...)
	return lines, streams
}

// TestExchange moves values between kvd and redis-server, both ways and back.
func TestExchange(t *testing.T) {
	server := testkit.Start(t, testkit.Config{Persist: true})
	ours, theirs := newPeer(t, "tcp", server.Addr()), newPeer(t, "unix", oracle.Start(t))
	lines, streams := filling()
	for _, line := range lines {
		ours.do(line...)
	}
	for _, line := range append(lines, streams...) {
		theirs.do(line...)
	}
	keys, err := theirs.client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	for _, key := range keys {
		same := func(what string, got, want any) {
			t.Helper()
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s\n%.200v, want\n%.200v", key, what, got, want)
			}
		}
		want, payload := theirs.look(key), theirs.do("dump", key)
		theirs.do("restore", "again", 0, payload, "replace")
		encoding := theirs.do("object", "encoding", "again") // a set that has shrunk may have another one than key
		ours.do("restore", "in:"+key, 0, payload)
		same("encoding here", ours.do("object", "encoding", "in:"+key), encoding)
		theirs.do("restore", "back", 0, ours.do("dump", "in:"+key), "replace")
		same("after here and back", theirs.look("back"), want)
		same("encoding back there", theirs.do("object", "encoding", "back"), encoding)
		if theirs.do("type", key) == "stream" {
			continue
		}
		same("restored here", ours.look("in:"+key), want)
		theirs.do("restore", "out", 0, ours.do("dump", key), "replace")
		same("restored there", theirs.look("out"), want)
		if kind := theirs.do("type", key); kind == "string" || kind == "list" || kind == "zset" {
			same("bytes", ours.do("dump", key), theirs.do("dump", key))
		}
	}
	survives(t, server, ours, keys)
}

// survives: what RESTORE made is there after a restart.
func survives(t *testing.T, server *testkit.Server, ours peer, keys []string) {
	t.Helper()
	digest := ours.do("debug", "digest")
	dumps := map[string]any{}
	for _, key := range keys {
		if ours.do("type", "in:"+key) == "stream" {
			dumps[key] = ours.do("dump", "in:"+key)
		}
	}
	server.Restart()
	again := newPeer(t, "tcp", server.Addr())
	if got := again.do("debug", "digest"); got != digest {
		t.Errorf("after a restart the digest is %v, was %v", got, digest)
	}
	for key := range maps.Keys(dumps) {
		if got := again.do("dump", "in:"+key); got != dumps[key] {
			t.Errorf("after a restart %s is\n%.200q, was\n%.200q", key, got, dumps[key])
		}
	}
}

// TestFieldTTL: fields keep their expiry, and those whose time has passed do not
// come.
func TestFieldTTL(t *testing.T) {
	ours := newPeer(t, "tcp", testkit.Start(t, testkit.Config{}).Addr())
	ours.do("hset", "h", "stays", 1, "goes", 2, "late", 3)
	ours.do("hpexpireat", "h", 4_000_000_000_000, "fields", 1, "goes")
	ours.do("hpexpireat", "h", 4_000_000_000_500, "fields", 1, "late")
	payload := ours.do("dump", "h")
	ours.do("restore", "copy", 0, payload)
	want := []any{int64(-1), int64(4_000_000_000_000), int64(4_000_000_000_500)}
	if got := ours.do("hpexpiretime", "copy", "fields", 3, "stays", "goes", "late"); !reflect.DeepEqual(got, want) {
		t.Errorf("the fields expire at %v, want %v", got, want)
	}
	if got, want := ours.look("copy"), ours.look("h"); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
