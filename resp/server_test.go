package resp_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kvd/internal/fail"
	"kvd/internal/testkit"
	"kvd/persist"
)

// point returns the failpoint of storage with this name, and disarms it when
// the test ends.
func point(t *testing.T, name string) *fail.Point {
	t.Helper()
	for _, p := range persist.Points() {
		if p.Name() == name {
			t.Cleanup(func() { p.Set(nil) })
			return p
		}
	}
	t.Fatalf("there is no failpoint %s", name)
	return nil
}

// eventually polls until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("not in 20 seconds: %s", what)
		}
	}
}

func TestSlowCommandsLeaveTheLoop(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "1"}})
	slow, other := s.Client(), s.Client()
	slow.Send("debug", "sleep", "0.3")
	slow.Send("ping") // waits for its turn behind the sleep

	other.Do("set", "a", "1").OK()
	other.Do("get", "a").Want(`"1"`)
	eventually(t, "the sleep ends", func() bool {
		s.Clock.Advance(time.Second) // again, in case it has not begun
		got, ok := slow.Pending()
		if ok && got != "OK" {
			t.Errorf("debug sleep: %s", got)
		}
		return ok
	})
	if got := slow.Receive(); got != "PONG" {
		t.Errorf("ping behind it: %s", got)
	}
}

func TestRepliesWaitForTheDisk(t *testing.T) {
	sync := point(t, "journal.sync")
	s := testkit.Start(t, testkit.Config{Persist: true, Options: []string{"--appendfsync", "always"}})
	writer, reader, bystander := s.Client(), s.Client(), s.Client()
	// Syncs that take long are not waited for by the event loop.
	sync.Set(func() error { s.Clock.Advance(20 * time.Millisecond); return nil })
	writer.Do("set", "before", "1").OK()

	release := make(chan struct{})
	var waiting atomic.Bool
	sync.Set(func() error { waiting.Store(true); <-release; return nil })
	writer.Send("set", "a", "1")
	eventually(t, "the sync begins", waiting.Load)
	reader.Send("get", "a") // sees what is not yet durable, so it has to wait too

	// A client whose replies depend on neither is served, which also shows that
	// the loop has been round since.
	bystander.Do("ping").Want("PONG")
	for _, c := range []*testkit.Client{writer, reader} {
		if got, ok := c.Pending(); ok {
			t.Errorf("a reply left before the disk had what it says: %s", got)
		}
	}
	sync.Set(nil)
	close(release)
	if got := writer.Receive(); got != "OK" {
		t.Errorf("set: %s", got)
	}
	if got := reader.Receive(); got != `"1"` {
		t.Errorf("get: %s", got)
	}
}

func TestFailedWriteIsNeverShown(t *testing.T) {
	for _, mode := range []string{"always", "everysec"} {
		t.Run(mode, func(t *testing.T) {
			write := point(t, "journal.write")
			s := testkit.Start(t, testkit.Config{Persist: true, Options: []string{"--appendfsync", mode}})
			c := s.Client()
			c.Do("set", "a", "old").OK()
			c.Do("incr", "n").Want("(integer) 1")

			write.Set(func() error { return syscall.ENOSPC })
			c.Send("set", "a", "new")
			if !c.Closed() {
				t.Fatal("a client whose write was lost is not told so")
			}
			// Who asks before the server has forgotten the write is sent away.
			var other *testkit.Client
			eventually(t, "memory shows what is on disk", func() bool {
				other = s.Client()
				value, _ := other.Try("get", "a")
				return value == `"old"`
			})
			if got := other.Do("incr", "n").Text; !strings.HasPrefix(got, "(error) MISCONF") {
				t.Errorf("a write while the disk is full: %s", got)
			}
			other.Do("get", "n").Want(`"1"`)

			write.Set(nil)
			eventually(t, "writes are taken again", func() bool {
				s.Clock.Advance(time.Second)
				return other.Do("set", "a", "newer").Text == "OK"
			})
			other.Do("incr", "n").Want("(integer) 2")
			s.Crash()
			after := s.Client()
			after.Do("mget", "a", "n").Want(`["newer", "2"]`)
		})
	}
}

