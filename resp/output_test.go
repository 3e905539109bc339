package resp_test

import (
	"strings"
	"testing"
	"time"

	"kvd/internal/testkit"
)

// TestUnreadOutput: a client that takes nothing is closed when its time is up,
// and one that reads, however slowly, is not.
func TestUnreadOutput(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	stuck, slow := s.Client(), s.Client()
	stuck.Do("set", "k", strings.Repeat("x", 1<<20)).OK()
	const gets = 64 // far more than sockets take
	for range gets {
		stuck.Send("get", "k")
		slow.Send("get", "k")
	}
	connected := func() bool { return s.App().Services().Clients.Len() == 2 }
	for range 20 {
		s.Clock.Advance(5 * time.Second)
		slow.Receive()
	}
	eventually(t, "the client that reads nothing is closed", func() bool {
		s.Clock.Advance(time.Second)
		return !connected()
	})
	for range gets - 20 {
		slow.Receive()
	}
	slow.Do("ping").Want("PONG")
}
