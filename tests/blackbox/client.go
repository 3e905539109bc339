package blackbox

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"testing"
	"time"
)

// Client is a connection that hides nothing: bytes go out as they are given, and
// every reply is seen. It is used by one goroutine, but for Close.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
}

// NewClient makes a client of a connection.
func NewClient(conn net.Conn) *Client { return &Client{conn: conn, in: bufio.NewReader(conn)} }

// Dial connects to an address.
func Dial(network, addr string) (*Client, error) {
	conn, err := net.DialTimeout(network, addr, Patience)
	if err != nil {
		return nil, err
	}
	return NewClient(conn), nil
}

// Client connects to the server's TCP port; the connection ends with the test.
func (s *Server) Client(t testing.TB) *Client {
	t.Helper()
	c, err := Dial("tcp", s.Addr())
	return mustConnect(t, c, err)
}

// UnixClient is Client for the unix socket.
func (s *Server) UnixClient(t testing.TB) *Client {
	t.Helper()
	c, err := Dial("unix", s.Socket)
	return mustConnect(t, c, err)
}

// TLSClient is Client for the TLS port.
func (s *Server) TLSClient(t testing.TB) *Client {
	t.Helper()
	dialer := &net.Dialer{Timeout: Patience}
	conn, err := tls.DialWithDialer(dialer, "tcp", s.TLSAddr(), s.TLSConfig())
	if err != nil {
		t.Fatalf("connect with TLS: %v", err)
	}
	return mustConnect(t, NewClient(conn), nil)
}

func mustConnect(t testing.TB, c *Client, err error) *Client {
	t.Helper()
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// Close closes the connection.
func (c *Client) Close() { c.conn.Close() }

// LocalAddr is the client's own address, as CLIENT LIST shows it.
func (c *Client) LocalAddr() string { return c.conn.LocalAddr().String() }

// Write sends bytes as they are.
func (c *Client) Write(b []byte) error {
	c.conn.SetWriteDeadline(time.Now().Add(Patience))
	_, err := c.conn.Write(b)
	return err
}

// WriteWithin sends bytes as they are, as many as the server takes within a
// time, and returns how many that were.
func (c *Client) WriteWithin(within time.Duration, b []byte) (int, error) {
	c.conn.SetWriteDeadline(time.Now().Add(within))
	return c.conn.Write(b)
}

// Send sends one command.
func (c *Client) Send(args ...string) error { return c.Write(Command(nil, args...)) }

// Do sends one command and reads its reply.
func (c *Client) Do(args ...string) (Value, error) {
	if err := c.Send(args...); err != nil {
		return Value{}, err
	}
	return c.Receive()
}

// Must is Do for a connection that has to work.
func (c *Client) Must(t testing.TB, args ...string) Value {
	t.Helper()
	v, err := c.Do(args...)
	if err != nil {
		t.Fatalf("%.100q: %v", args, err)
	}
	return v
}

// Want sends one command and fails the test unless the reply, as Value.String
// shows it, is this one.
func (c *Client) Want(t testing.TB, want string, args ...string) {
	t.Helper()
	if got := c.Must(t, args...).String(); got != want {
		t.Errorf("%.100q\n got %.200s\nwant %.200s", args, got, want)
	}
}

// EndInput tells the server that nothing more will be sent, and leaves the other
// direction open.
func (c *Client) EndInput(t testing.TB) {
	t.Helper()
	half, ok := c.conn.(interface{ CloseWrite() error })
	if !ok {
		t.Fatalf("%T can't be closed in one direction", c.conn)
	}
	_ = half.CloseWrite() // the server may have closed the connection already
}

// Receive reads one reply.
func (c *Client) Receive() (Value, error) { return c.ReceiveWithin(Patience) }

// ReceiveWithin reads one reply that has to come within a time.
func (c *Client) ReceiveWithin(within time.Duration) (Value, error) {
	c.conn.SetReadDeadline(time.Now().Add(within))
	return readValue(c.in)
}

// Rest reads until the server closes the connection, and returns what came.
// A reset counts as closed.
func (c *Client) Rest() (string, error) {
	c.conn.SetReadDeadline(time.Now().Add(Patience))
	text, err := io.ReadAll(c.in)
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return string(text), errors.New("the connection was not closed")
	}
	return string(text), nil
}

// Command appends a command as clients send it.
func Command(b []byte, args ...string) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(args))
	for _, a := range args {
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(len(a)), 10)
		b = append(b, '\r', '\n')
		b = append(b, a...)
		b = append(b, '\r', '\n')
	}
	return b
}
