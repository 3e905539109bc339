package client

import (
	"fmt"
	"strings"
	"testing"

	"kvd/tests/blackbox"
)

// TestBlockedClients: clients over all transports, on two event loops and on
// goroutines, wait for one list. Each third of them hangs up. The others get its
// elements in the order in which they began to wait.
func TestBlockedClients(t *testing.T) {
	s := serve(t, "--io-loops", "2")
	pusher := s.Client(t)
	const clients = 60
	var waiting []*blackbox.Client
	blocked := func(n int) {
		t.Helper()
		want := fmt.Sprintf(`blocked_clients:%d\r`, n)
		blackbox.Eventually(t, blackbox.Patience, want, func() bool {
			return strings.Contains(pusher.Must(t, "info", "clients").String(), want)
		})
	}
	for i := range clients {
		c := []func(testing.TB) *blackbox.Client{s.Client, s.UnixClient, s.TLSClient}[i/3%3](t)
		if err := c.Send("blpop", "first", "second", "0"); err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, c)
		blocked(i + 1)
	}
	for i := 0; i < clients; i += 3 {
		waiting[i].Close()
	}
	left := clients * 2 / 3
	for i := range left {
		key := []string{"first", "second"}[i%2]
		pusher.Want(t, "(integer) 1", "rpush", key, fmt.Sprint("e", i))
	}
	next := 0
	for i, c := range waiting {
		if i%3 == 0 {
			continue
		}
		v, err := c.Receive()
		if want := fmt.Sprintf(`["%s", "e%d"]`, []string{"first", "second"}[next%2], next); err != nil || v.String() != want {
			t.Errorf("client %d: %v, %v; want %s", i, v, err, want)
		}
		next++
	}
	pusher.Want(t, "(integer) 0", "exists", "first", "second")
	blocked(0)
}
