// Package exchange tests how data comes from redis-server and goes back: over the
// links that servers have with each other, and with the tools of Redis.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kvd/internal/clock"
	"kvd/internal/link"
	"kvd/internal/oracle"
	"kvd/internal/testkit"
	"kvd/snapshot/transfer"
)

// patience is how long a test waits for what comes by itself.
const patience = 30 * time.Second

// redis starts a redis-server at a TCP port.
func redis(t *testing.T, options ...string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	l.Close()
	oracle.Start(t, append([]string{"--port", port, "--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"}, options...)...)
	return port
}

func kvd(t *testing.T, options ...string) (s *testkit.Server, port string) {
	t.Helper()
	s = testkit.Start(t, testkit.Config{Persist: true, Clock: &clock.System{}, Options: options})
	_, port, _ = net.SplitHostPort(s.Addr())
	return s, port
}

func dial(t *testing.T, port string) *link.Conn {
	t.Helper()
	c, err := link.Dial(context.Background(), link.Address{Network: "tcp", Host: "127.0.0.1:" + port}, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// say sends a line of words and returns the reply as text.
func say(t *testing.T, c *link.Conn, line string) string {
	t.Helper()
	r, err := c.Do(strings.Fields(line)...)
	if refused := (*link.Error)(nil); errors.As(err, &refused) {
		return refused.Text
	}
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if r.Kind == ':' {
		return fmt.Sprint(r.Int)
	}
	return string(r.Text)
}

// await waits until a server says what it should.
func await(t *testing.T, c *link.Conn, line, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(say(t, c, line), want) {
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not become %q: %s", line, want, say(t, c, line))
		case <-tick.C:
		}
	}
}

// write sends random commands to a server until it is told to stop.
func write(c *link.Conn, seed uint64, stop *atomic.Bool) error {
	r := rand.New(rand.NewPCG(seed, 1))
	for !stop.Load() {
		n := 1 + r.IntN(30)
		multi := r.IntN(3) == 0
		if multi {
			_ = c.SendText("MULTI")
		}
		for range n {
			_ = c.SendText(anyWrite(r)...)
		}
		if multi {
			_ = c.SendText("EXEC")
			n += 2
		}
		if err := c.Flush(); err != nil {
			return err
		}
		for range n {
			if _, err := c.Receive(); err != nil {
				return err
			}
		}
	}
	return nil
}

func anyWrite(r *rand.Rand) []string {
	k := fmt.Sprint(r.IntN(150))
	n := fmt.Sprint(r.IntN(100))
	switch r.IntN(18) {
	case 0:
		return []string{"SET", "s" + k, "v" + n}
	case 1:
		return []string{"SET", "s" + k, n, "PX", fmt.Sprint(1 + r.IntN(700))}
	case 2:
		return []string{"DEL", "s" + k, "l" + k}
	case 3:
		return []string{"RPUSH", "l" + k, n, "x" + n}
	case 4:
		return []string{"LPOP", "l" + k}
	case 5:
		return []string{"HINCRBY", "h" + k, "f" + n, "3"}
	case 6:
		return []string{"ZADD", "z" + k, n, "m" + n}
	case 7:
		return []string{"XADD", "x" + k, "MAXLEN", "20", "*", "f", n}
	case 8:
		return []string{"PEXPIRE", "s" + k, fmt.Sprint(1 + r.IntN(500))}
	case 9:
		return []string{"EVAL", "redis.call('INCR',KEYS[1]) return redis.call('SADD',KEYS[2],math.random(1000))", "2", "c" + k, "t" + k}
	case 10:
		return []string{"SPOP", "t" + k}
	case 11:
		return []string{"APPEND", "a" + k, n}
	case 12:
		return []string{"PERSIST", "s" + k}
	case 13:
		return []string{"INCRBYFLOAT", "f" + k, "0.1"}
	case 14:
		return []string{"SETRANGE", "a" + k, n, "hello"}
	case 15:
		return []string{"RENAME", "h" + k, "h2" + k}
	case 16:
		return []string{"GETEX", "s" + k, "PX", "500"}
	}
	return []string{"SMOVE", "t" + k, "t" + n, n}
}

// same compares all keys of two servers, with their values and expiries.
func same(t *testing.T, a, b *link.Conn) {
	t.Helper()
	if x, y := say(t, a, "DBSIZE"), say(t, b, "DBSIZE"); x != y {
		t.Errorf("%s keys and %s", x, y)
	}
	keys, err := a.Do("KEYS", "*")
	if err != nil {
		t.Fatal(err)
	}
	names := keys.Strings()
	x, y := facts(t, a, names), facts(t, b, names)
	for i := range x {
		if !reflect.DeepEqual(x[i], y[i]) {
			t.Errorf("%s: %+v and %+v", names[i/2], x[i], y[i])
		}
	}
}

// facts asks for the digest and the expiry of each key.
func facts(t *testing.T, c *link.Conn, keys [][]byte) []link.Reply {
	t.Helper()
	go func() {
		for _, key := range keys {
			_ = c.SendText("DEBUG", "DIGEST-VALUE", string(key))
			_ = c.SendText("PEXPIRETIME", string(key))
		}
		_ = c.Flush()
	}()
	list := make([]link.Reply, 2*len(keys))
	for i := range list {
		var err error
		if list[i], err = c.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestFollow moves from a redis-server that is written to all the time: all data at
// first, then the stream, over a connection that is cut, until all is here.
func TestFollow(t *testing.T) {
	for name, diskless := range map[string]string{"diskless": "yes", "from disk": "no"} {
		t.Run(name, func(t *testing.T) {
			port := redis(t, "--repl-diskless-sync", diskless, "--repl-backlog-size", "64mb", "--requirepass", "secret")
			primary := dial(t, port)
			say(t, primary, "AUTH secret")
			writer := dial(t, port)
			say(t, writer, "AUTH secret")
			server, own := kvd(t)
			replica := dial(t, own)
			say(t, replica, "SET mine 1")
			say(t, replica, "CONFIG SET masterauth secret")

			var stop atomic.Bool
			ended := make(chan error, 1)
			go func() { ended <- write(writer, 7, &stop) }()
			say(t, primary, "FUNCTION LOAD "+"#!lua name=l1\nredis.register_function('f1',function()return 7 end)")
			if got := say(t, replica, "REPLICAOF 127.0.0.1 "+port); got != "OK" {
				t.Fatal(got)
			}
			await(t, replica, "INFO replication", "master_link_status:up") // until then it may be LOADING
			if got := say(t, replica, "REPLICAOF 127.0.0.1 "+port); got != "OK Already connected to specified master" {
				t.Error(got)
			}
			readOnly(t, replica)
			say(t, primary, "CLIENT KILL TYPE replica")
			await(t, primary, "INFO stats", "sync_partial_ok:1")
			stop.Store(true)
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if got := say(t, primary, "WAIT 1 20000"); got != "1" {
				t.Error("the primary was not told that all has arrived:", got)
			}
			awaitKeysThatExpire(t, primary, replica)
			if got := say(t, replica, "REPLICAOF NO ONE"); got != "OK" {
				t.Error(got)
			}
			same(t, primary, replica)
			if got := say(t, replica, "SET mine 2"); got != "OK" {
				t.Error(got)
			}
			say(t, replica, "DEL mine")
			server.Restart()
			_, own, _ = net.SplitHostPort(server.Addr())
			same(t, primary, dial(t, own))
		})
	}
}

// awaitKeysThatExpire waits until no key is left that goes by itself soon.
func awaitKeysThatExpire(t *testing.T, servers ...*link.Conn) {
	t.Helper()
	for _, c := range servers {
		await(t, c, "INFO keyspace", "expires=0")
	}
}

func readOnly(t *testing.T, replica *link.Conn) {
	t.Helper()
	const refusal = "READONLY You can't write against a read only replica."
	for _, line := range []string{"SET a b", "FLUSHALL", "DEL a"} {
		if got := say(t, replica, line); got != refusal {
			t.Errorf("%s: %s", line, got)
		}
	}
	if r, err := replica.Do("EVAL", "return redis.call('SET','a','b')", "0"); err == nil || !strings.HasPrefix(err.Error(), refusal) {
		t.Errorf("a script wrote: %v, %v", r, err)
	}
	if got := say(t, replica, "GET mine"); got != "" {
		t.Errorf("what was there before: %s", got)
	}
	r, err := replica.Do("ROLE")
	if err != nil || len(r.List) != 5 || string(r.List[0].Text) != "slave" || string(r.List[3].Text) != "connected" {
		t.Errorf("ROLE: %v, %v", r, err)
	}
}

// TestFollowAfterRestart: a replica is one after a restart too.
func TestFollowAfterRestart(t *testing.T) {
	port := redis(t)
	primary := dial(t, port)
	say(t, primary, "SET k v")
	server, own := kvd(t)
	say(t, dial(t, own), "REPLICAOF 127.0.0.1 "+port)
	await(t, dial(t, own), "INFO replication", "master_link_status:up")
	server.Restart()
	_, own, _ = net.SplitHostPort(server.Addr())
	replica := dial(t, own)
	say(t, primary, "SET k2 v2")
	await(t, replica, "INFO replication", "master_link_status:up")
	await(t, replica, "GET k2", "v2")
	if got := say(t, replica, "SET a b"); !strings.HasPrefix(got, "READONLY") {
		t.Error(got)
	}
	say(t, replica, "SLAVEOF NO ONE")
	await(t, replica, "INFO replication", "role:master")
}

// TestFollowNobody: a primary that is none is shown as down, and the data stays.
func TestFollowNobody(t *testing.T) {
	_, own := kvd(t)
	c := dial(t, own)
	say(t, c, "SET k v")
	say(t, c, "REPLICAOF 127.0.0.1 1")
	await(t, c, "INFO replication", "master_link_error:connect")
	if got := say(t, c, "GET k"); got != "v" {
		t.Error(got)
	}
	say(t, c, "REPLICAOF NO ONE")
	if got := say(t, c, "SET k w"); got != "OK" {
		t.Error(got)
	}
}

// fillAll writes values of all types.
func fillAll(t *testing.T, c *link.Conn) {
	t.Helper()
	var stop atomic.Bool
	time.AfterFunc(200*time.Millisecond, func() { stop.Store(true) })
	if err := write(c, 3, &stop); err != nil {
		t.Fatal(err)
	}
	say(t, c, "SET big "+strings.Repeat("x", 1<<20))
	say(t, c, "XGROUP CREATE xs g 0 MKSTREAM")
	say(t, c, "XADD xs 5-5 a b")
	say(t, c, "XREADGROUP GROUP g alice STREAMS xs >")
	awaitKeysThatExpire(t, c)
	say(t, c, "SET goes x EX 1000")
}

// TestTools: redis-cli takes an RDB file that redis-server loads, and sends
// commands by --pipe.
func TestTools(t *testing.T) {
	cli, err := exec.LookPath("redis-cli")
	if err != nil {
		t.Skip("redis-cli is not installed")
	}
	_, own := kvd(t)
	c := dial(t, own)
	fillAll(t, c)
	dir := t.TempDir()
	file := filepath.Join(dir, "dump.rdb")
	if out, err := exec.Command(cli, "-p", own, "--rdb", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	port := redis(t, "--dir", dir) // the last one counts
	other := dial(t, port)
	same(t, c, other)

	commands := filepath.Join(dir, "commands")
	err = transfer.WriteFile(commands, func(f *os.File) error {
		_, err := transfer.Export(transfer.File{Path: file, Format: transfer.RDB}, transfer.RESP, f, &transfer.Rules{DB: transfer.AnyDB})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	say(t, c, "FLUSHALL")
	pipe := exec.Command(cli, "-p", own, "--pipe")
	if pipe.Stdin, err = os.Open(commands); err != nil {
		t.Fatal(err)
	}
	if out, err := pipe.CombinedOutput(); err != nil || !strings.Contains(string(out), "errors: 0") {
		t.Fatalf("%v: %s", err, out)
	}
	same(t, c, other)
}

// TestFollowsUs: a redis-server can take all data from here, once.
func TestFollowsUs(t *testing.T) {
	_, own := kvd(t)
	c := dial(t, own)
	fillAll(t, c)
	other := dial(t, redis(t))
	say(t, other, "REPLICAOF 127.0.0.1 "+own)
	await(t, other, "EXISTS goes", "1")
	say(t, other, "REPLICAOF NO ONE")
	same(t, c, other)
}

// TestMigrate moves keys to a redis-server and to another kvd.
func TestMigrate(t *testing.T) {
	_, other := kvd(t)
	for name, port := range map[string]string{"redis-server": redis(t, "--requirepass", "pw"), "kvd": other} {
		t.Run(name, func(t *testing.T) {
			_, own := kvd(t)
			c, to := dial(t, own), dial(t, port)
			auth := ""
			if name != "kvd" {
				say(t, to, "AUTH pw")
				auth = " AUTH pw"
				if got := say(t, c, "SET n 1") + say(t, c, "MIGRATE 127.0.0.1 "+port+" n 0 5000"); !strings.Contains(got, "Target instance replied with error: NOAUTH") {
					t.Error(got)
				}
			}
			say(t, c, "RPUSH l a b")
			say(t, c, "SET s v PX 100000")
			say(t, c, "SET both x")
			say(t, to, "SET both y")
			migrate := func(key, rest string) string {
				line := append([]string{"MIGRATE", "127.0.0.1", port, key, "0", "5000"}, strings.Fields(rest)...)
				r, err := c.Do(line...)
				if err != nil {
					return err.Error()
				}
				return string(r.Text)
			}
			for _, step := range []struct{ key, rest, want string }{
				{"none", auth, "NOKEY"},
				{"l", auth, "OK"},
				{"s", "COPY" + auth, "OK"},
				{"", auth + " KEYS both s", "ERR Target instance replied with error: BUSYKEY Target key name already exists."},
				{"", "REPLACE" + auth + " KEYS both s none", "OK"},
				{"x", auth + " KEYS a", "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string"},
			} {
				if got := migrate(step.key, step.rest); got != step.want {
					t.Errorf("MIGRATE %q %s: %s", step.key, step.rest, got)
				}
			}
			if got := say(t, c, "EXISTS l s both"); got != "0" {
				t.Errorf("%s keys stayed", got)
			}
			if got := say(t, to, "LRANGE l 0 -1") + say(t, to, "GET both") + say(t, to, "GET s"); got != "xv" {
				t.Error(got)
			}
			if got := say(t, to, "PTTL s"); len(got) < 5 {
				t.Errorf("the expiry is %s", got)
			}
		})
	}
}

// TestCompact: the data file shrinks while the server is in use.
func TestCompact(t *testing.T) {
	server, own := kvd(t)
	c := dial(t, own)
	for i := range 200 {
		say(t, c, fmt.Sprint("SET k", i, " ", strings.Repeat("v", 20_000)))
	}
	say(t, c, "SAVE")
	for i := range 190 {
		say(t, c, fmt.Sprint("DEL k", i))
	}
	say(t, c, "SAVE")
	r, err := c.Do("COMPACT")
	if err != nil || len(r.List) != 4 || r.List[3].Int >= r.List[1].Int/2 {
		t.Fatalf("%v, %v", r, err)
	}
	say(t, c, "SET after x")
	server.Crash()
	_, own, _ = net.SplitHostPort(server.Addr())
	c = dial(t, own)
	if got := say(t, c, "DBSIZE"); got != "11" {
		t.Errorf("%s keys", got)
	}
	if got := say(t, c, "STRLEN k195"); got != "20000" {
		t.Errorf("a value has %s bytes", got)
	}
}
