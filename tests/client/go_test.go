package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"kvd/tests/blackbox"
)

// ways are the addresses of a server by the name of the network.
func ways(s *blackbox.Server) map[string]*goredis.Options {
	return map[string]*goredis.Options{
		"tcp":  {Addr: s.Addr()},
		"unix": {Network: "unix", Addr: s.Socket},
		"tls":  {Addr: s.TLSAddr(), TLSConfig: s.TLSConfig()},
		"old":  {Addr: s.Addr(), Protocol: 2},
	}
}

func TestGoRedis(t *testing.T) {
	s := serve(t)
	for name, opts := range ways(s) {
		t.Run(name, func(t *testing.T) {
			c := goredis.NewClient(opts)
			defer c.Close()
			exerciseGoRedis(t, c)
			reconnectGoRedis(t, c, goredis.NewClient(opts))
		})
	}
}

func exerciseGoRedis(t *testing.T, c *goredis.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	binary := strings.Repeat("\x00\r\n\xff$5\r\n", 20_000)
	want := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %.100v, %v; want %.100v", what, got, err, want)
		}
	}
	if err := c.FlushDB(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	pong, err := c.Ping(ctx).Result()
	want("PING", pong, "PONG", err)
	want("SET", c.Set(ctx, "key", binary, time.Minute).Val(), "OK", nil)
	got, err := c.Get(ctx, "key").Result()
	want("GET", got == binary, true, err)
	ttl, err := c.PTTL(ctx, "key").Result()
	want("PTTL", ttl > 59*time.Second && ttl <= time.Minute, true, err)
	set, err := c.SetNX(ctx, "key", "v", 0).Result()
	want("SET NX", set, false, err)
	if err := c.Get(ctx, "none").Err(); err != goredis.Nil {
		t.Errorf("GET of nothing: %v", err)
	}
	n, err := c.IncrBy(ctx, "n", 41).Result()
	want("INCRBY", n, 41, err)
	f, err := c.IncrByFloat(ctx, "f", 1.5).Result()
	want("INCRBYFLOAT", f, 1.5, err)
	list, err := c.MGet(ctx, "n", "none", "f").Result()
	want("MGET", list, "[41 <nil> 1.5]", err)
	kind, err := c.Type(ctx, "key").Result()
	want("TYPE", kind, "string", err)

	pipe := c.Pipeline()
	for i := range 1000 {
		pipe.Set(ctx, fmt.Sprint("scan:", i), i, 0)
	}
	cmds, err := pipe.Exec(ctx)
	want("pipeline", len(cmds), 1000, err)
	found := map[string]bool{}
	for it := c.Scan(ctx, 0, "scan:*", 100).Iterator(); it.Next(ctx); {
		found[it.Val()] = true
	}
	want("SCAN", len(found), 1000, nil)
	if err := c.Do(ctx, "NOSUCH", "a").Err(); err == nil || !strings.HasPrefix(err.Error(), "ERR unknown command 'NOSUCH'") {
		t.Errorf("an unknown command: %v", err)
	}
	maxmemory, err := c.ConfigGet(ctx, "maxmemory").Result()
	want("CONFIG GET", maxmemory["maxmemory"], "0", err)
	info, err := c.ClientInfo(ctx).Result()
	want("CLIENT INFO", err == nil && strings.Contains(info.LibName, "go-redis"), true, err)
	commands, err := c.Command(ctx).Result()
	want("COMMAND", len(commands) > 50 && commands["get"] != nil && commands["get"].Arity == 2, true, err)
}

// reconnectGoRedis cuts all connections of c; it must go on by itself.
func reconnectGoRedis(t *testing.T, c, other *goredis.Client) {
	t.Helper()
	defer other.Close()
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	id, err := c.ClientID(ctx).Result()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := other.ClientKillByFilter(ctx, "ID", fmt.Sprint(id)).Result(); err != nil || n != 1 {
		t.Fatalf("CLIENT KILL: %d, %v", n, err)
	}
	if n, err := c.Get(ctx, "n").Int(); err != nil || n != 41 {
		t.Errorf("after CLIENT KILL: %d, %v", n, err)
	}
}

func TestRueidis(t *testing.T) {
	s := serve(t)
	for name, opt := range map[string]rueidis.ClientOption{
		"RESP3": {InitAddress: []string{s.Addr()}, DisableCache: true},
		"RESP2": {InitAddress: []string{s.Addr()}, DisableCache: true, AlwaysRESP2: true},
		"tls":   {InitAddress: []string{s.TLSAddr()}, DisableCache: true, TLSConfig: clone(s.TLSConfig())},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := rueidis.NewClient(opt)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			exerciseRueidis(t, c)
		})
	}
}

func clone(c *tls.Config) *tls.Config { return c.Clone() }

func exerciseRueidis(t *testing.T, c rueidis.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	b := c.B()
	binary := strings.Repeat("\x00\r\n\xff", 1000)
	var batch []rueidis.Completed
	for i := range 1000 {
		batch = append(batch, c.B().Set().Key(fmt.Sprint("r:", i)).Value(binary).ExSeconds(100).Build())
	}
	for i, r := range c.DoMulti(ctx, batch...) {
		if text, err := r.ToString(); err != nil || text != "OK" {
			t.Fatalf("SET %d: %q, %v", i, text, err)
		}
	}
	if text, err := c.Do(ctx, b.Get().Key("r:7").Build()).ToString(); err != nil || text != binary {
		t.Errorf("GET: %d bytes, %v", len(text), err)
	}
	if err := c.Do(ctx, b.Get().Key("r:none").Build()).Error(); !rueidis.IsRedisNil(err) {
		t.Errorf("GET of nothing: %v", err)
	}
	found, cursor := map[string]bool{}, uint64(0)
	for {
		entry, err := c.Do(ctx, c.B().Scan().Cursor(cursor).Match("r:*").Count(100).Build()).AsScanEntry()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range entry.Elements {
			found[key] = true
		}
		if cursor = entry.Cursor; cursor == 0 {
			break
		}
	}
	if len(found) != 1000 {
		t.Errorf("SCAN found %d keys", len(found))
	}
	ttl, err := c.Do(ctx, b.Ttl().Key("r:7").Build()).AsInt64()
	if err != nil || ttl < 90 || ttl > 100 {
		t.Errorf("TTL: %d, %v", ttl, err)
	}
	id, err := c.Do(ctx, b.ClientId().Build()).AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	// It kills the connection that it asks by.
	_ = c.Do(ctx, b.ClientKill().Id(id).SkipmeNo().Build()).Error()
	blackbox.Eventually(t, blackbox.Patience, "rueidis has connected again", func() bool {
		text, err := c.Do(ctx, c.B().Get().Key("r:7").Build()).ToString()
		return err == nil && text == binary
	})
}
