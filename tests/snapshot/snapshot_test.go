// Package snapshot tests the commands of snapshots through a server.
//
// Invariant: what a test restores it compares with what there was, key by key.
package snapshot

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"kvd/internal/testkit"
)

func start(t *testing.T, options ...string) (*testkit.Server, *testkit.Client) {
	t.Helper()
	s := testkit.Start(t, testkit.Config{Persist: true, Options: options})
	return s, s.Client()
}

// fill makes keys of all types, some with bytes that are no text.
func fill(c *testkit.Client) {
	long := strings.Repeat("x", 2000)
	for _, line := range [][]string{
		{"SET", "s", "v"},
		{"SET", "bin", "\x00\xff\r\n\"\\"},
		{"SET", "", "empty key"},
		{"SET", "empty", ""},
		{"SET", long, "long key"},
		{"SET", "k\xfe", "a key that is no text"},
		{"SET", "quote\"\\\n\t\x01", "é€😀\u2028"},
		{"SET", "ttl", "v", "PXAT", "1800000000000"},
		{"SET", "big", strings.Repeat("0123456789\xff", 300_000)},
		{"SET", "wide", strings.Repeat("é€", 500_000)},
		{"RPUSH", "l", "a", "b", "\xff", ""},
		{"SADD", "set", "m", "n", "\xfe", ""},
		{"SADD", "ints", "1", "2", "3"},
		{"ZADD", "z", "1.5", "a", "-inf", "b", "inf", "c", "-0", "d", "1e300", "e", "0.1", "f\xff"},
		{"HSET", "h", "f", "v", "\xff", "\xfe", "", ""},
		{"HSET", "ht", "f", "v", "g", "w"},
		{"HPEXPIREAT", "ht", "1800000000000", "FIELDS", "1", "f"},
		{"XADD", "x", "1-1", "f", "v", "g", "\xff"},
		{"XADD", "x", "2-0", "f", "v"},
		{"XGROUP", "CREATE", "x", "grp", "0"},
		{"XREADGROUP", "GROUP", "grp", "who", "COUNT", "1", "STREAMS", "x", ">"},
		{"XDEL", "x", "2-0"},
		{"JSON.SET", "doc", "$", `{"a":[1,2.50,1e3,{"b":"é\u0000"}],"c":null}`},
		{"FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)"},
		{"SELECT", "3"},
		{"SET", "other", "db"},
		{"SELECT", "0"},
	} {
		c.Do(line...)
	}
	c.Do("ZADD", "long zset", "1", strings.Repeat("m", 100)) // a large one, which keeps the next score as it is
	c.Do("ZADD", "long zset", "-0", "minus")
	for i := range 500 {
		c.Do("RPUSH", "long list", fmt.Sprintf("element %d", i))
		c.Do("ZADD", "long zset", fmt.Sprint(i%7), fmt.Sprintf("member %d", i))
		c.Do("HSET", "long hash", fmt.Sprintf("field %d", i), strings.Repeat("v", 9000))
	}
}

// dump shows all keys of the databases that are used here, with values, types and
// times.
func dump(c *testkit.Client) (all []string) {
	for _, db := range []string{"0", "3"} {
		c.Do("SELECT", db).OK()
		all = append(all, c.Do("DEBUG", "DIGEST").Text, c.Do("DBSIZE").Text, c.Do("PEXPIRETIME", "ttl").Text,
			c.Do("XINFO", "STREAM", "x", "FULL").Text, c.Do("HPEXPIRETIME", "ht", "FIELDS", "2", "f", "g").Text)
	}
	c.Do("SELECT", "0").OK()
	return append(all, c.Do("FUNCTION", "LIST").Text, c.Do("JSON.GET", "doc").Text)
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("part %d:\n got %.300s\nwant %.300s", i, got[i], want[i])
		}
	}
}

