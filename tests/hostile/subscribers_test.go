package hostile

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"kvd/tests/blackbox"
)

// TestManySubscribers has 10,000 clients wait for messages, one of whom never
// reads: the others get everything, who publishes does not wait, and memory stays
// within the limit of the one until it is closed.
func TestManySubscribers(t *testing.T) {
	const count = 10_000
	s := blackbox.Start(t, blackbox.Options{Args: []string{
		"--appendonly", "no", "--maxclients", "20000", "--client-output-buffer-limit", "pubsub 8mb 0 0",
	}})
	publisher := s.Client(t)
	slow := s.Client(t)
	slow.Must(t, "SUBSCRIBE", "all", "flood")
	readers := subscribers(t, s, count)
	publish := func(from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			served(t, publisher)
			publisher.Must(t, "PUBLISH", "all", fmt.Sprint(i))
		}
		for n, c := range readers {
			for i := from; i < to; i++ {
				want := fmt.Sprintf(`["message", "all", "%d"]`, i)
				if got, err := c.Receive(); err != nil || got.String() != want {
					t.Fatalf("subscriber %d got %s, %v; want %s", n, got, err, want)
				}
			}
		}
	}
	publish(0, 10)

	before := s.RSS()
	s.ResetPeak()
	text := strings.Repeat("x", 64<<10)
	flooded := blackbox.Poll(blackbox.Patience, func() bool {
		served(t, publisher)
		return publisher.Must(t, "PUBLISH", "flood", text).String() == "(integer) 0"
	})
	if !flooded {
		t.Error("the subscriber that never reads is still there")
	}
	peaked(t, s, "a subscriber that never reads", before, 64<<20)
	publish(10, 12)
}

// subscribers connects so many clients and subscribes each to "all".
func subscribers(t *testing.T, s *blackbox.Server, n int) []*blackbox.Client {
	t.Helper()
	var list []*blackbox.Client
	for range n {
		c, err := blackbox.Dial("tcp", s.Addr())
		if errors.Is(err, syscall.EMFILE) {
			t.Skip("this system does not allow so many connections")
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		if err := c.Send("SUBSCRIBE", "all"); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	for _, c := range list {
		if _, err := c.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	return list
}
