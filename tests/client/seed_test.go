package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"kvd/tests/blackbox"
)

// The stores that kvd replaces are a file of tasks, a directory of versions, and
// tables of JSON in SQLite. What these get wrong is done here with each of their
// operations in turn, and has to come out right.

// do is a command and its answer; an ellipsis stands for whatever changes from run
// to run.
type do struct {
	line []any
	want string
}

// cmd makes the words of a command of a line without spaces in words, and of words
// behind it that may have some.
func cmd(line string, more ...any) []any {
	var words []any
	for _, w := range strings.Fields(line) {
		words = append(words, w)
	}
	return append(words, more...)
}

// answer is what a client gets, on one line.
func answer(ctx context.Context, c *goredis.Client, line []any) string {
	reply, err := c.Do(ctx, line...).Result()
	switch {
	case errors.Is(err, goredis.Nil):
		return "nil"
	case err != nil:
		return "error " + err.Error()
	}
	return fmt.Sprint(reply)
}

// scene is a flaw that is looked for, with the commands that show it absent.
type scene struct {
	name  string
	steps []do
}

// play runs scenes one after the other.
func play(t *testing.T, scenes []scene) {
	s := serve(t)
	c := goredis.NewClient(&goredis.Options{Addr: s.Addr(), Protocol: 2})
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			for _, step := range sc.steps {
				if got := answer(ctx, c, step.line); !matches(step.want, got) {
					t.Errorf("%v\n got %s\nwant %s", step.line, got, step.want)
				}
			}
		})
	}
}

const taskType = `{"type":"object","required":["id","title"],"properties":{"id":{"type":"string"},"title":{"type":"string"},
"completed":{"type":"boolean","default":false},"created_at":{"type":"string","format":"date-time","x-kvd-default":"now"},
"tags":{"type":"array","items":{"type":"string"},"default":[]}}}`

// TestSeedTasks: a file of typed objects becomes a type and a collection.
func TestSeedTasks(t *testing.T) {
	play(t, []scene{
		{"a store is made once and never wiped", []do{
			{cmd("SCHEMA.SET Task", taskType), "1"},
			{cmd("DOC.CREATE tasks TYPE Task IDFIELD $.id HISTORY AUTO"), "OK"},
			{cmd("DOC.INSERT tasks task-001", `{"id":"task-001","title":"Complete documentation","tags":["documentation","priority"]}`), "…"},
			{cmd("DOC.CREATE tasks"), "error EXISTS …"},
			{cmd("DOC.COUNT tasks"), "1"},
		}},
		{"nothing is nil, and a stored null is not nothing", []do{
			{cmd("DOC.CREATE any"), "OK"},
			{cmd("DOC.SET any n null"), "…"},
			{cmd("DOC.GET any n"), "null"},
			{cmd("DOC.GET any none"), "nil"},
			{cmd("DOC.GET none n"), "error NOTFOUND no collection 'none'"},
		}},
		{"the server fills defaults in, in universal time", []do{
			{cmd("DOC.GET tasks task-001 PATH $.completed"), "[false]"},
			{cmd("DOC.GET tasks task-001 PATH .created_at"), `"20…Z"`},
			{cmd("DOC.INSERT tasks task-002", `{"title":"Review pull request"}`), "…"},
			{cmd("DOC.GET tasks task-002 PATH .id .tags"), `{".id":"task-002",".tags":[]}`},
		}},
		{"what is stored has its type", []do{
			{cmd("DOC.INSERT tasks bad", `{"tags":"x"}`), "error INVALID tasks/bad: (root) required: missing 'title'; /tags type: got string, want array"},
			{cmd("DOC.UPDATE tasks task-001 SET $.completed 5"), "error INVALID tasks/task-001: …"},
			{cmd("JSON.SET tasks:task-001 $.completed 5"), "error INVALID tasks/task-001: …"},
			{cmd("SET tasks:task-001 x"), "error WRONGTYPE …"},
			{cmd("SET tasks:other x"), "error WRONGTYPE key belongs to collection 'tasks'"},
		}},
		{"a key and the id of its object do not differ", []do{
			{cmd("DOC.SET tasks task-003", `{"id":"task-001","title":"x"}`), "error INVALID tasks/task-003: /id …"},
			{cmd("DOC.UPDATE tasks task-001 SET $.id", `"other"`), "error INVALID tasks/task-001: /id …"},
		}},
		{"a bad row does not spoil the list, and lists have pages", []do{
			{cmd("DOC.CREATE mixed MODE OFF"), "OK"},
			{cmd("DOC.BULK mixed SET a {} SET b 5 SET c []"), "…"},
			{cmd("DOC.ALL mixed COUNT 2"), "[c… [[a {}] [b 5]]]"},
			{cmd("DOC.CHECK mixed TYPE Task"), "…required…type…"},
		}},
		{"objects are found on the server, by an index", []do{
			{cmd("DOC.FIND tasks WHERE", `@.completed == false && "priority" in @.tags`, "NOCONTENT"), "[0 [task-001]]"},
			{cmd("DOC.INDEX tasks ADD by_tag $.tags[*]"), "OK"},
			{cmd("DOC.FIND tasks EQ $.tags[*] priority NOCONTENT"), "[0 [task-001]]"},
			{cmd("DOC.FIND tasks EQ $.tags[*] priority EXPLAIN"), "read: index by_tag…"},
		}},
		{"a change reads and writes at once", []do{
			{cmd("DOC.UPDATE tasks task-001 SET $.completed true PUSH $.tags", `"done"`), "…"},
			{cmd("DOC.GET tasks task-001 PATH .completed .tags"), `{".completed":true,".tags":["documentation","priority","done"]}`},
			{cmd("DOC.UPDATE tasks none SET $.completed true"), "error NOTFOUND no document 'none' in 'tasks'"},
			{cmd("DOC.REPLACE tasks none", `{"title":"x"}`), "error NOTFOUND …"},
			{cmd("DOC.UPDATE tasks task-001 SET $.title 5 SET $.completed false"), "error INVALID …"},
			{cmd("DOC.GET tasks task-001 PATH .completed"), "true"},
		}},
		{"a deletion counts what was there, and its author is known", []do{
			{cmd("DOC.DEL tasks task-002 IFREV 1"), "error CONFLICT expected rev 1, current …"},
			{cmd("DOC.DEL tasks task-002 none AUTHOR ann MSG obsolete"), "1"},
			{cmd("DOC.DEL tasks task-002"), "0"},
			{cmd("VER.LIST tasks:task-002 COUNT 1"), "…author ann actor default message obsolete op doc.del…"},
			{cmd("DOC.GET tasks task-002 AT 1 PATH .title"), `"Review pull request"`},
		}},
	})
}

