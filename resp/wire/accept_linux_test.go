package wire

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kvd/internal/clock"
)

// Out of descriptors, accepting pauses instead of spinning, says so once, and
// goes on when there are some again.
func TestOutOfDescriptors(t *testing.T) {
	for _, loops := range []int{0, 1} {
		s := start(t, "unix", loops)
		first := s.dial()
		first.send("PING\r\n")
		first.want("+PONG\r\n")

		waiting := make([]net.Conn, 3)
		fds := make([]int, 3)
		for i := range fds { // before descriptors run out
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			if err != nil {
				t.Fatal(err)
			}
			fds[i] = fd
		}
		restore := exhaust(t)
		for _, fd := range fds {
			if err := unix.Connect(fd, &unix.SockaddrUnix{Name: s.addr}); err != nil {
				t.Fatal(err)
			}
		}
		if event := <-s.events; !strings.Contains(event, "too many open files") {
			t.Errorf("logged %q", event)
		}
		for range 20 {
			s.clock.Advance(firstPause)
		}
		first.send("PING\r\n") // the others are served
		first.want("+PONG\r\n")
		if len(s.events) > 0 {
			t.Errorf("logged again: %s", <-s.events)
		}
		restore()
		for i, fd := range fds {
			file := os.NewFile(uintptr(fd), "client")
			conn, err := net.FileConn(file)
			file.Close()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			waiting[i] = conn
		}
		s.until(func() bool {
			s.clock.Advance(lastPause)
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.live) == 4
		})
		for _, conn := range waiting {
			c := &client{conn, t}
			c.send("PING\r\n")
			c.want("+PONG\r\n")
		}
	}
}

// exhaust leaves no descriptor to be had, until restore is called.
func exhaust(t *testing.T) (restore func()) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	next, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(next)
	// Numbers below the limit may be free: fill the gaps.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next) + 1, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	var filler []int
	for {
		fd, err := unix.Dup(0)
		if err != nil {
			break
		}
		filler = append(filler, fd)
	}
	over := false
	restore = func() {
		if over {
			return
		}
		over = true
		for _, fd := range filler {
			unix.Close(fd)
		}
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	}
	t.Cleanup(restore)
	return restore
}

func TestBackoffGrows(t *testing.T) {
	s := &Server{opts: Options{Clock: clock.NewManual(time.Unix(0, 0))}, stop: make(chan struct{})}
	close(s.stop) // so that failed does not wait
	b := backoff{s: s}
	var got []string
	for range 10 {
		b.failed(os.ErrInvalid)
		got = append(got, b.next.String())
	}
	if want := "5ms 10ms 20ms 40ms 80ms 160ms 320ms 640ms 1s 1s"; strings.Join(got, " ") != want {
		t.Errorf("got %s", got)
	}
	b.worked()
	if b.next != 0 {
		t.Error("worked does not reset")
	}
}
