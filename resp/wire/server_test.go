package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func any1(*testHandler) bool { return true }

func TestPipelines(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		const n = 50_000
		go io.WriteString(c, strings.Repeat("PING\r\n*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n", n))
		c.want(strings.Repeat("+PONG\r\n$3\r\nabc\r\n", n))
		c.send("nonsense\r\n*1\r\n$x\r\n")
		c.want("-ERR unknown command\r\n-ERR Protocol error: invalid bulk length\r\n")
		c.wantEnd()
		s.closedBy(nil)
		if s.commits.Load() == 0 {
			t.Error("no commit")
		}
	})
}

func TestBigValues(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		for _, n := range []int{BigBulk - 1, BigBulk, readSize, readSize + 1, 5 << 20} {
			value := strings.Repeat("v", n)
			go io.WriteString(c, fmt.Sprintf("*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\nPING\r\n", n, value))
			c.want(fmt.Sprintf("$%d\r\n%s\r\n+PONG\r\n", n, value))
		}
	})
}

// A client that sends but does not read is slowed: its server holds little for
// it, and goes on where it stopped.
func TestSlowReader(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		const n, size = 200, 200 << 10
		c.send(strings.Repeat(fmt.Sprintf("BIG %d\r\n", size), n))
		other := s.dial()
		other.send("PING\r\n")
		other.want("+PONG\r\n")
		s.until(func() bool { return s.peak.Load() > unsentLimit/2 })
		for range n {
			c.want(bigReply(size))
		}
		if peak := s.peak.Load(); peak > unsentLimit+size+100 {
			t.Errorf("%d bytes were waiting", peak)
		}
		c.send("PING\r\n")
		c.want("+PONG\r\n")
	})
}

func TestResumeFromAnotherGoroutine(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		c.send("PING\r\nPARK\r\nPING\r\n")
		c.want("+PONG\r\n")
		h := s.the(func(h *testHandler) bool { return h.parked.Load() })
		c.send("ECHO later\r\n")
		h.parked.Store(false)
		h.conn.Resume()
		c.want("+PONG\r\n$5\r\nlater\r\n")
		for range 100 {
			c.send("WORK\r\nPING\r\n")
			c.want("+WORKED\r\n+PONG\r\n")
		}
	})
}

func TestCloseFromAnotherGoroutine(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		h := s.the(any1)
		if h.conn.FD() < 0 || h.conn.RemoteAddr() == nil || h.conn.LocalAddr().String() != s.addr {
			t.Errorf("fd %d, %v -> %v", h.conn.FD(), h.conn.RemoteAddr(), h.conn.LocalAddr())
		}
		h.conn.Close()
		c.wantEnd()
		s.closedBy(ErrKilled)
		h.conn.Close()
		h.conn.Resume()

		busy := s.dial()
		busy.send("BIG 50000000\r\n") // more than the sockets take
		s.until(func() bool { return s.peak.Load() > unsentLimit })
		s.the(any1).conn.Close()
		s.closedBy(ErrKilled)
	})
}

func TestHangUp(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		c.send("PING\r\n")
		c.want("+PONG\r\n")
		c.Close()
		s.closedBy(io.EOF)

		parked := s.dial()
		parked.send("PARK\r\nPING\r\n")
		s.the(func(h *testHandler) bool { return h.parked.Load() })
		parked.Close()
		s.closedBy(io.EOF)
	})
}

type halfCloser interface{ CloseWrite() error }

// A client may send its commands and the end at once, and still gets replies.
func TestHalfClose(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		c.send("WRITE\r\nWORK\r\nPING\r\nPI")
		if err := c.Conn.(halfCloser).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		s.until(func() bool { return s.commits.Load() > 0 })
		s.durable.Store(true)
		s.srv.Nudge()
		c.want("+WRITTEN\r\n+WORKED\r\n+PONG\r\n")
		c.wantEnd()
		s.closedBy(io.EOF)
	})
}

func TestHeldUntilNudge(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		c.send("PING\r\nWRITE\r\nPING\r\n")
		c.want("+PONG\r\n")
		c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("output left before the disk had it: %d, %v", n, err)
		}
		if s.network == "tls" { // its client does not survive a deadline
			return
		}
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		s.durable.Store(true)
		s.srv.Nudge()
		c.want("+WRITTEN\r\n+PONG\r\n")
	})
}

// Nudges race with the rounds that leave something held: none may be missed.
func TestNudgeIsNeverMissed(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		for range 60 {
			s.durable.Store(false)
			before := s.commits.Load()
			c.send("WRITE\r\n")
			for s.commits.Load() == before {
				runtime.Gosched()
			}
			s.durable.Store(true)
			s.srv.Nudge()
			c.want("+WRITTEN\r\n")
		}
	})
}

func TestQuitSendsBeforeClosing(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		const size = 3 << 20
		c.send(fmt.Sprintf("BIG %d\r\nWRITE\r\nQUIT\r\n", size) + strings.Repeat("PING\r\n", 1000))
		s.durable.Store(true)
		s.srv.Nudge()
		c.want(bigReply(size) + "+WRITTEN\r\n+OK\r\n")
		c.wantEnd()
		s.closedBy(nil)
	})
}