// id returns the text of a bulk reply.
func id(t *testing.T, r testkit.Reply) string {
	t.Helper()
	text := strings.Trim(r.Text, `"`)
	if strings.HasPrefix(text, "(error)") {
		t.Fatal(text)
	}
	return text
}

func TestRoundTrip(t *testing.T) {
	s, c := start(t)
	fill(c)
	want := dump(c)
	snap := id(t, c.Do("SNAP.CREATE", "NAME", "all"))
	verified(t, c, snap, "DEEP")
	c.Do("SNAP.DIFF", snap).Want(`["added", (integer) 0, "removed", (integer) 0, "changed", (integer) 0, "sample", []]`)

	t.Run("in one switch", func(t *testing.T) {
		c.Do("FLUSHALL").OK()
		c.Do("SET", "later", "x").OK()
		c.Do("FUNCTION", "FLUSH").OK()
		got := c.Do("SNAP.RESTORE", snap, "FLUSH").Text
		if !strings.HasPrefix(got, `["restored", (integer) 22, "skipped", (integer) 0, "replaced", (integer) 0, "expired", (integer) 0, "safety", "safety_`) {
			t.Errorf("reply %s", got)
		}
		same(t, dump(c), want)
		c.Do("DBSIZE").Want("(integer) 21")
	})
	t.Run("after a restart", func(t *testing.T) {
		s.Restart()
		c = s.Client()
		same(t, dump(c), want)
	})
	t.Run("into an empty server", func(t *testing.T) {
		c.Do("FLUSHALL").OK()
		c.Do("FUNCTION", "FLUSH").OK()
		c.Do("SNAP.RESTORE", snap).Want(report(22, 0, 0, 0))
		same(t, dump(c), want)
	})
	t.Run("beside others", func(t *testing.T) {
		c.Do("FLUSHALL").OK()
		c.Do("FUNCTION", "FLUSH").OK()
		c.Do("SET", "later", "x").OK()
		c.Do("SNAP.RESTORE", snap, "SAFETY", "no").Want(report(22, 0, 0, 0))
		c.Do("DEL", "later").Want("(integer) 1")
		same(t, dump(c), want)
	})
	t.Run("over what is there", func(t *testing.T) {
		c.Do("SET", "l", "another type").OK()
		c.Do("SNAP.RESTORE", snap, "SAFETY", "no", "REPLACE").Want(report(22, 0, 22, 0))
		same(t, dump(c), want)
	})
}

// report is the reply of SNAP.RESTORE without a safety snapshot.
func report(restored, skipped, replaced, expired int) string {
	return fmt.Sprintf(`["restored", (integer) %d, "skipped", (integer) %d, "replaced", (integer) %d, "expired", (integer) %d, "safety", (nil)]`,
		restored, skipped, replaced, expired)
}

func verified(t *testing.T, c *testkit.Client, args ...string) {
	t.Helper()
	if got := c.Do(append([]string{"SNAP.VERIFY"}, args...)...).Text; !strings.HasPrefix(got, `["ok", (integer) 1, `) {
		t.Errorf("verify: %s", got)
	}
}

// The block of the specification, as redis-cli shows it.
func TestExample(t *testing.T) {
	_, c := start(t)
	c.Do("SET", "k", "v").OK()
	snap := id(t, c.Do("SNAP.CREATE", "NAME", "app_state"))
	if !regexp.MustCompile(`^app_state_20231114T221320Z_[0-9A-Z]{26}$`).MatchString(snap) {
		t.Errorf("id %q", snap)
	}
	c.Do("SNAP.PRUNE", "NAME", "app_state", "KEEPDAYS", "7", "DRYRUN").
		Want(`["kept", [["` + snap + `", "newest verified"]], "removed", []]`)
}

