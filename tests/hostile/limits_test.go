package hostile

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

func TestMaxClients(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{Args: []string{"--appendonly", "no", "--maxclients", "5"}})
	var clients []*blackbox.Client
	for range 5 {
		c := s.Client(t)
		served(t, c)
		clients = append(clients, c)
	}
	for range 20 {
		if got, err := s.Client(t).Rest(); err != nil || got != "-ERR max number of clients reached\r\n" {
			t.Fatalf("the sixth client read %q, %v", got, err)
		}
	}
	served(t, clients[0])
	clients[4].Close()
	blackbox.Eventually(t, blackbox.Patience, "a place is free again", func() bool {
		v, err := s.Client(t).Do("PING")
		return err == nil && v.String() == "PONG"
	})
}

// Without descriptors the server waits for one and burns no processor.
func TestOutOfDescriptors(t *testing.T) {
	const descriptors = 64
	s := blackbox.Start(t, blackbox.Options{Descriptors: descriptors, TLS: true, Args: []string{"--appendonly", "no"}})
	first := s.Client(t)
	served(t, first)
	for _, addr := range []string{s.Addr(), s.TLSAddr()} {
		for range descriptors {
			c, err := net.Dial("tcp", addr) // the kernel accepts it
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
		}
	}
	blackbox.Eventually(t, blackbox.Patience, "all descriptors are taken", func() bool { return s.Descriptors() >= descriptors-1 })
	served(t, first)
	const span = 2 * time.Second
	cpu, start := s.CPU(), time.Now()
	blackbox.Poll(span, func() bool { return s.Ended() })
	s.Alive()
	if used, share := s.CPU()-cpu, time.Since(start)/10; used > share {
		t.Errorf("%v of processor time in %v without descriptors", used, time.Since(start))
	}
	served(t, first)
	if n := s.Log.Count("accept failed"); n < 1 || n > 4 {
		t.Errorf("the log tells of it %d times", n)
	}
}

func TestDescriptorsComeBack(t *testing.T) {
	const descriptors = 64
	s := blackbox.Start(t, blackbox.Options{Descriptors: descriptors, Args: []string{"--appendonly", "no"}})
	var all []net.Conn
	for range descriptors {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	blackbox.Eventually(t, blackbox.Patience, "all descriptors are taken", func() bool { return s.Descriptors() >= descriptors-1 })
	for _, c := range all {
		c.Close()
	}
	c := s.Client(t)
	if err := c.Send("PING"); err != nil {
		t.Fatal(err)
	}
	if v, err := c.Receive(); err != nil || v.String() != "PONG" {
		t.Errorf("after the others have gone: %s, %v", v, err)
	}
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	s := blackbox.Start(t, blackbox.Options{TLS: true, Args: []string{"--appendonly", "no", "--timeout", "1"}})
	for _, tr := range transports(s) {
		idle, busy := tr.dial(t), tr.dial(t)
		served(t, idle)
		closed := make(chan error, 1)
		go func() {
			_, err := idle.Rest()
			closed <- err
		}()
		blackbox.Eventually(t, blackbox.Patience, "the idle client is closed", func() bool {
			served(t, busy)
			return len(closed) > 0
		})
		if err := <-closed; err != nil {
			t.Errorf("%s: %v", tr.name, err)
		}
	}
}

func TestAuthTimeout(t *testing.T) {
	t.Parallel()
	s := fortress(t, "--auth-timeout", "1")
	for _, tr := range transports(s) {
		known := login(t, tr.dial(t))
		stranger := tr.dial(t)
		if err := stranger.Write([]byte("*2\r\n$4\r\nAU")); err != nil {
			t.Fatal(err)
		}
		if got, err := stranger.Rest(); err != nil || got != "" {
			t.Errorf("%s: a stranger read %q, %v", tr.name, got, err)
		}
		served(t, known)
	}
}

// A handshake that never goes on holds up nobody, and is ended.
func TestStalledHandshake(t *testing.T) {
	t.Parallel()
	s := fortress(t)
	var stalled []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", s.TLSAddr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte{0x16, 3, 1}); err != nil {
			t.Fatal(err)
		}
		stalled = append(stalled, c)
	}
	served(t, login(t, s.TLSClient(t)))
	for _, c := range stalled {
		c.SetReadDeadline(time.Now().Add(2 * blackbox.Patience))
		_, err := io.Copy(io.Discard, c)
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			t.Fatal("a handshake may stall for ever")
		}
	}
}

// A client that makes no progress with its replies is closed in the time of the
// soft limit.
func TestOutputLimit(t *testing.T) {
	t.Parallel()
	s := fortress(t, "--client-output-buffer-limit", "normal 64mb 1mb 1")
	other := member(t, s)
	other.Want(t, "OK", "SET", "k", strings.Repeat("x", 1<<20))
	c := member(t, s)
	if err := c.Write([]byte(strings.Repeat("GET k\r\n", 100))); err != nil {
		t.Fatal(err)
	}
	blackbox.Eventually(t, blackbox.Patience, "the client that reads nothing is closed", func() bool {
		return !strings.Contains(other.Must(t, "CLIENT", "LIST").Text, c.LocalAddr())
	})
}

func TestProtectedMode(t *testing.T) {
	addr := outsideAddress(t)
	refused := blackbox.Start(t, blackbox.Options{Args: []string{"--appendonly", "no", "--bind", "*"}})
	c, err := blackbox.Dial("tcp", net.JoinHostPort(addr, port(refused)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := c.Rest(); err != nil || !strings.HasPrefix(got, "-DENIED ") || strings.Count(got, "\n") != 1 {
		t.Errorf("from outside, without a password: %q, %v", got, err)
	}
	served(t, refused.Client(t))

	for _, args := range [][]string{{"--requirepass", password}, {"--protected-mode", "no"}} {
		s := blackbox.Start(t, blackbox.Options{Args: append([]string{"--appendonly", "no", "--bind", "*"}, args...)})
		c, err := blackbox.Dial("tcp", net.JoinHostPort(addr, port(s)))
		if err != nil {
			t.Fatal(err)
		}
		v, err := c.Do("PING")
		if err != nil || strings.Contains(v.String(), "DENIED") {
			t.Errorf("%q: %s, %v", args, v, err)
		}
		c.Close()
	}
}

// The default is to listen at the loopback interface only.
func TestDefaultBind(t *testing.T) {
	addr := outsideAddress(t)
	s := blackbox.Start(t, blackbox.Options{Args: []string{"--appendonly", "no"}})
	if c, err := blackbox.Dial("tcp", net.JoinHostPort(addr, port(s))); err == nil {
		c.Close()
		t.Error("it listens to the world")
	}
}

func port(s *blackbox.Server) string {
	_, p, _ := net.SplitHostPort(s.Addr())
	return p
}

// outsideAddress is an address of this machine that is not a loopback one.
func outsideAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	blackbox.Missing(t, "an address besides the loopback interface's")
	return ""
}