func TestTickCloses(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		c := s.dial()
		h := s.the(any1)
		s.clock.Advance(tickEvery)
		c.send("PING\r\n")
		c.want("+PONG\r\n")
		h.idle.Store(true)
		s.until(func() bool { // the goroutine may be busy at one tick
			s.clock.Advance(tickEvery)
			return len(s.reasons) > 0
		})
		c.wantEnd()
		s.closedBy(errIdle)
	})
}

func TestReject(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		s.reject.Store(true)
		if s.network == "tls" {
			conn, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			(&client{conn, t}).wantEnd()
			return
		}
		c := s.dial()
		c.want("-ERR max number of clients reached\r\n")
		c.wantEnd()
	})
}

func TestShutdownDrains(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		idle, parked, busy, held := s.dial(), s.dial(), s.dial(), s.dial()
		const size = 8 << 20
		parked.send("PARK\r\n")
		busy.send(fmt.Sprintf("BIG %d\r\n", size))
		held.send("PING\r\nWRITE\r\n")
		held.want("+PONG\r\n")
		s.until(func() bool {
			return s.peak.Load() >= size && s.oneParked()
		})
		done := make(chan error, 1)
		go func() { done <- s.srv.Shutdown(context.Background()) }()
		idle.wantEnd()
		parked.wantEnd()
		busy.want(bigReply(size))
		busy.wantEnd()
		select {
		case <-done:
			t.Fatal("shut down while a reply was held")
		default:
		}
		s.durable.Store(true)
		s.srv.Nudge()
		held.want("+WRITTEN\r\n")
		held.wantEnd()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.srv.Serve(mustListen(t)); err != ErrShutdown {
			t.Errorf("Serve after the end: %v", err)
		}
	})
}

func (s *tester) oneParked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range s.live {
		if h.parked.Load() {
			return true
		}
	}
	return false
}

func mustListen(t *testing.T) net.Listener {
	ln, err := ListenTCP("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func TestShutdownCuts(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		held := s.dial()
		held.send("WRITE\r\n")
		s.until(func() bool { return s.commits.Load() > 0 })
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.srv.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		held.wantEnd()
		s.closedBy(ErrShutdown)
	})
}

func TestThousandConnections(t *testing.T) {
	onEach(t, func(t *testing.T, s *tester) {
		n := 1000
		if s.network == "tls" {
			n = 100 // handshakes are slow under the race detector
		}
		clients := make([]*client, n)
		for i := range clients {
			clients[i] = s.dial()
		}
		var all sync.WaitGroup
		for _, c := range clients {
			all.Go(func() {
				for range 5 {
					io.WriteString(c, "*1\r\n$4\r\nPI")
					io.WriteString(c, "NG\r\n")
					got := make([]byte, 7)
					if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, []byte("+PONG\r\n")) {
						t.Errorf("got %q, %v", got, err)
						return
					}
				}
			})
		}
		all.Wait()
		for _, c := range clients {
			c.Close()
		}
		for range clients {
			s.closedBy(io.EOF)
		}
	})
}

func TestHandshakeNeedsTLS(t *testing.T) {
	s := start(t, "tls", 0)
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &client{conn, t}
	c.send("PING\r\nPING\r\n")
	got := <-s.reasons
	if got == nil || !strings.Contains(got.Error(), "TLS handshake") {
		t.Errorf("closed by %v", got)
	}

	stalled, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	h := s.the(any1)
	h.conn.Resume() // must not end the handshake
	fine := s.dial()
	fine.send("PING\r\n") // nobody waits for the one that stalls
	fine.want("+PONG\r\n")
	h.conn.Close()
	if got := <-s.reasons; got == nil {
		t.Error("no reason")
	}
}

func TestListenUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ln, err := ListenUnix(path, 0o640)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Fatalf("%v, %v", info, err)
	}
	if _, err := ListenUnix(path, 0o640); !errors.Is(err, errInUse) {
		t.Errorf("second listener: %v", err)
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	ln.Close()
	again, err := ListenUnix(path, 0o600)
	if err != nil {
		t.Fatalf("a stale file was not replaced: %v", err)
	}
	again.Close()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file stayed: %v", err)
	}
	os.WriteFile(path, []byte("precious"), 0o600)
	if _, err := ListenUnix(path, 0o600); !errors.Is(err, errNotSocket) {
		t.Errorf("over a file: %v", err)
	}
}

func TestListenTCP(t *testing.T) {
	for host, want := range map[string]string{"*": "0.0.0.0:", "127.0.0.1": "127.0.0.1:"} {
		ln, err := ListenTCP(host, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := ln.Addr().String(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", host, got)
		}
		ln.Close()
	}
	if _, err := ListenTCP("256.0.0.1", 0); err == nil {
		t.Error("no error")
	}
}