func TestPartsOfASnapshot(t *testing.T) {
	_, c := start(t)
	for _, line := range [][]string{
		{"MSET", "a:1", "1", "a:2", "2", "b:1", "3", "b:2", "4"}, {"SET", "a:ttl", "x", "PX", "5000"}, {"HSET", "a:h", "f", "v"},
	} {
		c.Do(line...)
	}
	snap := id(t, c.Do("SNAP.CREATE"))
	no := []string{"SAFETY", "no"}
	restore := func(args ...string) testkit.Reply {
		return c.Do(append(append([]string{"SNAP.RESTORE", snap}, args...), no...)...)
	}
	restore("PREFIX", "a:").Want("(error) EXISTS key 'a:1' exists")
	restore("PREFIX", "a:", "SKIP").Want(report(0, 4, 0, 0))
	restore("PREFIX", "b:", "REPLACE", "DRYRUN").Want(report(2, 0, 2, 0))
	c.Do("SET", "a:1", "changed").OK()
	c.Do("DEL", "a:2").Want("(integer) 1")
	restore("MATCH", "a:[12]", "SKIP").Want(report(1, 1, 0, 0))
	c.Do("MGET", "a:1", "a:2").Want(`["changed", "2"]`)
	restore("KEYS", "2", "a:1", "none", "REPLACE").Want(report(1, 0, 1, 0))
	c.Do("GET", "a:1").Want(`"1"`)
	restore("FROM", "a:", "TO", "copy:").Want(report(4, 0, 0, 0))
	c.Do("HGETALL", "copy:h").Want(`["f", "v"]`)
	c.Do("MGET", "copy:1", "copy:2").Want(`["1", "2"]`)
	c.Do("SET", "copy:more", "x").OK()
	restore("FROM", "a:", "TO", "copy:", "FLUSH").Want(report(4, 0, 0, 0))
	c.Do("EXISTS", "copy:more").Want("(integer) 0")
	c.Do("EXISTS", "a:1").Want("(integer) 1")
	restore("FROM", "a:").Want("(error) ERR TO and FROM go together")
	c.Do("DBSIZE").Want("(integer) 10")
}

func TestTimesToLive(t *testing.T) {
	s, c := start(t)
	c.Do("SET", "short", "x", "PX", "5000").OK()
	c.Do("SET", "long", "x", "PXAT", "1800000000000").OK()
	c.Do("HSET", "h", "short", "x", "long", "y").Want("(integer) 2")
	c.Do("HPEXPIRE", "h", "5000", "FIELDS", "1", "short").Want("[(integer) 1]")
	snap := id(t, c.Do("SNAP.CREATE"))
	s.Clock.Advance(10_000_000_000)
	for _, how := range [][]string{{"FLUSH"}, {"PREFIX", "", "FLUSH"}} {
		c.Do(append([]string{"SNAP.RESTORE", snap, "SAFETY", "no"}, how...)...).Want(report(2, 0, 0, 1))
		c.Do("PEXPIRETIME", "long").Want("(integer) 1800000000000")
		c.Do("HGETALL", "h").Want(`["long", "y"]`)
		c.Do("DBSIZE").Want("(integer) 2")
	}
}

// Writers go on while a snapshot is made, and it has one moment: of each pair of
// keys that are written together, it has both or none.
func TestOneMoment(t *testing.T) {
	s, c := start(t)
	stop := make(chan struct{})
	done := make(chan struct{})
	w := s.Client()
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				n := fmt.Sprint(i)
				w.Do("MSET", "left:"+n, n, "right:"+n, n)
			}
		}
	}()
	var snaps []string
	for range 3 {
		snaps = append(snaps, id(t, c.Do("SNAP.CREATE")))
	}
	close(stop)
	<-done
	for _, snap := range snaps {
		c.Do("SNAP.RESTORE", snap, "FLUSH", "SAFETY", "no")
		left, right := len(c.Do("KEYS", "left:*").Text), len(c.Do("KEYS", "right:*").Text)
		n := strings.Count(c.Do("KEYS", "left:*").Text, "left:")
		if left+n != right {
			t.Errorf("the left keys have %d bytes, the right ones %d, for %d keys", left, right, n)
		}
	}
}
