package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"kvd/tests/blackbox"
)

// article is what the cache of the tests holds.
type article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Views int    `json:"view_count"`
}

// typedCache is a cache of JSON on the commands of kvd, as an application writes it.
type typedCache struct{ db *goredis.Client }

// lookup is the reply of CACHE.GET in RESP2 and RESP3.
func (c typedCache) lookup(ctx context.Context, args ...any) (status, value, token string, err error) {
	reply, err := c.db.Do(ctx, append([]any{"CACHE.GET"}, args...)...).Result()
	if err != nil {
		return "", "", "", err
	}
	fields := make([]any, 3)
	switch r := reply.(type) {
	case []any:
		copy(fields, r)
	case map[any]any:
		fields = []any{r["status"], r["value"], r["token"]}
	}
	for i, to := range []*string{&status, &value, &token} {
		*to, _ = fields[i].(string)
	}
	return status, value, token, nil
}

// set stores a value. Time is kept to the millisecond.
func (c typedCache) set(ctx context.Context, key string, v any, ttl time.Duration, options ...any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.db.Do(ctx, append([]any{"CACHE.SET", key, data, "PX", ttl.Milliseconds()}, options...)...).Err()
}

// getOrSet returns the value at a key; if there is none, one of all callers computes
// it and the others wait for that one.
func (c typedCache) getOrSet(ctx context.Context, key string, ttl time.Duration, compute func() (*article, error)) (*article, error) {
	for {
		status, value, token, err := c.lookup(ctx, key, "LEASE", 5000, "WAIT", 10_000)
		switch {
		case err != nil:
			return nil, err
		case status == "hit", status == "stale":
			a := new(article)
			return a, json.Unmarshal([]byte(value), a)
		case status == "negative":
			return nil, errors.New(value)
		case status == "wait":
			continue
		}
		a, err := compute()
		if err != nil {
			return nil, errors.Join(err, c.db.Do(ctx, "CACHE.NEG", key, "TOKEN", token, "PX", 1000, "REASON", err.Error()).Err())
		}
		return a, c.set(ctx, key, a, ttl, "TOKEN", token, "STALE", 60_000, "TAGS", 1, "articles")
	}
}

// forEachProtocol runs a test with a client of each protocol.
func forEachProtocol(t *testing.T, s *blackbox.Server, run func(*testing.T, context.Context, *goredis.Client)) {
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprint("RESP", protocol), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
			defer cancel()
			c := goredis.NewClient(&goredis.Options{Addr: s.Addr(), Protocol: protocol, PoolSize: 60})
			defer c.Close()
			if err := c.FlushAll(ctx).Err(); err != nil {
				t.Fatal(err)
			}
			run(t, ctx, c)
		})
	}
}

// TestPlainCache: what a cache of the application's own is replaced by.
func TestPlainCache(t *testing.T) {
	forEachProtocol(t, serve(t), func(t *testing.T, ctx context.Context, c *goredis.Client) {
		if err := c.Do(ctx, "SET", "k", "v", "EX", 0).Err(); err == nil || !strings.Contains(err.Error(), "invalid expire") {
			t.Errorf("a time to live of 0 is answered %v, and must not mean for ever", err)
		}
		c.Set(ctx, "half", "v", 500*time.Millisecond)
		if ttl := c.PTTL(ctx, "half").Val(); ttl <= 0 || ttl > 500*time.Millisecond {
			t.Errorf("half a second became %v", ttl)
		}
		for _, key := range []string{"a:1", "a:2", "a*", "b"} {
			c.Set(ctx, key, "", 0)
		}
		if got, err := c.Get(ctx, "a:1").Result(); got != "" || err != nil {
			t.Errorf("an empty value: %q, %v", got, err)
		}
		if _, err := c.Get(ctx, "none").Result(); !errors.Is(err, goredis.Nil) {
			t.Errorf("no value: %v", err)
		}
		keys := c.Keys(ctx, `a[:\*]*`).Val()
		slices.Sort(keys)
		if fmt.Sprint(keys) != "[a* a:1 a:2]" {
			t.Errorf("keys: %v", keys)
		}
		if n := c.Del(ctx, "a:1", "none").Val(); n != 1 {
			t.Errorf("%d keys were deleted", n)
		}
		if err := c.FlushDB(ctx).Err(); err != nil || c.DBSize(ctx).Val() != 0 {
			t.Errorf("after FLUSHDB: %v", err)
		}
	})
}

