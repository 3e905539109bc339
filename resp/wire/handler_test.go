package wire

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kvd/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// unsentLimit is where the test handler stops for a client that does not read.
const unsentLimit = 1 << 20

// tester is a small server on the transports under test.
type tester struct {
	t       *testing.T
	srv     *Server
	clock   *clock.Manual
	network string
	addr    string

	durable atomic.Bool // held output may leave
	commits atomic.Int64
	peak    atomic.Int64 // most unsent bytes of one connection
	reject  atomic.Bool
	events  chan string

	mu      sync.Mutex
	live    map[*testHandler]bool
	reasons chan error
}

// testHandler answers a few commands. What it does beside PING and ECHO stands
// in run.
type testHandler struct {
	s        *tester
	conn     Conn
	out      []byte
	chunks   [2][]byte
	free     int // bytes of out that need not wait for the disk
	parked   atomic.Bool
	working  bool
	worked   atomic.Bool // what working waits for
	quitting bool
	idle     atomic.Bool // Tick closes it
	over     bool
}

var errIdle = errors.New("idle too long")

func (h *testHandler) Data(in *Input) {
	if h.over {
		h.s.t.Error("Data after Closed")
	}
	if h.worked.Swap(false) {
		h.working = false
		h.reply("+WORKED\r\n")
	}
	for !h.Paused() && !h.quitting && len(h.out) < unsentLimit {
		args, err := in.Next()
		if err != nil {
			h.reply("-" + err.Error() + "\r\n")
			h.quitting = true
		}
		if args == nil {
			break
		}
		h.run(args)
	}
	h.s.peak.Store(max(h.s.peak.Load(), int64(len(h.out))))
}

func (h *testHandler) run(args [][]byte) {
	switch name := strings.ToUpper(string(args[0])); {
	case name == "PING" && len(args) == 1:
		h.reply("+PONG\r\n")
	case name == "ECHO" && len(args) == 2:
		h.reply(fmt.Sprintf("$%d\r\n%s\r\n", len(args[1]), args[1]))
	case name == "BIG" && len(args) == 2: // a reply of so many bytes
		n, _ := strconv.Atoi(string(args[1]))
		h.reply(bigReply(n))
	case name == "PARK":
		h.parked.Store(true)
	case name == "WORK": // the reply is another goroutine's doing
		h.working = true
		go func() {
			h.worked.Store(true)
			h.conn.Resume()
		}()
	case name == "WRITE": // the reply waits for the disk
		all := h.free == len(h.out)
		free := h.free
		h.reply("+WRITTEN\r\n")
		if all {
			h.free = free
		}
	case name == "QUIT":
		h.reply("+OK\r\n")
		h.quitting = true
	default:
		h.reply("-ERR unknown command\r\n")
	}
}

// bigReply is a bulk of n bytes.
func bigReply(n int) string { return fmt.Sprintf("$%d\r\n%s\r\n", n, strings.Repeat("b", n)) }

// reply adds a reply, which may leave unless an earlier one waits.
func (h *testHandler) reply(text string) {
	all := h.free == len(h.out)
	h.out = append(h.out, text...)
	if all {
		h.free = len(h.out)
	}
}

func (h *testHandler) Paused() bool {
	return h.parked.Load() || h.working || len(h.out) >= unsentLimit
}

func (h *testHandler) Output() [][]byte {
	if h.s.durable.Load() {
		h.free = len(h.out)
	}
	// Two chunks, so that both ways of sending are used.
	half := h.free / 2
	if h.free < 1000 {
		half = h.free
	}
	h.chunks = [2][]byte{h.out[:half], h.out[half:h.free]}
	return h.chunks[:]
}

func (h *testHandler) Sent(n int) {
	h.out = h.out[n:]
	h.free -= n
}

func (h *testHandler) Held() bool {
	return h.working || len(h.out) > h.free && !h.s.durable.Load()
}

func (h *testHandler) Closing() bool { return h.quitting }

func (h *testHandler) Tick(time.Time) error {
	if h.idle.Load() {
		return errIdle
	}
	return nil
}

func (h *testHandler) Closed(reason error) {
	if h.over {
		h.s.t.Error("Closed twice")
	}
	h.over = true
	h.s.mu.Lock()
	delete(h.s.live, h)
	h.s.mu.Unlock()
	h.s.reasons <- reason
}