// TestSeedVersions: a directory of versions becomes the history of a key.
func TestSeedVersions(t *testing.T) {
	const alice, both = `{"users":[{"id":1,"name":"Alice"}]}`, `{"users":[{"id":1,"name":"Alice"},{"id":2,"name":"Bob"}]}`
	play(t, []scene{
		{"versions have numbers, messages and authors", []do{
			{cmd("VER.SAVE app:users JSON", alice, "MSG", "Initial version", "AUTHOR", "ann"), "1"},
			{cmd("VER.SAVE app:users JSON", both, "MSG", "Added Bob"), "2"},
			{cmd("VER.LIST app:users REV"), "[0 [[version 1 …author ann …message Initial version …size 35 …] [version 2 …message Added Bob …]]]"},
			{cmd("VER.LIST app:users COUNT 1"), "[1 [[version 2 …]]]"},
			{cmd("VER.LIST app:users AUTHOR ann"), "[0 [[version 1 …]]]"},
		}},
		{"the same content is no new version", []do{
			{cmd("VER.SAVE app:users JSON", both), "2"},
			{cmd("VER.SAVE app:users FORCE"), "3"},
		}},
		{"a version is a reference and no path of a file", []do{
			{cmd("VER.GET app:users", "../../etc/passwd"), "error ERR invalid version '../../etc/passwd'"},
			{cmd("VER.GET app:users 9"), "error NOTFOUND no version 9"},
			{cmd("VER.GET none HEAD"), "error NOTFOUND …"},
			{cmd("VER.GET app:users 1"), alice},
			{cmd("VER.GET app:users HEAD"), both},
			{cmd("GET none"), "nil"},
		}},
		{"versions have names, and those are not pruned", []do{
			{cmd("VER.TAG app:users 1 prod"), "OK"},
			{cmd("VER.TAG app:users 2 prod"), "error EXISTS tag 'prod' is at version 1"},
			{cmd("VER.GET app:users tag:prod"), alice},
			{cmd("VER.PRUNE KEY app:users KEEP 1"), "[versions 1 bytes …]"},
			{cmd("VER.GET app:users 2"), "error PRUNED version 2 is gone"},
			{cmd("VER.GET app:users tag:prod"), alice},
		}},
		{"a rollback says which version it has made", []do{
			{cmd("VER.ROLLBACK app:users 1 IFREV 1"), "error CONFLICT expected rev 1, current …"},
			{cmd("VER.ROLLBACK app:users 1"), "4"},
			{cmd("JSON.GET app:users"), alice},
			{cmd("VER.LIST app:users COUNT 1"), "…message Rollback to version 1 …"},
			{cmd("DEL app:users"), "1"},
			{cmd("VER.ROLLBACK app:users tag:prod"), "5"},
			{cmd("JSON.GET app:users"), alice},
		}},
		{"a comparison has what changed, in lists too", []do{
			{cmd("VER.SAVE doc JSON", `{"a":1,"b":[1],"c":0}`), "1"},
			{cmd("VER.SAVE doc JSON", `{"a":2,"b":[1,2],"d":0}`), "2"},
			{cmd("VER.DIFF doc 1 2"), "[version1 1 version2 2 data1_keys [a b c] data2_keys [a b d] added [d] removed [c] changed [a b]]"},
			{cmd("VER.DIFF doc 1 2 FORMAT PATCH"), `[…"op":"test"…"/b/1"…]`},
			{cmd("VER.SAVE list JSON [1]"), "1"},
			{cmd("VER.SAVE list JSON [1,2]"), "2"},
			{cmd("VER.DIFF list 1 2 FORMAT PATCH"), `[{"op":"add","path":"/1","value":2}]`},
		}},
		{"hashes are looked at", []do{
			{cmd("VER.VERIFY MATCH *"), "[]"},
			{cmd("VER.LIST doc COUNT 1"), "…hash …size…"},
		}},
		{"documents have their history", []do{
			{cmd("DOC.CREATE users HISTORY AUTO"), "OK"},
			{cmd("DOC.SET users 1", alice, "MSG", "Initial version", "AUTHOR", "ann"), "…"},
			{cmd("DOC.SET users 1", both, "MSG", "Added Bob"), "…"},
			{cmd("DOC.GET users 1 AT -1"), alice},
			{cmd("DOC.GET users 1 AT 1 WITHMETA"), "…at 1 …author ann message Initial version]]"},
			{cmd("VER.LIST users:1 COUNT 1"), "…author  actor default message Added Bob op doc.set…"},
			{cmd("VER.ROLLBACK users:1 1"), "3"},
			{cmd("DOC.GET users 1"), alice},
		}},
	})
}