// TestTypedCache: values of types, computed once, invalidated together.
func TestTypedCache(t *testing.T) {
	forEachProtocol(t, serve(t), func(t *testing.T, ctx context.Context, c *goredis.Client) {
		cache := typedCache{c}
		if err := cache.set(ctx, "article:1", article{ID: "1", Title: "Caching"}, time.Hour); err != nil {
			t.Fatal(err)
		}
		if status, value, _, err := cache.lookup(ctx, "article:1"); status != "hit" || !strings.Contains(value, "Caching") {
			t.Errorf("%s, %s, %v", status, value, err)
		}
		if err := cache.set(ctx, "brief", 1, 500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if ttl := c.PTTL(ctx, "brief").Val(); ttl <= 0 || ttl > 500*time.Millisecond {
			t.Errorf("half a second became %v", ttl)
		}
		computeOnce(ctx, t, cache)
		if n := c.Do(ctx, "CACHE.INVALIDATE", "TAG", "articles").Val(); fmt.Sprint(n) != "1" {
			t.Errorf("%v articles were known", n)
		}
		if status, _, _, _ := cache.lookup(ctx, "article:2"); status != "miss" {
			t.Errorf("after the invalidation: %s", status)
		}
		lateFill(ctx, t, cache)
	})
}

// computeOnce has many want what is not there, and what does not exist at all.
func computeOnce(ctx context.Context, t *testing.T, cache typedCache) {
	t.Helper()
	for key, fails := range map[string]error{"article:2": nil, "article:404": errors.New("no such article")} {
		var computed atomic.Int64
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				a, err := cache.getOrSet(ctx, key, time.Minute, func() (*article, error) {
					computed.Add(1)
					return &article{ID: key, Title: "Fetched from DB"}, fails
				})
				switch {
				case fails == nil && (err != nil || a.Title != "Fetched from DB"):
					t.Errorf("%s: %v, %v", key, a, err)
				case fails != nil && (err == nil || !strings.Contains(err.Error(), fails.Error())):
					t.Errorf("%s: %v, want %v", key, err, fails)
				}
			})
		}
		all.Wait()
		if n := computed.Load(); n != 1 {
			t.Errorf("%s was computed %d times", key, n)
		}
	}
}

// lateFill: what was computed before an invalidation does not come after it.
func lateFill(ctx context.Context, t *testing.T, cache typedCache) {
	t.Helper()
	for _, by := range [][]any{{"PATTERN", "article:*"}, {"PREFIX", "article:"}, {"TAG", "articles"}, {"KEY", "article:3"}} {
		_, _, token, err := cache.lookup(ctx, "article:3", "LEASE", 5000)
		if err != nil || token == "" {
			t.Fatalf("no lease: %v", err)
		}
		if err := cache.db.Do(ctx, append([]any{"CACHE.INVALIDATE"}, by...)...).Err(); err != nil {
			t.Fatal(err)
		}
		err = cache.set(ctx, "article:3", "old", time.Minute, "TOKEN", token, "TAGS", 1, "articles")
		if err == nil || !strings.HasPrefix(err.Error(), "LEASELOST") {
			t.Errorf("a fill from before %v is answered %v", by, err)
		}
		cache.db.Del(ctx, "article:3")
	}
}

// TestCacheExample: the example of the documentation, in redis-cli.
func TestCacheExample(t *testing.T) {
	cli := need(t, "redis-cli")
	s := serve(t)
	port := []string{"--no-raw", "-p", strconv.Itoa(s.Port)}
	run := func(args ...string) string {
		return blackbox.Tool(t, toolWithin, nil, cli, append(port[:3:3], args...)...).Output
	}
	reply := run("CACHE.GET", "article:2", "LEASE", "5000")
	lines := strings.Split(strings.TrimSpace(reply), "\n")
	if len(lines) != 4 || lines[0] != `1) "lease"` || lines[1] != "2) (nil)" || lines[3] != "4) (integer) 5000" {
		t.Fatalf("a miss:\n%s", reply)
	}
	token := strings.Trim(strings.TrimPrefix(lines[2], "3) "), `"`)
	set := []string{
		"CACHE.SET", "article:2", `{"id":"2","title":"Fetched from DB"}`, "TOKEN", token, "EX", "1800", "STALE", "60000", "TAGS", "1", "articles",
	}
	if got := run(set...); got != "OK\n" {
		t.Errorf("the fill: %s", got)
	}
	if got := run("CACHE.INVALIDATE", "TAG", "articles"); got != "(integer) 1\n" {
		t.Errorf("the invalidation: %s", got)
	}
}

// TestStampede: of a thousand clients that miss one key at once, one is told to
// compute, and all have what it has computed.
func TestStampede(t *testing.T) {
	s := serve(t, "--io-loops", "2")
	const clients = 1000
	var leases, hits atomic.Int64
	var all sync.WaitGroup
	for range clients {
		c := s.Client(t)
		all.Go(func() {
			v, err := c.Do("CACHE.GET", "hot", "LEASE", "60000", "WAIT", "60000")
			switch {
			case err != nil:
				t.Error(err)
			case strings.HasPrefix(v.String(), `["lease"`):
				leases.Add(1)
				token := strings.Split(v.String(), `"`)[3]
				if v, err := c.Do("CACHE.SET", "hot", "value", "TOKEN", token); err != nil || v.String() != "OK" {
					t.Errorf("the fill: %v, %v", v, err)
				}
			case strings.HasPrefix(v.String(), `["hit", "value"`):
				hits.Add(1)
			default:
				t.Errorf("a client has %s", v)
			}
		})
	}
	all.Wait()
	if leases.Load() != 1 || hits.Load() != clients-1 {
		t.Errorf("%d leases and %d hits", leases.Load(), hits.Load())
	}
}

// TestPythonCache: the same cache, written in Python.
func TestPythonCache(t *testing.T) {
	const python = "/usr/bin/python3"
	need(t, python)
	if r := blackbox.Tool(t, scriptWithin, nil, python, "-c", "import redis"); r.Code != 0 {
		blackbox.Missing(t, "redis-py for "+python)
	}
	succeeds(t, blackbox.Tool(t, scriptWithin, nil, python, "python/cache.py", strconv.Itoa(serve(t).Port)))
}
