package resp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kvd/internal/testkit"
)

// TestSlowSubscriber publishes to many, of whom one never reads: it is closed,
// and the others get everything.
func TestSlowSubscriber(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{
		"--io-loops", "2", "--client-output-buffer-limit", "pubsub 2mb 0 0",
	}})
	const readers, messages = 10, 1200 // more than the kernel keeps for a socket
	text := strings.Repeat("x", 16<<10)
	slow := s.Client()
	slow.Do("subscribe", "c").Want(`["subscribe", "c", (integer) 1]`)
	var done sync.WaitGroup
	for range readers {
		c := s.Client()
		c.Do("subscribe", "c").Want(`["subscribe", "c", (integer) 1]`)
		done.Add(1)
		go func() {
			defer done.Done()
			for range messages {
				if got := c.Receive(); got != `["message", "c", "`+text+`"]` {
					t.Errorf("a reader got %.60s…", got)
					return
				}
			}
		}()
	}
	publisher := s.Client()
	publisher.Do("publish", "c", text).Want(fmt.Sprintf("(integer) %d", readers+1))
	for range messages - 1 {
		publisher.Do("publish", "c", text)
	}
	eventually(t, "the slow subscriber is closed", func() bool {
		return publisher.Do("pubsub", "numsub", "c").Text == fmt.Sprintf(`["c", (integer) %d]`, readers)
	})
	info := publisher.Do("info", "stats").Text
	if !strings.Contains(info, "client_output_buffer_limit_disconnections:1") {
		t.Error("the slow subscriber is not counted")
	}
	done.Wait()
}

// TestMessagesBetweenReplies has a client receive messages while its commands
// run, some on a worker: no reply is torn, and all are in order.
func TestMessagesBetweenReplies(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "2"}})
	c, publisher := s.Client(), s.Client()
	c.Do("hello", "3")
	c.Do("subscribe", "c").Want(`>["subscribe", "c", (integer) 1]`)
	large := strings.Repeat("v", 50_000)
	c.Do("mset", "a", "1", "large", large).OK()

	const rounds = 200
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range rounds {
			publisher.Do("publish", "c", fmt.Sprint(i))
		}
	}()
	want := []string{`"1"`, `["a", "large"]`, `"` + large + `"`, "OK", "QUEUED", "QUEUED", `["1", "1"]`}
	next, heard := 0, 0
	receive := func() bool {
		got := c.Receive()
		if strings.HasPrefix(got, ">") {
			if got != fmt.Sprintf(`>["message", "c", "%d"]`, heard) {
				t.Fatalf("message %d: %s", heard, got)
			}
			heard++
			return false
		}
		if got != want[next] && got != `["large", "a"]` {
			t.Fatalf("got %.60s, want %.60s", got, want[next])
		}
		next = (next + 1) % len(want)
		return true
	}
	for range 50 {
		for _, line := range []string{"get a", "keys *", "get large", "multi", "get a", "get a", "exec"} {
			c.Send(strings.Fields(line)...)
		}
		for n := 0; n < len(want); {
			if receive() {
				n++
			}
		}
	}
	<-done
	for heard < rounds {
		receive()
	}
}

func TestIdleSubscribersStay(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{"--timeout", "10"}})
	subscriber, idle := s.Client(), s.Client()
	subscriber.Do("subscribe", "c")
	idle.Do("ping").Want("PONG")
	s.Clock.Advance(time.Minute)
	if !idle.Closed() {
		t.Error("an idle client stays")
	}
	subscriber.Do("ping").Want(`["pong", ""]`)
}

// TestNoStaleCaches lets clients cache what they read while others write: once
// all is quiet, no client has a value that is not the server's.
func TestNoStaleCaches(t *testing.T) {
	for name, how := range map[string][]string{
		"what was read": {"client", "tracking", "on"},
		"broadcast":     {"client", "tracking", "on", "bcast"},
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.Start(t, testkit.Config{Options: []string{"--io-loops", "2"}})
			var readers []*cachingClient
			for range 4 {
				c := &cachingClient{Client: s.Client(), t: t, values: map[string]string{}}
				c.ask("hello", "3")
				c.ask(how...)
				readers = append(readers, c)
			}
			churn(s, readers)
			truth := s.Client()
			for i, c := range readers {
				c.ask("ping") // what was pushed before is before its reply
				for key, value := range c.values {
					if now := truth.Do("get", key).Text; now != value {
						t.Errorf("client %d has %s = %s, the server has %s", i, key, value, now)
					}
				}
			}
		})
	}
}

// churn lets clients write and read the same few keys.
func churn(s *testkit.Server, readers []*cachingClient) {
	var all sync.WaitGroup
	for w := range 2 {
		c := s.Client()
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range 400 {
				switch i % 8 {
				case 6:
					c.Do("del", fmt.Sprint("k", i%7))
				case 7:
					c.Do("flushall")
				default:
					c.Do("mset", fmt.Sprint("k", i%7), fmt.Sprint(w, ":", i), fmt.Sprint("k", i%5), fmt.Sprint(w, "/", i))
				}
			}
		}()
	}
	for _, c := range readers {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range 800 {
				c.get(fmt.Sprint("k", i%7))
			}
		}()
	}
	all.Wait()
}

// cachingClient keeps what it has read until it is told that it has changed.
type cachingClient struct {
	*testkit.Client
	t      *testing.T
	values map[string]string
}

func (c *cachingClient) get(key string) {
	if _, known := c.values[key]; !known {
		c.values[key] = c.ask("get", key)
	} else {
		c.ask("ping")
	}
}

// ask sends a command and returns its reply. What it is told meanwhile is about
// what it had before.
func (c *cachingClient) ask(args ...string) string {
	c.Send(args...)
	for {
		text := c.Receive()
		switch {
		case text == `>["invalidate", (nil)]`:
			clear(c.values)
		case strings.HasPrefix(text, `>["invalidate", [`):
			keys := strings.TrimSuffix(strings.TrimPrefix(text, `>["invalidate", [`), "]]")
			for _, key := range strings.Split(keys, ", ") {
				delete(c.values, strings.Trim(key, `"`))
			}
		default:
			return text
		}
	}
}
