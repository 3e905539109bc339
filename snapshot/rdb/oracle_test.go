package rdb

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"kvd/internal/oracle"
)

// server is a real redis-server.
type server struct {
	t      *testing.T
	client *redis.Client
}

func realServer(t *testing.T) server {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: oracle.Start(t), Protocol: 2})
	t.Cleanup(func() { _ = client.Close() })
	return server{t, client}
}

func (s server) do(args ...any) any {
	s.t.Helper()
	reply, err := s.client.Do(context.Background(), args...).Result()
	if err != nil {
		s.t.Fatalf("%v for %.60v", err, args)
	}
	return reply
}

// contents is all that shows of a key.
func (s server) contents(key string) any {
	s.t.Helper()
	switch kind := s.do("type", key); kind {
	case "string":
		return s.do("get", key)
	case "list":
		return s.do("lrange", key, 0, -1)
	case "set":
		return s.do("sort", key, "alpha")
	case "zset":
		return s.do("zrange", key, 0, -1, "withscores")
	case "hash":
		fields, err := s.client.HGetAll(context.Background(), key).Result()
		if err != nil {
			s.t.Fatal(err)
		}
		return fields
	case "stream":
		info, ok := s.do("xinfo", "stream", key, "full", "count", 0).([]any)
		if !ok {
			s.t.Fatal("no stream")
		}
		return withoutNodes(info)
	default:
		s.t.Fatalf("%s is %v", key, kind)
		return nil
	}
}

// withoutNodes leaves out how the entries of a stream are divided.
func withoutNodes(info []any) (left []any) {
	for i := 0; i+1 < len(info); i += 2 {
		if name := info[i]; name != "radix-tree-keys" && name != "radix-tree-nodes" {
			left = append(left, name, info[i+1])
		}
	}
	return left
}

func (s server) dump(key string) []byte {
	s.t.Helper()
	text, ok := s.do("dump", key).(string)
	if !ok {
		s.t.Fatalf("no dump of %s", key)
	}
	return []byte(text)
}

// fill makes a key of every type and encoding, and some of odd contents.
func (s server) fill() {
	rng := rand.New(rand.NewPCG(8, 1))
	for i, text := range []string{
		"", "a", "0", "-1", "127", "128", "-128", "-129", "32767", "32768", "-32769", "2147483647", "2147483648", "-2147483648",
		"-2147483649", "007", "-0", "+1", "1.5", " 1", "12345678901", "9223372036854775807", "9223372036854775808", "\x00\xff",
		strings.Repeat("a", 20), strings.Repeat("a", 21), strings.Repeat("ab", 3000), strings.Repeat("kvd: ", 17), strings.Repeat("z", 70_000),
	} {
		s.do("set", fmt.Sprint("string", i), text)
	}
	for i := range 300 {
		s.do("set", fmt.Sprint("random", i), randomText(rng, i*7))
	}
	for i, n := range []int{1, 5, 128, 129, 600, 3000} {
		for j := range n {
			s.do("rpush", fmt.Sprint("list", i), randomText(rng, j%90), j-50)
			s.do("sadd", fmt.Sprint("set", i), randomText(rng, 1+j%40), j)
			s.do("sadd", fmt.Sprint("ints", i), (j-n/2)*(1<<(10*i)))
			s.do("zadd", fmt.Sprint("zset", i), float64(j-50)*1.25, randomText(rng, 1+j%40), j-9, fmt.Sprint(j), rng.NormFloat64(), fmt.Sprint("n", j))
			s.do("hset", fmt.Sprint("hash", i), fmt.Sprint("field", j), randomText(rng, j%60), fmt.Sprint(j), j)
			s.do("xadd", fmt.Sprint("stream", i), fmt.Sprintf("%d-%d", 5+j/3, j%3), "name", randomText(rng, j%70), "n", j)
		}
	}
	s.do("rpush", "listlarge", strings.Repeat("x", 9000), "small", randomText(rng, 20_000), "y", 1<<62, -1<<62, 1<<20, -1<<20, 4095, -4096, 4096, -4097)
	s.do("zadd", "scores", "-inf", "a", "inf", "b", "0", "c", "-0", "d", "1e20", "e", "0.1", "f", "1e-300", "g", "4503599627370496", "h", "-3", "i", "3.5e17", "j")
	s.do("hset", "hashlarge", "f", strings.Repeat("v", 65), "", "", strings.Repeat("n", 5000), "x")
	s.fillStreams()
}

func randomText(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		switch {
		case i > 10 && rng.IntN(8) > 0:
			b[i] = b[i-1-rng.IntN(10)]
		default:
			b[i] = byte('a' + rng.IntN(26))
		}
	}
	return string(b)
}

// fillStreams makes streams with what streams can have.
func (s server) fillStreams() {
	s.do("xgroup", "create", "empty", "g", "$", "mkstream")
	for i := range 250 {
		s.do("xadd", "groups", fmt.Sprintf("%d-1", i+1), "a", i, "b", i)
		s.do("xadd", "mixed", "*", fmt.Sprint("f", i%3), i, "long", strings.Repeat("l", i*10))
	}
	s.do("xdel", "groups", "3-1", "9-1", "250-1", "1-1")
	for _, group := range []string{"g1", "g2", "3"} {
		s.do("xgroup", "create", "groups", group, 0)
		for i := range 5 {
			s.do("xreadgroup", "group", group, fmt.Sprint("consumer", i), "count", 7*i+1, "streams", "groups", ">")
		}
		s.do("xgroup", "createconsumer", "groups", group, "idle")
	}
	s.do("xack", "groups", "g1", "10-1", "2-1")
	s.do("xgroup", "create", "groups", "middle", "100-1")
	s.do("xgroup", "create", "groups", "end", "$", "entriesread", 17)
	s.do("xdel", "groups", "12-1")
	s.do("xsetid", "groups", "999-5", "entriesadded", 1000, "maxdeletedid", "900-1")
	s.do("xadd", "gone", "1-1", "a", "b")
	s.do("xdel", "gone", "1-1")
}

// TestRedis exchanges values with a real server: what it dumps is read, and
// what is written of that restores there to the same, as the same bytes unless
// deleted entries of streams have gone.
func TestRedis(t *testing.T) {
	s := realServer(t)
	s.fill()
	keys, err := s.client.Keys(context.Background(), "*").Result()
	if err != nil || len(keys) < 300 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, key := range keys {
		payload := s.dump(key)
		v, err := Decode(payload)
		if err != nil {
			t.Errorf("Decode of %s: %v", key, err)
			continue
		}
		again := Encode([]byte("before"), v)[len("before"):]
		if !bytes.Equal(again, payload) && key != "groups" && key != "gone" {
			t.Errorf("%s: %d bytes became %d\n%.300q\n%.300q", key, len(payload), len(again), payload, again)
		}
		s.do("restore", "copy", 0, again, "replace")
		if want, got := s.contents(key), s.contents("copy"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: restored is\n%.300v, want\n%.300v", key, got, want)
		}
		if want, got := s.do("object", "encoding", key), s.do("object", "encoding", "copy"); got != want {
			t.Errorf("%s: restored is %v, was %v", key, got, want)
		}
	}
}