// transports are the ways to serve that every test runs on.
var transports = []struct {
	name, network string
	loops         int
}{
	{"tcp4 one loop", "tcp", 1},
	{"tcp4 two loops", "tcp", 2},
	{"unix one loop", "unix", 1},
	{"tcp4 goroutines", "tcp", 0},
	{"unix goroutines", "unix", 0},
	{"tls", "tls", 0},
	{"tls beside a loop", "tls", 1},
}

// onEach runs test on each transport.
func onEach(t *testing.T, test func(t *testing.T, s *tester)) {
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) { test(t, start(t, tr.network, tr.loops)) })
	}
}

func start(t *testing.T, network string, loops int) *tester {
	t.Helper()
	s := &tester{
		t: t, network: network, clock: clock.NewManual(time.Unix(1000, 0)),
		live: map[*testHandler]bool{}, reasons: make(chan error, 2000), events: make(chan string, 10),
	}
	s.srv = NewServer(Options{
		Loops: loops, Clock: s.clock,
		Commit:    func() { s.commits.Add(1) },
		KeepAlive: func() time.Duration { return 5 * time.Minute },
		Log:       func(event string, err error) { s.events <- event + ": " + err.Error() },
		Accept: func(c Conn) (Handler, []byte) {
			if s.reject.Load() {
				return nil, []byte("-ERR max number of clients reached\r\n")
			}
			h := &testHandler{s: s, conn: c}
			s.mu.Lock()
			s.live[h] = true
			s.mu.Unlock()
			return h, nil
		},
	})
	ln, err := s.listen()
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() {
		if network == "tls" {
			config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
			served <- s.srv.ServeTLS(ln, func() *tls.Config { return config })
			return
		}
		served <- s.srv.Serve(ln)
	}()
	t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		s.srv.Shutdown(over)
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if len(s.live) != 0 {
			t.Errorf("%d handlers were not closed", len(s.live))
		}
	})
	return s
}

func (s *tester) listen() (net.Listener, error) {
	if s.network == "unix" {
		s.addr = filepath.Join(s.t.TempDir(), "s")
		return ListenUnix(s.addr, 0o600)
	}
	ln, err := ListenTCP("127.0.0.1", 0)
	if err == nil {
		s.addr = ln.Addr().String()
	}
	return ln, err
}

// client is a raw connection with a deadline, so that a test that waits in vain
// fails.
type client struct {
	net.Conn
	t testing.TB
}

func (s *tester) dial() *client {
	s.t.Helper()
	var conn net.Conn
	var err error
	switch s.network {
	case "tls":
		conn, err = tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true})
	default:
		conn, err = net.Dial(s.network, s.addr)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	s.t.Cleanup(func() { conn.Close() })
	return &client{conn, s.t}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

// want reads exactly reply.
func (c *client) want(reply string) {
	c.t.Helper()
	got := make([]byte, len(reply))
	n, err := io.ReadFull(c, got)
	if string(got[:n]) != reply {
		c.t.Fatalf("got %.200q, %v; want %.200q", got[:n], err, reply)
	}
}

// wantEnd reads the end of the connection.
func (c *client) wantEnd() {
	c.t.Helper()
	rest, err := io.ReadAll(c)
	if len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("got %.200q, %v; want the end", rest, err)
	}
}

// the returns the only handler, once it is there and ok says so.
func (s *tester) the(ok func(*testHandler) bool) *testHandler {
	s.t.Helper()
	var found *testHandler
	s.until(func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for h := range s.live {
			found = h
		}
		return len(s.live) == 1 && ok(found)
	})
	return found
}

// until waits for a condition that another goroutine makes true.
func (s *tester) until(ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			s.t.Fatal("waited in vain")
		}
		<-time.After(time.Millisecond)
	}
}

// closedBy checks why the next connection was closed.
func (s *tester) closedBy(want error) {
	s.t.Helper()
	select {
	case got := <-s.reasons:
		if !errors.Is(got, want) {
			s.t.Errorf("closed by %v, want %v", got, want)
		}
	case <-time.After(20 * time.Second):
		s.t.Fatal("not closed")
	}
}

var certificate = func() func(*testing.T) tls.Certificate {
	var once sync.Once
	var cert tls.Certificate
	return func(t *testing.T) tls.Certificate {
		once.Do(func() {
			key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
			der, err := x509.CreateCertificate(crand.Reader, template, template, &key.PublicKey, key)
			if err != nil {
				t.Fatal(err)
			}
			cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
		})
		return cert
	}
}()
