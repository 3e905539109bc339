package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/internal/link"
	"kvd/internal/oracle"
	"kvd/snapshot/rdb"
)

// anyValue draws values of all types.
func anyValue(t *rapid.T) *rdb.Value {
	word := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 12), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }))
	list := func(label string) [][]byte {
		return rapid.SliceOfNDistinct(word, 1, 8, func(b []byte) string { return string(b) }).Draw(t, label)
	}
	v := &rdb.Value{Type: rdb.Type(rapid.IntRange(int(rdb.String), int(rdb.Stream)).Draw(t, "type"))}
	switch v.Type {
	case rdb.String:
		v.String = word.Draw(t, "string")
	case rdb.List:
		v.List = list("list")
	case rdb.Set:
		v.Set = list("set")
	case rdb.Hash:
		for i, name := range list("fields") {
			v.Hash = append(v.Hash, rdb.Field{Name: name, Value: []byte(fmt.Sprint(i))})
		}
	case rdb.ZSet:
		for _, member := range list("members") {
			score := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Inf(1), math.Inf(-1), 1e300, 5})).Draw(t, "score")
			if score == 0 {
				score = 0 // servers do not keep its sign
			}
			v.ZSet = append(v.ZSet, rdb.Scored{Member: member, Score: score})
		}
		rdb.SortScored(v.ZSet)
	case rdb.Stream:
		v.Stream = anyStream(t, list("words"))
	}
	return v
}

func anyStream(t *rapid.T, words [][]byte) *rdb.StreamValue {
	s := &rdb.StreamValue{Last: rdb.StreamID{MS: 1000, Seq: 5}, EntriesAdded: 9, MaxDeleted: rdb.StreamID{MS: 3}}
	for i := range rapid.IntRange(0, 4).Draw(t, "entries") {
		s.Entries = append(s.Entries, rdb.Entry{ID: rdb.StreamID{MS: uint64(10 * (i + 1)), Seq: uint64(i)}, Fields: [][]byte{words[0], words[len(words)-1]}})
	}
	if rapid.Bool().Draw(t, "group") {
		g := rdb.Group{Name: words[0], Last: rdb.StreamID{MS: 20}, EntriesRead: 2}
		g.Consumers = []rdb.Consumer{{Name: []byte("alice"), Seen: 1700000000000, Active: 1700000000000}}
		for i := range s.Entries {
			g.Pending = append(g.Pending, rdb.Pending{ID: s.Entries[i].ID, Delivered: 1600000000000, Deliveries: uint64(i) + 1})
		}
		s.Groups = append(s.Groups, g)
	}
	return s
}

// TestJSONRoundTrip: any bytes survive as JSON.
func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &rdb.Record{
			Kind: rdb.Key, DB: rapid.IntRange(0, 3).Draw(t, "db"), Key: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "key"),
			Expire: rapid.Int64Range(0, 1<<50).Draw(t, "expire"), Idle: rdb.Unset, Freq: rdb.Unset, Value: anyValue(t),
		}
		line, err := AppendJSON(nil, want)
		if err != nil || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q, %v", line, err)
		}
		got, err := ParseJSON(line)
		if err != nil || !bytes.Equal(got.Key, want.Key) || got.DB != want.DB || got.Expire != want.Expire {
			t.Fatalf("%s became %+v, %v", line, got, err)
		}
		if !bytes.Equal(rdb.Encode(nil, got.Value), rdb.Encode(nil, want.Value)) {
			t.Fatalf("%s\n got %+v\nwant %+v", line, got.Value, want.Value)
		}
	})
}

