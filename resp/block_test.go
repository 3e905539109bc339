package resp_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kvd/internal/testkit"
)

// goroutines is a listener whose connections have goroutines of their own, as
// those of TLS have, since it is none that the event loops know.
type goroutines struct{ net.Listener }

func listenBeside(t *testing.T) (net.Listener, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return goroutines{l}, l.Addr().String()
}

// waitBlocked waits until so many clients are blocked.
func waitBlocked(t *testing.T, c *testkit.Client, n int) {
	t.Helper()
	want := fmt.Sprintf(`blocked_clients:%d\r`, n)
	eventually(t, fmt.Sprintf("%d clients are blocked", n), func() bool {
		return strings.Contains(c.Do("info", "clients").Text, want)
	})
}

// TestBlockedClientsAreServedInOrder: of clients on two event loops and on
// goroutines of their own, the one that has waited longest is next.
func TestBlockedClientsAreServedInOrder(t *testing.T) {
	beside, addr := listenBeside(t)
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "2"}, Listeners: []net.Listener{beside}})
	pusher := s.Client()
	const clients = 100
	var waiting [clients]*testkit.Client
	for i := range waiting {
		if i%3 == 0 {
			waiting[i] = s.ClientAt(addr)
		} else {
			waiting[i] = s.Client()
		}
		waiting[i].Send("blpop", "none", "l", fmt.Sprint("only", i), "0")
		waitBlocked(t, pusher, i+1)
	}
	// One by one, several in one command, in one transaction, with a third client
	// that would like them too.
	thief := s.Client()
	stop := make(chan struct{})
	var stealing sync.WaitGroup
	stealing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				thief.Do("lpop", "l").Want("(nil)")
			}
		}
	})
	next := 0
	element := func() string { next++; return fmt.Sprint("e", next-1) }
	for next < clients {
		switch next % 10 {
		case 0:
			pusher.Do("rpush", "l", element(), element(), element()).Want("(integer) 3")
		case 3:
			pusher.Do("multi").OK()
			pusher.Do("rpush", "l", element()).Want("QUEUED")
			pusher.Do("rpush", "l", element(), element()).Want("QUEUED")
			pusher.Do("exec").Want("[(integer) 1, (integer) 3]")
		default:
			pusher.Do("rpush", "l", element()).Want("(integer) 1")
		}
	}
	for i, c := range waiting {
		if got, want := c.Receive(), fmt.Sprintf(`["l", "e%d"]`, i); got != want {
			t.Errorf("client %d got %s, want %s", i, got, want)
		}
	}
	close(stop)
	stealing.Wait()
	pusher.Do("exists", "l").Want("(integer) 0")
}

// TestHangUpTakesNothing: a client that is gone before an element comes does not
// get it, even if the server has not looked at its connection since.
func TestHangUpTakesNothing(t *testing.T) {
	beside, addr := listenBeside(t)
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "2"}, Listeners: []net.Listener{beside}})
	pusher := s.Client()
	const rounds = 150
	for i := range rounds {
		gone := s.Client()
		if i%3 == 0 {
			gone = s.ClientAt(addr)
		}
		gone.Send("blpop", "l", "0")
		waitBlocked(t, pusher, 1)
		gone.Close()
		pusher.Do("rpush", "l", "e").Want("(integer) 1")
		pusher.Do("lpop", "l").Want(`"e"`)
		waitBlocked(t, pusher, 0)
	}
}

// TestManyClientsShareElements: whoever pushes, moves, waits, gives up or hangs
// up at the same time, every element is taken once.
func TestManyClientsShareElements(t *testing.T) {
	beside, addr := listenBeside(t)
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "2"}, Listeners: []net.Listener{beside}})
	const takers, pushers, each = 12, 3, 200
	var mu sync.Mutex
	seen := map[string]int{}
	var work sync.WaitGroup
	for g := range takers {
		c := s.Client()
		if g%3 == 0 {
			c = s.ClientAt(addr)
		}
		work.Go(func() {
			for {
				var got string
				switch g % 4 {
				case 0:
					got = c.Do("blpop", "a", "b", "c", "end", "0").Text
				case 1:
					got = c.Do("brpop", "c", "b", "end", "a", "0").Text
				case 2:
					got = c.Do("blmpop", "0", "4", "b", "end", "a", "c", "left", "count", "3").Text
				default:
					got = c.Do("blmove", "a", "b", "left", "right", "0").Text
				}
				if strings.Contains(got, "stop") {
					return
				}
				if g%4 == 3 {
					continue // it is in b now
				}
				mu.Lock()
				for _, word := range strings.FieldsFunc(got, func(r rune) bool { return strings.ContainsRune(`[]", `, r) }) {
					if strings.HasPrefix(word, "e") && word != "end" {
						seen[word]++
					}
				}
				mu.Unlock()
			}
		})
	}
	var pushing sync.WaitGroup
	for g := range pushers {
		c := s.Client()
		pushing.Go(func() {
			for i := range each {
				key := []string{"a", "b", "c"}[(i+g)%3]
				c.Do("rpush", key, fmt.Sprintf("e%d.%d", g, i))
			}
		})
	}
	pushing.Wait()
	control := s.Client()
	eventually(t, "all are taken", func() bool {
		return control.Do("exists", "a", "b", "c").Text == "(integer) 0"
	})
	for range takers {
		control.Do("rpush", "end", "stop")
	}
	// Those that only move elements wait for key a.
	for range takers / 4 {
		control.Do("rpush", "a", "stop")
	}
	work.Wait()
	if len(seen) != pushers*each {
		t.Errorf("%d elements were taken, not %d", len(seen), pushers*each)
	}
	for e, n := range seen {
		if n != 1 {
			t.Errorf("%s was taken %d times", e, n)
		}
	}
}