// TestSeedTables: tables of JSON become collections with metadata and indexes.
func TestSeedTables(t *testing.T) {
	const text = `{"preferences":{"theme":"dark"},"age":5,"on":true}`
	play(t, []scene{
		{"an id may be in two collections", []do{
			{cmd("DOC.CREATE users"), "OK"},
			{cmd("DOC.CREATE orders"), "OK"},
			{cmd("DOC.INSERT users 1", text, "META", `{"source":"web"}`), "…"},
			{cmd("DOC.INSERT orders 1", `{"total":10}`), "…"},
			{cmd("DOC.GET orders 1"), `{"total":10}`},
			{cmd("DOC.DEL orders 1"), "1"},
			{cmd("DOC.EXISTS users 1"), "1"},
		}},
		{"an insertion of what is there says so", []do{
			{cmd("DOC.INSERT users 1 {}"), "error EXISTS document '1' in 'users'"},
			{cmd("DOC.REPLACE users 2 {}"), "error NOTFOUND no document '2' in 'users'"},
		}},
		{"metadata can be read, and stays", []do{
			{cmd("DOC.REPLACE users 1", text), "…"},
			{cmd("DOC.GET users 1 WITHMETA"), `[id 1 doc ` + text + ` meta […ctime …mtime …meta {"source":"web"}]]`},
			{cmd("DOC.META users 1 MERGE", `{"by":"ann"}`), `…meta {"source":"web","by":"ann"}]`},
		}},
		{"equality has types", []do{
			{cmd("DOC.INSERT users 2", `{"preferences":{"theme":"5"},"age":"5","on":"true"}`), "…"},
			{cmd("DOC.FIND users EQ $.preferences.theme dark NOCONTENT"), "[0 [1]]"},
			{cmd("DOC.FIND users EQ $.preferences.theme", `"dark"`, "NOCONTENT"), "[0 [1]]"},
			{cmd("DOC.FIND users EQ $.age 5 NOCONTENT"), "[0 [1]]"},
			{cmd("DOC.FIND users EQ $.age", `"5"`, "NOCONTENT"), "[0 [2]]"},
			{cmd("DOC.FIND users EQ $.on true NOCONTENT"), "[0 [1]]"},
			{cmd("DOC.FIND users EQ $.none null NOCONTENT"), "[0 []]"},
			{cmd("DOC.INDEX users ADD age $.age"), "OK"},
			{cmd("DOC.FIND users EQ $.age 5.0 NOCONTENT"), "[0 [1]]"},
		}},
		{"a value cannot be a piece of a query", []do{
			{cmd("DOC.FIND users WHERE", "@.age == :a", "PARAMS", 2, "a", `x" || true || "`, "NOCONTENT"), "[0 []]"},
			{cmd("DOC.FIND users EQ $.age", "5) OR 1=1 --", "NOCONTENT"), "[0 []]"},
			{cmd("DOC.AGG users REDUCE", "(select group_concat(v) from secrets) || COUNT", "$.age"), "error ERR unknown reducer …"},
			{cmd("DOC.AGG users REDUCE COUNT", "$.age) FROM secrets --"), "error ERR invalid path…"},
		}},
		{"sums are exact and say what they left out", []do{
			{cmd("DOC.CREATE sales"), "OK"},
			{cmd("DOC.BULK sales SET a", `{"n":9007199254740993,"g":"x"}`, "SET", "b", `{"n":1,"g":"x"}`, "SET", "c", `{"n":"text","g":"y"}`), "…"},
			{cmd("DOC.AGG sales REDUCE SUM $.n AS s"), "[[s 9007199254740994 skipped 1]]"},
			{cmd("DOC.AGG sales GROUP $.g AS g REDUCE COUNT * AS n"), `[[g "x" n 2] [g "y" n 1]]`},
			{cmd("DOC.AGG sales WHERE", "@.n > 1", "REDUCE", "COUNT", "*", "AS", "n"), "[[n 1]]"},
			{cmd("DOC.AGG sales REDUCE SUM $.n STRICT"), "error INVALID sales/c: …"},
		}},
		{"all of a transaction is done, or nothing", []do{
			{cmd("DOC.BULK users ATOMIC SET 7 {} INSERT 1 {}"), "error EXISTS …"},
			{cmd("DOC.EXISTS users 7"), "0"},
		}},
	})
}

