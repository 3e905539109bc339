// Package link is a connection to a Redis server, as a client of it: commands out,
// replies in, in their order and any number ahead.
//
// Invariant: what a server sends is not trusted. No length is believed before the
// bytes are there, and replies nest only so deep.
package link

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Conn is a connection. One goroutine may send while another receives.
type Conn struct {
	conn    net.Conn
	in      *bufio.Reader
	out     *bufio.Writer
	patient time.Duration // what one read or write may take; 0: any time
	taken   int64         // bytes of the lines and words that were read
}

// bufferSize is the size of the buffers, in bytes.
const bufferSize = 64 << 10

// New makes a connection of one that is open already. Patience is how long a read
// or a write may wait for the other side; 0 is for ever.
func New(conn net.Conn, patience time.Duration) *Conn {
	return &Conn{conn: conn, in: bufio.NewReaderSize(conn, bufferSize), out: bufio.NewWriterSize(conn, bufferSize), patient: patience}
}

// Dial connects to a server, authenticates and selects the database.
func Dial(ctx context.Context, to Address, patience time.Duration) (*Conn, error) {
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	dialer := &net.Dialer{}
	var conn net.Conn
	var err error
	if to.TLS != nil {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: to.TLS}).DialContext(ctx, to.Network, to.Host)
	} else {
		conn, err = dialer.DialContext(ctx, to.Network, to.Host)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", to.Host, err)
	}
	c := New(conn, patience)
	if err := c.begin(to); err != nil {
		c.Close()
		return nil, fmt.Errorf("connect to %s: %w", to.Host, err)
	}
	return c, nil
}

// begin says who the client is and what it wants.
func (c *Conn) begin(to Address) error {
	if to.Password != "" || to.User != "" {
		words := []string{"AUTH", to.Password}
		if to.User != "" {
			words = []string{"AUTH", to.User, to.Password}
		}
		if _, err := c.Do(words...); err != nil {
			return err
		}
	}
	if to.DB != 0 {
		if _, err := c.Do("SELECT", strconv.Itoa(to.DB)); err != nil {
			return err
		}
	}
	return nil
}

// Taken is how many bytes of lines, replies and commands have been read.
func (c *Conn) Taken() int64 { return c.taken }

// Waiting is how many bytes have come that were not read yet.
func (c *Conn) Waiting() int { return c.in.Buffered() }

// Close closes the connection; reads and writes under way fail. It may be called
// by any goroutine.
func (c *Conn) Close() { _ = c.conn.Close() } // whatever it says, it is gone

// LocalAddr is the address of our side.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// Send queues a command; Flush sends what is queued. An error is one of writing,
// since long commands are sent at once.
func (c *Conn) Send(words ...[]byte) error {
	c.expectWrite()
	c.head('*', len(words))
	for _, w := range words {
		c.head('$', len(w))
		_, _ = c.out.Write(w) // the writer keeps its first error
		_, _ = c.out.WriteString("\r\n")
	}
	_, err := c.out.Write(nil)
	return err
}

// SendText is Send for words that are text.
func (c *Conn) SendText(words ...string) error {
	list := make([][]byte, len(words))
	for i, w := range words {
		list[i] = []byte(w)
	}
	return c.Send(list...)
}

// SendRaw queues bytes as they are.
func (c *Conn) SendRaw(b []byte) error {
	c.expectWrite()
	_, err := c.out.Write(b)
	return err
}

func (c *Conn) head(kind byte, n int) {
	var room [24]byte
	b := strconv.AppendInt(append(room[:0], kind), int64(n), 10)
	_, _ = c.out.Write(append(b, '\r', '\n'))
}

// Flush sends what is queued.
func (c *Conn) Flush() error {
	c.expectWrite()
	return c.out.Flush()
}

// Do sends a command and returns its reply. A reply that is an error is returned
// as an *Error.
func (c *Conn) Do(words ...string) (Reply, error) {
	if err := errors.Join(c.SendText(words...), c.Flush()); err != nil {
		return Reply{}, err
	}
	r, err := c.Receive()
	if err != nil {
		return r, err
	}
	return r, r.Err()
}

// Sockets know the system's clock only.

func (c *Conn) expectWrite() {
	if c.patient > 0 {
		_ = c.conn.SetWriteDeadline(time.Now().Add(c.patient)) // a closed socket tells the write
	}
}

func (c *Conn) expectRead() {
	if c.patient > 0 {
		_ = c.conn.SetReadDeadline(time.Now().Add(c.patient))
	}
}

// Read implements io.Reader, for what is not a reply.
func (c *Conn) Read(p []byte) (int, error) {
	c.expectRead()
	return c.in.Read(p)
}

// Line reads a line and returns it without its end.
func (c *Conn) Line() (string, error) {
	c.expectRead()
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		if errors.Is(err, bufio.ErrBufferFull) {
			err = errProtocol
		}
		return "", err
	}
	c.taken += int64(len(line))
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return string(line), nil
}

var errProtocol = errors.New("the server's answer is not of the Redis protocol")

// full reads n bytes and the line end after them. It takes memory as they come.
func (c *Conn) full(n int) ([]byte, error) {
	buf := make([]byte, 0, min(n, bufferSize))
	for len(buf) < n {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(n, 2*cap(buf))), buf...)
		}
		c.expectRead()
		got, err := io.ReadFull(c.in, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+got]
		if err != nil {
			return nil, err
		}
	}
	var end [2]byte
	if _, err := io.ReadFull(c.in, end[:]); err != nil {
		return nil, err
	}
	if string(end[:]) != "\r\n" {
		return nil, errProtocol
	}
	c.taken += int64(n) + int64(len(end))
	return buf, nil
}
