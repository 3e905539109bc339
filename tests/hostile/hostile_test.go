// Package hostile sends the built server what no client should send, before and
// after authentication, over the event loops and over TLS. Each test expects
// that the server answers as redis-server does or closes the connection, that
// it lives on, serves others meanwhile, and holds no more memory than was sent.
package hostile

import (
	"fmt"
	"os"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// password is what the servers here ask for.
const password = "correct horse"

// answerWithin is how long others may wait while a server is under attack. The
// aim is a tenth of a second; this leaves room for a machine that is busy with
// other tests.
const answerWithin = 2 * time.Second

// transport is a way into the server.
type transport struct {
	name string
	dial func(testing.TB) *blackbox.Client
}

// transports are the event loops and the goroutine for each connection.
func transports(s *blackbox.Server) []transport {
	return []transport{{"loop", s.Client}, {"tls", s.TLSClient}}
}

// fortress starts a server with a password and both transports, without a disk.
func fortress(t *testing.T, args ...string) *blackbox.Server {
	t.Helper()
	return blackbox.Start(t, blackbox.Options{
		TLS:  true,
		Args: append([]string{"--appendonly", "no", "--requirepass", password}, args...),
	})
}

// login authenticates a connection.
func login(t testing.TB, c *blackbox.Client) *blackbox.Client {
	t.Helper()
	c.Want(t, "OK", "AUTH", password)
	return c
}

// member connects and authenticates.
func member(t testing.TB, s *blackbox.Server) *blackbox.Client {
	t.Helper()
	return login(t, s.Client(t))
}

// served fails the test unless a client gets its answer in time.
func served(t testing.TB, c *blackbox.Client) {
	t.Helper()
	if err := c.Send("PING"); err != nil {
		t.Fatalf("another client can't send: %v", err)
	}
	v, err := c.ReceiveWithin(answerWithin)
	if err != nil || v.String() != "PONG" {
		t.Fatalf("another client was answered %s, %v", v, err)
	}
}

// grown fails the test if the server's memory has grown by more than limit since
// it was at before.
func grown(t testing.TB, s *blackbox.Server, what string, before, limit int64) {
	t.Helper()
	now := s.RSS()
	if now-before > limit {
		t.Errorf("%s: memory has grown by %s, at most %s was expected", what, mib(now-before), mib(limit))
	}
	t.Logf("%s: memory has grown by %s of %s", what, mib(now-before), mib(limit))
}

// peaked is grown for the highest that memory has been since ResetPeak.
func peaked(t testing.TB, s *blackbox.Server, what string, before, limit int64) {
	t.Helper()
	peak := s.PeakRSS()
	if peak-before > limit {
		t.Errorf("%s: memory has peaked at %s more, at most %s was expected", what, mib(peak-before), mib(limit))
	}
	t.Logf("%s: memory has peaked at %s more of %s", what, mib(peak-before), mib(limit))
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
