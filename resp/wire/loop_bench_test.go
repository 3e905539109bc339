package wire

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"kvd/internal/clock"
)

// pong answers every command with PONG, at the least cost.
type pong struct {
	buf    []byte
	sent   int
	chunks [1][]byte
}

func (h *pong) Data(in *Input) {
	for {
		if args, err := in.Next(); args == nil || err != nil {
			return
		}
		h.buf = append(h.buf, "+PONG\r\n"...)
	}
}

func (h *pong) Output() [][]byte {
	if h.sent == len(h.buf) {
		return nil
	}
	h.chunks[0] = h.buf[h.sent:]
	return h.chunks[:]
}

func (h *pong) Sent(n int) {
	if h.sent += n; h.sent == len(h.buf) {
		h.buf, h.sent = h.buf[:0], 0
	}
}

func (h *pong) Paused() bool         { return false }
func (h *pong) Held() bool           { return false }
func (h *pong) Closing() bool        { return false }
func (h *pong) Tick(time.Time) error { return nil }
func (h *pong) Closed(error)         {}

// pongClient starts a server and returns a connection to it.
func pongClient(t testing.TB, loops int) net.Conn {
	s := NewServer(Options{
		Loops: loops, Clock: clock.NewManual(time.Unix(0, 0)),
		Accept: func(Conn) (Handler, []byte) { return new(pong), nil },
	})
	ln, err := ListenTCP("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(ln)
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		s.Shutdown(context.Background())
	})
	return conn
}

// exchange sends n commands at once and reads the replies into got.
func exchange(t testing.TB, conn net.Conn, request, got []byte) {
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
}

func TestRoundAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, loops := range []int{0, 1} {
		conn := pongClient(t, loops)
		for _, pipeline := range []int{1, 16} {
			request := []byte(strings.Repeat("*1\r\n$4\r\nPING\r\n", pipeline))
			got := make([]byte, 7*pipeline)
			exchange(t, conn, request, got)
			if n := testing.AllocsPerRun(200, func() { exchange(t, conn, request, got) }); n >= 1 {
				t.Errorf("%d loops, pipeline %d: %v allocations a round", loops, pipeline, n)
			}
		}
	}
}

func BenchmarkPing(b *testing.B) {
	for name, loops := range map[string]int{"loop": 1, "goroutine": 0} {
		b.Run(name, func(b *testing.B) {
			conn := pongClient(b, loops)
			const pipeline = 16
			request := []byte(strings.Repeat("*1\r\n$4\r\nPING\r\n", pipeline))
			got := make([]byte, 7*pipeline)
			b.ReportAllocs()
			for i := 0; i < b.N; i += pipeline {
				exchange(b, conn, request, got)
			}
		})
	}
}