func TestBlockedClientsEnd(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	c, other := s.Client(), s.Client()
	id := strings.TrimPrefix(c.Do("client", "id").Text, "(integer) ")
	block := func(timeout string) {
		t.Helper()
		c.Send("blpop", "l", timeout)
		waitBlocked(t, other, 1)
	}
	block("0.5")
	s.Clock.Advance(499 * time.Millisecond)
	if got, ok := c.Pending(); ok {
		t.Errorf("too early: %s", got)
	}
	s.Clock.Advance(time.Millisecond)
	if got := c.Receive(); got != "(nil)" {
		t.Errorf("after its time: %s", got)
	}
	block("0.001") // a millisecond, not for ever
	s.Clock.Advance(time.Millisecond)
	if got := c.Receive(); got != "(nil)" {
		t.Errorf("after its time: %s", got)
	}
	block("0")
	other.Do("client", "unblock", id).Want("(integer) 1")
	if got := c.Receive(); got != "(nil)" {
		t.Errorf("unblocked: %s", got)
	}
	block("0")
	other.Do("client", "unblock", id, "ERROR").Want("(integer) 1")
	if got := c.Receive(); got != "(error) UNBLOCKED client unblocked via CLIENT UNBLOCK" {
		t.Errorf("unblocked with an error: %s", got)
	}
	other.Do("client", "unblock", id).Want("(integer) 0")
	block("0")
	c.Send("ping") // it has its turn after the element
	other.Do("rpush", "l", "e").Want("(integer) 1")
	if got := c.Receive() + c.Receive(); got != `["l", "e"]PONG` {
		t.Errorf("served: %s", got)
	}
	block("0")
	other.Do("client", "kill", "id", id).Want("(integer) 1")
	other.Do("rpush", "l", "e").Want("(integer) 1")
	if !c.Closed() {
		t.Error("the client was not killed")
	}
	other.Do("lpop", "l").Want(`"e"`)
}

// TestShutdownWithBlockedClients: they do not hold it up.
func TestShutdownWithBlockedClients(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true})
	c, other := s.Client(), s.Client()
	c.Send("blpop", "l", "0")
	waitBlocked(t, other, 1)
	s.Restart()
	if !c.Closed() {
		t.Error("the connection is open after the server has ended")
	}
	s.Client().Do("rpush", "l", "e").Want("(integer) 1")
}

// TestServedReplyWaitsForTheDisk: what a client was served with depends on the
// write that has served it.
func TestServedReplyWaitsForTheDisk(t *testing.T) {
	write := point(t, "journal.write")
	s := testkit.Start(t, testkit.Config{Persist: true, Options: []string{"--appendfsync", "always"}})
	c, pusher, other := s.Client(), s.Client(), s.Client()
	c.Send("blpop", "l", "0")
	waitBlocked(t, other, 1)
	write.Set(func() error { return fmt.Errorf("no room") })
	pusher.Send("rpush", "l", "e")
	if !c.Closed() {
		t.Error("a client reads an element whose push was lost")
	}
	write.Set(nil)
	eventually(t, "the list is as it was", func() bool {
		s.Clock.Advance(time.Second)
		return s.Client().Do("rpush", "l", "new").Text == "(integer) 1"
	})
	s.Crash()
	s.Client().Do("lrange", "l", "0", "-1").Want(`["new"]`)
}

// TestBlockedCommandsAreCounted once, when they begin to wait, as redis-server
// counts them.
func TestBlockedCommandsAreCounted(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{"--slowlog-log-slower-than", "0"}})
	c, other := s.Client(), s.Client()
	calls := func(n int) {
		t.Helper()
		want := fmt.Sprintf("cmdstat_blpop:calls=%d,", n)
		if got := other.Do("info", "commandstats").Text; !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	c.Send("blpop", "l", "0")
	waitBlocked(t, other, 1)
	calls(1)
	other.Do("slowlog", "reset").OK()
	other.Do("rpush", "l", "e").Want("(integer) 1")
	if got := c.Receive(); got != `["l", "e"]` {
		t.Errorf("served: %s", got)
	}
	calls(1)
	if got := other.Do("slowlog", "get", "-1").Text; strings.Count(got, `["blpop", "l", "0"]`) != 1 {
		t.Errorf("the slow log: %s", got)
	}
	waitBlocked(t, other, 0)
}

// TestHeavyCommandsRunOnce: a command that turns out to be too much for the loop
// goes to a worker, with one reply and one call.
func TestHeavyCommandsRunOnce(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "1"}})
	c := s.Client()
	push := []string{"rpush", "l"}
	for range 900 {
		push = append(push, "e")
	}
	const rounds = 70
	for range rounds {
		c.Do(push...)
	}
	c.Do("rpush", "l", "last").Want(fmt.Sprintf("(integer) %d", rounds*900+1))
	c.Send("lpos", "l", "last")
	c.Send("lrem", "l", "0", "e")
	c.Send("lrange", "l", "0", "-1")
	for _, want := range []string{fmt.Sprintf("(integer) %d", rounds*900), fmt.Sprintf("(integer) %d", rounds*900), `["last"]`} {
		if got := c.Receive(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	stats := c.Do("info", "commandstats").Text
	for _, name := range []string{"lpos", "lrem", "lrange"} {
		if !strings.Contains(stats, "cmdstat_"+name+":calls=1,") {
			t.Errorf("%s was not counted once: %s", name, stats)
		}
	}
}