// TestSeedLostUpdates: of changes by many clients at once none is lost, whether the
// server does them or each client reads, changes and writes if nobody else has.
func TestSeedLostUpdates(t *testing.T) {
	const clients, each = 8, 25
	s := serve(t)
	c := goredis.NewClient(&goredis.Options{Addr: s.Addr(), Protocol: 2, PoolSize: clients})
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	for _, line := range []string{"DOC.CREATE c HISTORY AUTO", `DOC.SET c counter {"server":0,"client":0}`} {
		if got := answer(ctx, c, cmd(line)); strings.HasPrefix(got, "error") {
			t.Fatalf("%s: %s", line, got)
		}
	}
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range each {
				if err := errors.Join(c.Do(ctx, "DOC.UPDATE", "c", "counter", "INCR", "$.server", 1).Err(), countUp(ctx, c)); err != nil {
					t.Error(err)
					return
				}
				if err := c.Do(ctx, "VER.SAVE", "saved", "VALUE", "x", "FORCE").Err(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	want := strconv.Itoa(clients * each)
	if got := answer(ctx, c, cmd("DOC.GET c counter")); got != fmt.Sprintf(`{"server":%s,"client":%[1]s}`, want) {
		t.Errorf("%s changes of each kind made %s", want, got)
	}
	if got := answer(ctx, c, cmd("VER.LIST saved COUNT 1")); !matches("[… [[version "+want+" …]]]", got) {
		t.Errorf("%s versions were saved; the newest is %s", want, got)
	}
	if got := answer(ctx, c, cmd("VER.VERIFY MATCH *")); got != "[]" {
		t.Errorf("faults of the versions: %s", got)
	}
}

// countUp reads the counter, and writes it with one more if nobody else has changed
// it; otherwise it begins anew.
func countUp(ctx context.Context, c *goredis.Client) error {
	for {
		meta, err := c.Do(ctx, "DOC.META", "c", "counter").Slice()
		if err != nil {
			return err
		}
		rev := meta[3] // id, its value, rev, its value
		n, err := c.Do(ctx, "DOC.GET", "c", "counter", "PATH", ".client").Int()
		if err != nil {
			return err
		}
		err = c.Do(ctx, "DOC.UPDATE", "c", "counter", "SET", "$.client", n+1, "IFREV", rev).Err()
		if err == nil || !strings.HasPrefix(err.Error(), "CONFLICT") {
			return err
		}
	}
}

// TestSeedDamage: a file that was cut short is refused, and not taken for an empty
// store.
func TestSeedDamage(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	c := s.Client(t)
	c.Want(t, "OK", "DOC.CREATE", "c")
	for i := range 100 {
		c.Must(t, "DOC.SET", "c", strconv.Itoa(i), `{"n":1}`)
	}
	s.Stop()
	cut := 0
	err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "journal") || strings.HasSuffix(path, ".lock") {
			return err
		}
		cut++
		return os.Truncate(path, 0)
	})
	if err != nil || cut == 0 {
		t.Fatalf("%d files were cut: %v", cut, err)
	}
	broken := blackbox.Launch(t, blackbox.Options{Dir: s.Dir})
	if broken.AwaitReady() {
		t.Errorf("a server began with %d files that are empty, and has %s", cut, broken.Client(t).Must(t, "DBSIZE"))
	}
}
