package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"kvd/tests/blackbox"
)

// What the client libraries have for JSON documents, as it is.

func TestGoRedisJSON(t *testing.T) {
	s := serve(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprint("RESP", protocol), func(t *testing.T) {
			c := goredis.NewClient(&goredis.Options{Addr: s.Addr(), Protocol: protocol})
			defer c.Close()
			ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
			defer cancel()
			if err := c.FlushDB(ctx).Err(); err != nil {
				t.Fatal(err)
			}
			documentsGoRedis(ctx, t, c)
			valuesGoRedis(ctx, t, c)
		})
	}
}

// expect compares what a client made of a reply.
func expect(t *testing.T, what string, got any, err error, want any) {
	t.Helper()
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, %v; want %v", what, got, err, want)
	}
}

func documentsGoRedis(ctx context.Context, t *testing.T, c *goredis.Client) {
	t.Helper()
	doc := map[string]any{"name": "x", "n": 1, "f": 1.5, "list": []int{1, 2, 3}, "on": true, "in": map[string]any{"n": 5}}
	ok, err := c.JSONSet(ctx, "d", "$", doc).Result()
	expect(t, "JSON.SET", ok, err, "OK")
	text, err := c.JSONGet(ctx, "d", "$.list").Result()
	expect(t, "JSON.GET", text, err, "[[1,2,3]]")
	text, err = c.JSONGet(ctx, "d", "$.name", "$.n").Result()
	expect(t, "JSON.GET of two", text, err, `{"$.name":["x"],"$.n":[1]}`)
	text, err = c.JSONGetWithArgs(ctx, "d", &goredis.JSONGetArgs{Indent: " ", Newline: "\n", Space: " "}, "in").Result()
	expect(t, "JSON.GET with a layout", text, err, "{\n \"n\": 5\n}")
	text, err = c.JSONGet(ctx, "d", "$.none").Result()
	expect(t, "JSON.GET of nothing", text, err, "[]")
	if _, err := c.JSONGet(ctx, "none").Result(); err != nil && !errors.Is(err, goredis.Nil) {
		t.Errorf("JSON.GET without a key: %v", err)
	}
	if err := c.JSONSetMode(ctx, "d", "$", 1, "NX").Err(); !errors.Is(err, goredis.Nil) {
		t.Errorf("JSON.SET NX: %v", err)
	}
	ok, err = c.JSONMSet(ctx, "e", "$", `{"n":7}`, "d", "$.n", "2").Result()
	expect(t, "JSON.MSET", ok, err, "OK")
	many, err := c.JSONMGet(ctx, "$.n", "d", "e", "none").Result()
	expect(t, "JSON.MGET", many, err, "[[2] [7] <nil>]")
	ok, err = c.JSONMerge(ctx, "e", "$", `{"n":null,"m":[1]}`).Result()
	expect(t, "JSON.MERGE", ok, err, "OK")
	n, err := c.JSONDel(ctx, "e", "$.m").Result()
	expect(t, "JSON.DEL", n, err, 1)
	n, err = c.JSONForget(ctx, "d", "$.none").Result()
	expect(t, "JSON.FORGET", n, err, 0)
	n, err = c.JSONClear(ctx, "d", "$.in").Result()
	expect(t, "JSON.CLEAR", n, err, 1)
	kind, err := c.Type(ctx, "d").Result()
	expect(t, "TYPE", kind, err, "ReJSON-RL")
}

func valuesGoRedis(ctx context.Context, t *testing.T, c *goredis.Client) {
	t.Helper()
	kinds, err := c.JSONType(ctx, "d", "$.list").Result()
	want := "[array]"
	if c.Options().Protocol == 3 {
		want = "[[array]]" // RedisJSON wraps it once more
	}
	expect(t, "JSON.TYPE", kinds, err, want)
	text, err := c.JSONNumIncrBy(ctx, "d", "$.n", 2).Result()
	expect(t, "JSON.NUMINCRBY", text, err, "[4]")
	lengths, err := c.JSONArrAppend(ctx, "d", "$.list", "4", "5").Result()
	expect(t, "JSON.ARRAPPEND", lengths, err, "[5]")
	lengths, err = c.JSONArrInsert(ctx, "d", "$.list", 0, "0").Result()
	expect(t, "JSON.ARRINSERT", lengths, err, "[6]")
	lengths, err = c.JSONArrIndex(ctx, "d", "$.list", "3").Result()
	expect(t, "JSON.ARRINDEX", lengths, err, "[3]")
	popped, err := c.JSONArrPop(ctx, "d", "$.list", -1).Result()
	expect(t, "JSON.ARRPOP", popped, err, "[5]")
	stop := 1
	lengths, err = c.JSONArrTrimWithArgs(ctx, "d", "$.list", &goredis.JSONArrTrimArgs{Start: 0, Stop: &stop}).Result()
	expect(t, "JSON.ARRTRIM", lengths, err, "[2]")
	lengths, err = c.JSONArrLen(ctx, "d", "$.list").Result()
	expect(t, "JSON.ARRLEN", lengths, err, "[2]")
	keys, err := c.JSONObjKeys(ctx, "d", "$.in").Result()
	expect(t, "JSON.OBJKEYS", keys, err, "[[]]")
	for what, cmd := range map[string]*goredis.IntPointerSliceCmd{
		"JSON.OBJLEN": c.JSONObjLen(ctx, "d", "$.in"), "JSON.STRLEN": c.JSONStrLen(ctx, "d", "$.name"),
		"JSON.STRAPPEND": c.JSONStrAppend(ctx, "d", "$.name", `"yz"`), "JSON.TOGGLE": c.JSONToggle(ctx, "d", "$.on"),
	} {
		got, err := cmd.Result()
		want := map[string]int64{"JSON.STRLEN": 1, "JSON.STRAPPEND": 3}[what]
		if err != nil || len(got) != 1 || got[0] == nil || *got[0] != want {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
}

func TestPythonJSON(t *testing.T) {
	const python = "/usr/bin/python3"
	need(t, python)
	if r := blackbox.Tool(t, scriptWithin, nil, python, "-c", "import redis.commands.json"); r.Code != 0 {
		blackbox.Missing(t, "redis-py for "+python)
	}
	protocols := []string{"2"}
	r := blackbox.Tool(t, scriptWithin, nil, python, "-c", "import redis; redis.Connection(protocol=3)")
	if r.Code == 0 {
		protocols = append(protocols, "3")
	}
	for _, protocol := range protocols {
		t.Run("RESP"+protocol, func(t *testing.T) {
			succeeds(t, blackbox.Tool(t, scriptWithin, nil, python, "python/documents.py", strconv.Itoa(serve(t).Port), protocol))
		})
	}
}

func TestNodeJSON(t *testing.T) {
	node := need(t, "node")
	if _, err := os.Stat("node/node_modules/redis"); err != nil {
		blackbox.Missing(t, "the Node clients (npm ci in tests/client/node)")
	}
	for _, protocol := range []string{"2", "3"} {
		t.Run("RESP"+protocol, func(t *testing.T) {
			succeeds(t, blackbox.Tool(t, scriptWithin, nil, node, "node/documents.js", strconv.Itoa(serve(t).Port), protocol))
		})
	}
}
