package micro

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/app"
	"kvd/internal/clock"
	"kvd/internal/config"
)

// feed is a connection without a network: the server reads prepared commands
// as fast as it can take them, and its replies are counted and dropped. So a
// benchmark sees everything between bytes and bytes, and no system calls.
type feed struct {
	block []byte // commands, over and over
	at    int
	left  int // bytes that are still to be read
	piece int // bytes that one read gives at most
	want  int // bytes of replies until done
	done  chan struct{}
	end   chan struct{}
	close sync.Once
}

// newFeed gives the server n commands out of block, depth of them at a time.
// Command and reply are the lengths of one, in bytes.
func newFeed(block []byte, n, depth, command, reply int) *feed {
	return &feed{
		block: block, left: n * command, piece: depth * command, want: n * reply,
		done: make(chan struct{}), end: make(chan struct{}),
	}
}

func (f *feed) Read(p []byte) (int, error) {
	if f.left == 0 {
		<-f.end
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), f.left, f.piece)], f.block[f.at:])
	f.left -= n
	f.at = (f.at + n) % len(f.block)
	return n, nil
}

func (f *feed) Write(p []byte) (int, error) {
	if f.want -= len(p); f.want == 0 {
		close(f.done)
	}
	return len(p), nil
}

func (f *feed) Close() error {
	f.close.Do(func() { close(f.end) })
	return nil
}

var here = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}

func (f *feed) LocalAddr() net.Addr              { return here }
func (f *feed) RemoteAddr() net.Addr             { return here }
func (f *feed) SetDeadline(time.Time) error      { return nil }
func (f *feed) SetReadDeadline(time.Time) error  { return nil }
func (f *feed) SetWriteDeadline(time.Time) error { return nil }

// door is a listener at which feeds come in.
type door struct {
	in    chan net.Conn
	shut  chan struct{}
	close sync.Once
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case conn := <-d.in:
		return conn, nil
	case <-d.shut:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error {
	d.close.Do(func() { close(d.shut) })
	return nil
}

func (d *door) Addr() net.Addr { return here }

// open starts a whole server behind a door.
func open(t testing.TB, args ...string) (*app.App, *door) {
	t.Helper()
	cfg, err := config.Load(args)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{in: make(chan net.Conn), shut: make(chan struct{})}
	a, err := app.Open(app.Options{
		Config: cfg, Clock: &clock.System{}, Log: zerolog.Nop(), Listeners: []net.Listener{d},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, d
}