func TestParkedClients(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true})
	c, other := s.Client(), s.Client()
	c.Do("set", "a", "1").OK()

	id := strings.TrimPrefix(c.Do("client", "id").Text, "(integer) ")
	c.Send("waitaof", "1", "0", "0")
	eventually(t, "the client is blocked", func() bool {
		return strings.Contains(other.Do("info", "clients").Text, `blocked_clients:1\r`)
	})
	s.Clock.Advance(2 * time.Second) // the sync of everysec
	if got := c.Receive(); got != "[(integer) 1, (integer) 0]" {
		t.Errorf("waitaof after the sync: %s", got)
	}

	c.Send("wait", "1", "0")
	eventually(t, "CLIENT UNBLOCK finds the client", func() bool {
		return other.Do("client", "unblock", id, "error").Text == "(integer) 1"
	})
	if got := c.Receive(); !strings.Contains(got, "UNBLOCKED") {
		t.Errorf("wait after CLIENT UNBLOCK: %s", got)
	}

	c.Send("wait", "1", "5000")
	eventually(t, "the client is blocked", func() bool {
		return strings.Contains(other.Do("info", "clients").Text, `blocked_clients:1\r`)
	})
	s.Clock.Advance(6 * time.Second)
	if got := c.Receive(); got != "(integer) 0" {
		t.Errorf("wait after its time-out: %s", got)
	}

	c.Send("wait", "1", "0")
	eventually(t, "the client is blocked", func() bool {
		return strings.Contains(other.Do("info", "clients").Text, `blocked_clients:1\r`)
	})
	c.Close()
	eventually(t, "a client that hangs up is forgotten", func() bool {
		text := other.Do("info", "clients").Text
		return strings.Contains(text, `blocked_clients:0\r`) && strings.Contains(text, `connected_clients:1\r`)
	})
}

func TestUnloadedValues(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true, Options: []string{
		"--maxmemory", "2mb", "--maxmemory-policy", "unload-lru",
	}})
	c := s.Client()
	value := func(i int) string { return strings.Repeat(fmt.Sprint(i%10), 4000) }
	const keys = 2000
	for i := range keys {
		eventually(t, "a checkpoint makes room", func() bool {
			reply := c.Do("set", fmt.Sprint("key", i), value(i)).Text
			if strings.HasPrefix(reply, "(error) OOM") {
				s.Clock.Advance(time.Second)
				c.Do("save").OK()
			}
			return reply == "OK"
		})
	}
	for i := range keys {
		c.Do("get", fmt.Sprint("key", i)).Want(`"` + value(i) + `"`)
	}
	s.Clock.Advance(time.Second) // the engine may be resting after a search in vain
	c.Do("multi").OK()
	c.Do("append", "key1", "x").Want("QUEUED")
	c.Do("strlen", "key2").Want("QUEUED")
	c.Do("exec").Want("[(integer) 4001, (integer) 4000]")
	c.Do("dbsize").Want(fmt.Sprintf("(integer) %d", keys))
	if s.App().Services().Engine.Stats().Fetched == 0 {
		t.Error("nothing was read back from disk: the test shows nothing")
	}
}

func TestCrossProtocol(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	web := s.Client()
	web.Write("POST / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n")
	if !web.Closed() {
		t.Error("a browser is served")
	}
	s.Client().Do("get", "k").Want("(nil)")
}

func TestRestartAndCrashKeepEverything(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true})
	c := s.Client()
	c.Do("set", "a", "1", "px", "100000").OK()
	c.Do("set", "big", strings.Repeat("x", 100_000)).OK()
	c.Do("append", "big", "y").Want("(integer) 100001")
	c.Do("select", "3").OK()
	c.Do("set", "three", "3").OK()
	c.Do("swapdb", "3", "5").OK()
	c.Do("select", "9").OK()
	c.Do("set", "gone", "1").OK()
	c.Do("flushdb").OK()
	c.Do("set", "new", "1").OK()
	check := func() {
		t.Helper()
		c := s.Client()
		c.Do("pttl", "a").Want("(integer) 100000")
		c.Do("strlen", "big").Want("(integer) 100001")
		c.Do("getrange", "big", "99999", "-1").Want(`"xy"`)
		c.Do("select", "5").OK()
		c.Do("get", "three").Want(`"3"`)
		c.Do("select", "3").OK()
		c.Do("dbsize").Want("(integer) 0")
		c.Do("select", "9").OK()
		c.Do("keys", "*").Want(`["new"]`)
	}
	check()
	s.Crash()
	check()
	s.Client().Do("save").OK()
	s.Restart()
	check()
	s.Crash()
	check()
}