func TestJSONLines(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"k":"a","t":"string","v":"x"}`, ""},
		{`{"k":"a","t":"hash","v":[["f","v",123]],"px":5}`, ""},
		{`{"k":"d","t":"json","v":{"a":[1,2.5]}}`, ""},
		{`{"function":"#!lua name=l"}`, ""},
		{`{"t":"string","v":"x"}`, `there is no "k"`},
		{`{"k":"a","t":"string"}`, `there is no "v"`},
		{`{"k":"a","t":"what","v":"x"}`, `"what" is no type`},
		{`{"k":"a","t":"string","v":"x","q":1}`, "unknown field"},
		{`{"k":"a","t":"string","v":5}`, "there should be a string"},
		{`{"k":"a","t":"list","v":[]}`, "the value is empty"},
		{`{"k":"a","t":"set","v":["x","x"]}`, "an element is there twice"},
		{`{"k":"a","t":"zset","v":[["m"]]}`, "not the right number of parts"},
		{`{"k":"a","t":"zset","v":[["m","nan"]]}`, "cannot unmarshal"},
		{`{"k":"a","t":"hash","v":[["f","v",-1]]}`, "below zero"},
		{`{"k":"a","db":-1,"t":"string","v":"x"}`, "below zero"},
		{`{"k":"a","t":"stream","v":{"entries":[["1-1",["a","b"]],["1-1",["a","b"]]],"last":"1-1","added":1,"deleted":"0-0"}}`, "do not grow"},
		{`{"k":"a","t":"stream","v":{"entries":[],"last":"x","added":1}}`, "an ID should be like"},
		{`{"k":"a","t":"stream","v":{"entries":[],"last":"1-1","added":1,"groups":[{"name":"g","last":"0-0","read":0,"consumers":[],"pending":[["1-1",0,1,1]]}]}}`, "no consumer"},
		{`{`, "unexpected"},
	} {
		_, err := ParseJSON([]byte(c.line))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.line, err, c.want)
		}
	}
}

// connect connects to a redis-server.
func connect(t *testing.T, socket string) *link.Conn {
	t.Helper()
	c, err := link.Dial(context.Background(), link.Address{Network: "unix", Host: socket}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func must(t *testing.T, c *link.Conn, words ...string) link.Reply {
	t.Helper()
	r, err := c.Do(words...)
	if err != nil {
		t.Fatalf("%.60q: %v", words, err)
	}
	return r
}

// fill writes keys of all types and encodings, in two databases.
func fill(t *testing.T, c *link.Conn) {
	t.Helper()
	for _, line := range []string{
		"SET s1 text", "SET s2 12345", "SET s3 " + strings.Repeat("long", 5000), "SET s4 x PX 100000000",
		"RPUSH l1 a b 3", "RPUSH l2 " + strings.Repeat("item ", 3000), "SADD is 1 2 300000", "SADD ss a b c",
		"ZADD z1 1 a 2.5 b inf c", "HSET h1 f v g 12", "XADD x1 5-1 a b", "XADD x1 6-1 a b c d", "XGROUP CREATE x1 g 0",
		"XREADGROUP GROUP g alice COUNT 1 STREAMS x1 >", "XADD x2 MAXLEN 0 7-7 a b", "SELECT 3", "SET other db", "SELECT 0",
	} {
		must(t, c, strings.Fields(line)...)
	}
	for i := range 600 {
		must(t, c, "HSET", "h2", fmt.Sprint("field", i), strings.Repeat("v", i))
		must(t, c, "ZADD", "z2", fmt.Sprint(float64(i)/3), fmt.Sprint("m", i))
		must(t, c, "SADD", "ss2", fmt.Sprint("m", i))
		must(t, c, "SET", fmt.Sprint("k", i), fmt.Sprint(i))
	}
	must(t, c, "FUNCTION", "LOAD", "REPLACE", "#!lua name=l1\nredis.register_function('f1', function() return 7 end)")
}

// digest is what a server has, but for the access times.
func digest(t *testing.T, c *link.Conn) string {
	t.Helper()
	out := string(must(t, c, "DEBUG", "DIGEST").Text)
	for _, db := range []string{"3", "0"} {
		must(t, c, "SELECT", db)
		for _, key := range must(t, c, "KEYS", "*").Strings() {
			out += fmt.Sprint(must(t, c, "PEXPIRETIME", string(key)).Int, " ")
		}
	}
	return out[:40]
}

var rules = Rules{DB: AnyDB}

// TestFormats exports a redis-server in each format and imports that into another.
func TestFormats(t *testing.T) {
	from := oracle.Start(t, "--enable-debug-command", "yes")
	to := oracle.Start(t, "--enable-debug-command", "yes")
	source, target := connect(t, from), connect(t, to)
	fill(t, source)
	want := digest(t, source)
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.rdb")
	err := WriteFile(whole, func(f *os.File) error {
		_, err := Fetch(connect(t, from), f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []Format{RDB, JSONL, RESP} {
		path := filepath.Join(dir, string(format))
		var done Summary
		err := WriteFile(path, func(f *os.File) (err error) {
			done, err = Export(File{whole, RDB}, format, f, &rules)
			return err
		})
		if err != nil || done.Keys != 616 || done.Functions != 1 {
			t.Fatalf("%s: %+v, %v", format, done, err)
		}
		must(t, target, "FLUSHALL")
		must(t, target, "FUNCTION", "FLUSH")
		if _, err := Import(File{path, format}, connect(t, to), &rules); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if got := digest(t, target); got != want {
			t.Errorf("%s: the servers differ", format)
		}
		if n := len(must(t, target, "FUNCTION", "LIST").List); n != 1 {
			t.Errorf("%s: %d function libraries", format, n)
		}
	}
	clashes(t, File{whole, RDB}, to)
}

// clashes imports into a server that has the keys already.
func clashes(t *testing.T, file File, to string) {
	t.Helper()
	target := connect(t, to)
	must(t, target, "DEL", "s1")
	must(t, target, "SET", "s2", "mine")
	if _, err := Import(file, connect(t, to), &Rules{DB: AnyDB}); !errors.Is(err, ErrExists) {
		t.Errorf("keys that are there: %v", err)
	}
	if n := must(t, target, "EXISTS", "s1").Int; n != 0 {
		t.Error("an import that was refused has written")
	}
	counts, err := Import(file, connect(t, to), &Rules{DB: 0, Clash: Skip})
	if err != nil || counts.Keys != 1 || counts.Skipped != 614 || string(must(t, target, "GET", "s2").Text) != "mine" {
		t.Errorf("skipping: %+v, %v", counts, err)
	}
	match := func(key []byte) bool { return key[0] == 's' && len(key) == 2 }
	counts, err = Import(file, connect(t, to), &Rules{DB: AnyDB, Clash: Replace, Match: match})
	if err != nil || counts.Keys != 5 || string(must(t, target, "GET", "s2").Text) != "12345" {
		t.Errorf("replacing: %+v, %v", counts, err)
	}
	late := func() time.Time { return time.Now().Add(1000 * time.Hour) }
	counts, err = Import(file, connect(t, to), &Rules{DB: AnyDB, Clash: Replace, Now: late})
	if err != nil || counts.Expired != 1 {
		t.Errorf("a key whose time has passed: %+v, %v", counts, err)
	}
}

// TestLive copies from a running server, with DUMP and without, and goes on after
// an interruption.
func TestLive(t *testing.T) {
	for name, options := range map[string][]string{
		"DUMP": nil, "typed": {"--rename-command", "DUMP", "", "--rename-command", "PEXPIRETIME", ""},
	} {
		t.Run(name, func(t *testing.T) {
			from := oracle.Start(t, append(options, "--enable-debug-command", "yes")...)
			to := oracle.Start(t, "--enable-debug-command", "yes")
			source, target := connect(t, from), connect(t, to)
			fill(t, source)
			path := filepath.Join(t.TempDir(), "state")
			ctx, cancel := context.WithCancel(context.Background())
			stop := Rules{DB: AnyDB, Progress: func(c Counts) {
				if c.Keys > 200 {
					cancel()
				}
			}}
			if _, err := live(ctx, t, from, to, path, &stop); !errors.Is(err, context.Canceled) {
				t.Fatalf("interrupted: %v", err)
			}
			counts, err := live(context.Background(), t, from, to, path, &rules)
			if err != nil || counts.Keys < 616 || counts.Keys > 900 {
				t.Fatalf("resumed: %+v, %v", counts, err)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Error("the state stays after the end")
			}
			a, b := must(t, source, "DEBUG", "DIGEST"), must(t, target, "DEBUG", "DIGEST")
			if name == "DUMP" && !reflect.DeepEqual(a, b) {
				t.Error("the servers differ")
			}
			if a, b := must(t, source, "DBSIZE").Int, must(t, target, "DBSIZE").Int; a != b {
				t.Errorf("%d keys became %d", a, b)
			}
			for _, key := range []string{"s3", "l2", "is", "ss2", "z1", "z2", "h2", "x1", "x2"} {
				a, b := must(t, source, "DEBUG", "DIGEST-VALUE", key), must(t, target, "DEBUG", "DIGEST-VALUE", key)
				if !reflect.DeepEqual(a, b) {
					t.Errorf("%s differs", key)
				}
			}
			if _, err := live(context.Background(), t, from, to, "", &rules); err == nil || !strings.Contains(err.Error(), "--replace") {
				t.Errorf("a target with keys: %v", err)
			}
		})
	}
}

func live(ctx context.Context, t *testing.T, from, to, path string, rules *Rules) (Counts, error) {
	t.Helper()
	state, err := ReadState(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	l := Live{From: connect(t, from), To: connect(t, to), Rules: rules, State: state}
	return l.Run(ctx)
}

func TestState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s, err := ReadState(path, "redis://a:1/0")
	if err != nil || s.begin("run1") {
		t.Fatal("a new copy goes on somewhere", err)
	}
	if err := s.save(2, "17", Counts{Keys: 5}); err != nil {
		t.Fatal(err)
	}
	s, err = ReadState(path, "redis://a:1/0")
	if err != nil || !s.begin("run1") || s.DB != 2 || s.Cursor != "17" || s.Counts.Keys != 5 {
		t.Errorf("%+v, %v", s, err)
	}
	if s.begin("run2") || s.Cursor != "" {
		t.Error("another process of the source has the cursors of the first")
	}
	if _, err := ReadState(path, "redis://b:1/0"); err == nil {
		t.Error("the state of another source was taken")
	}
	_ = os.WriteFile(path, []byte("{"), 0o600)
	if _, err := ReadState(path, "redis://a:1/0"); err == nil {
		t.Error("half a state was taken")
	}
}

// TestCommandFiles: a file is looked at to its end before anything of it is sent.
func TestCommandFiles(t *testing.T) {
	for _, text := range []string{
		"*1\r\n$4\r\nPING\r\nx", "*0\r\n", "*1\r\n$9\r\nPING\r\n", "*1\r\n$4\r\nPINGxx", "PING\r\n", "*1\r\n$600000000000\r\nx", "*2\r\n$1\r\na\r\n",
	} {
		path := filepath.Join(t.TempDir(), "f")
		_ = os.WriteFile(path, []byte(text), 0o600)
		if _, err := Import(File{path, RESP}, nil, &rules); err == nil || !strings.Contains(err.Error(), "at offset") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"k":"a","t":"hash","v":[["f","v",123],["g",{"b64":"/w=="}]],"px":5}`))
	f.Add([]byte(`{"k64":"/w==","t":"zset","v":[["m",1.5],["n","-inf"]]}`))
	f.Add([]byte(`{"k":"a","t":"stream","v":{"entries":[["1-1",["a","b"]]],"last":"1-1","added":1,"deleted":"0-0","groups":[{"name":"g","last":"0-0","read":0,"consumers":[["c",1]],"pending":[["1-1",0,1,1]]}]}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		rec, err := ParseJSON(line)
		if err != nil || rec.Kind != rdb.Key || rec.Value.Type == rdb.JSON {
			return
		}
		if _, err := rdb.Decode(rdb.Encode(nil, rec.Value)); err != nil {
			t.Fatalf("%s: the value can't be read back: %v", line, err)
		}
		again, err := AppendJSON(nil, rec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseJSON(again); err != nil {
			t.Fatalf("%s became %s: %v", line, again, err)
		}
	})
}
