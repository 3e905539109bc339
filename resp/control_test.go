package resp_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"kvd/internal/testkit"
)

// awaitBlocked waits until so many clients wait in a command. It asks no client,
// since a new one may be held as well.
func awaitBlocked(t *testing.T, s *testkit.Server, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d clients are blocked", n), func() bool {
		return s.App().Services().Clients.Totals().Blocked == n
	})
}

func TestPauseOfAll(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{})
	a, b := s.Client(), s.Client()
	b.Do("PING").Want("PONG")
	a.Do("CLIENT", "PAUSE", "1000").OK()
	b.Send("PING")
	awaitBlocked(t, s, 1)
	a.Send("CLIENT", "UNPAUSE") // is held as well
	awaitBlocked(t, s, 2)
	s.Clock.Advance(999 * time.Millisecond)
	if text, ok := b.Pending(); ok {
		t.Errorf("%s came before the end of the pause", text)
	}
	s.Clock.Advance(time.Millisecond)
	if got := b.Receive() + " " + a.Receive(); got != "PONG OK" {
		t.Errorf("after the pause: %s", got)
	}
	b.Do("PING").Want("PONG")
}

func TestTheStricterPauseCounts(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{})
	a, b := s.Client(), s.Client()
	b.Do("PING").Want("PONG")
	a.Do("CLIENT", "PAUSE", "1000", "WRITE").OK()
	b.Do("PING").Want("PONG")
	a.Do("CLIENT", "PAUSE", "1", "ALL").OK()
	b.Send("PING")
	awaitBlocked(t, s, 1)
	s.Clock.Advance(999 * time.Millisecond)
	awaitBlocked(t, s, 1)
	s.Clock.Advance(time.Millisecond)
	if got := b.Receive(); got != "PONG" {
		t.Error(got)
	}
}

// TestHeldCommandsKeepTheirOrder: the clients are on different loops.
func TestHeldCommandsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "4"}})
	a := s.Client()
	clients := make([]*testkit.Client, 24)
	for i := range clients {
		clients[i] = s.Client()
		if i%3 == 0 { // its EXEC will be held
			clients[i].Do("MULTI").OK()
			clients[i].Do("APPEND", "k", letter(i)).Want("QUEUED")
		}
	}
	a.Do("CLIENT", "PAUSE", "100000", "WRITE").OK()
	for i, c := range clients {
		switch {
		case i%3 == 0:
			c.Send("EXEC")
		case i == 4: // what runs on a worker has its turn too
			c.Send("EVAL", "return redis.call('APPEND', KEYS[1], ARGV[1])", "1", "k", letter(i))
		default:
			c.Send("APPEND", "k", letter(i))
		}
		awaitBlocked(t, s, i+1)
	}
	a.Do("CLIENT", "UNPAUSE").OK()
	want := ""
	for i, c := range clients {
		reply := fmt.Sprintf("(integer) %d", i+1)
		if i%3 == 0 {
			reply = "[" + reply + "]"
		}
		if got := c.Receive(); got != reply {
			t.Errorf("client %d got %s, want %s", i, got, reply)
		}
		want += letter(i)
	}
	a.Do("GET", "k").Want(strconv.Quote(want))
}

func letter(i int) string { return string(rune('a' + i)) }

func TestUnblockLeavesHeldCommands(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{})
	a, b := s.Client(), s.Client()
	id := strings.TrimPrefix(b.Do("CLIENT", "ID").Text, "(integer) ")
	a.Do("CLIENT", "PAUSE", "100000", "WRITE").OK()
	b.Send("SET", "k", "v")
	awaitBlocked(t, s, 1)
	a.Do("CLIENT", "UNBLOCK", id).Want("(integer) 0")
	a.Do("CLIENT", "UNPAUSE").OK()
	if got := b.Receive(); got != "OK" {
		t.Error(got)
	}
}

// TestNothingExpiresDuringAPause: nor is anything evicted.
func TestNothingExpiresDuringAPause(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{Options: []string{"--maxmemory-policy", "allkeys-lru"}})
	c := s.Client()
	for i := range 100 {
		c.Do("SET", "k"+strconv.Itoa(i), strings.Repeat("x", 1000), "PX", "50").OK()
	}
	c.Do("CLIENT", "PAUSE", "100000", "WRITE").OK()
	c.Do("CONFIG", "SET", "maxmemory", "10000").OK()
	s.Clock.Advance(10 * time.Second)
	c.Do("GET", "k1").Want("(nil)")
	c.Do("DBSIZE").Want("(integer) 100")
	c.Do("CLIENT", "UNPAUSE").OK()
	s.Clock.Advance(10 * time.Second)
	c.Do("DBSIZE").Want("(integer) 0")
}

// TestSlowMonitorIsClosed: it does not slow down those whom it watches.
func TestSlowMonitorIsClosed(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{Options: []string{"--client-output-buffer-limit", "normal 1mb 0 0"}})
	monitor, c := s.Client(), s.Client()
	monitor.Do("MONITOR").OK()
	value := strings.Repeat("x", 100_000)
	for range 400 { // more than the buffers of the sockets take
		c.Do("SET", "k", value).OK()
	}
	m := &s.App().Services().Clients.Monitors
	eventually(t, "the monitor is closed", func() bool { return !m.Any() })
	if n := s.App().Services().Stats.OutputKilled.Load(); n != 1 {
		t.Errorf("%d clients were closed because of their output, want 1", n)
	}
}

func TestMonitorsLeave(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{})
	m := &s.App().Services().Clients.Monitors
	a, b := s.Client(), s.Client()
	a.Do("MONITOR").OK()
	b.Do("MONITOR").OK()
	a.Do("RESET").Want("RESET")
	if !m.Any() {
		t.Error("RESET of one has ended the other")
	}
	b.Close()
	eventually(t, "no monitor is left", func() bool { return !m.Any() })
}

// TestClientsAreEvicted closes the largest client, unless it is protected.
func TestClientsAreEvicted(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{Options: []string{"--maxmemory-clients", "1mb"}})
	small, guarded, large, largest := s.Client(), s.Client(), s.Client(), s.Client()
	fill := func(c *testkit.Client, bytes int) {
		t.Helper()
		c.Do("MULTI").OK()
		c.Do("SET", "k", strings.Repeat("x", bytes)).Want("QUEUED")
	}
	fill(small, 1000)
	guarded.Do("CLIENT", "NO-EVICT", "ON").OK()
	fill(guarded, 500_000)
	fill(large, 200_000)
	largest.Do("MULTI").OK()
	largest.Send("SET", "k", strings.Repeat("x", 400_000))
	if !largest.Closed() {
		t.Error("the largest client is still there")
	}
	large.Do("EXEC").Want("[OK]")
	guarded.Do("EXEC").Want("[OK]")
	if n := s.App().Services().Stats.ClientsEvicted.Load(); n != 1 {
		t.Errorf("%d clients were evicted, want 1", n)
	}
	small.Do("DISCARD").OK()
	eventually(t, "what was queued is counted no more", func() bool { return s.App().Services().Clients.Memory() < 200_000 })
}
