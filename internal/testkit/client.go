package testkit

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a client waits for a reply before its test fails.
const patience = 20 * time.Second

// Client is a connection to a test server. It is used by one goroutine.
type Client struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// Client connects to the server.
func (s *Server) Client() *Client {
	s.t.Helper()
	return s.ClientAt(s.addr)
}

// ClientAt connects to another address at which the server listens.
func (s *Server) ClientAt(addr string) *Client {
	s.t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		s.t.Fatalf("connect to the test server: %v", err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return &Client{t: s.t, conn: conn, in: bufio.NewReader(conn)}
}

// Do sends one command and returns its reply as Format shows it.
func (c *Client) Do(args ...string) Reply {
	c.t.Helper()
	c.Send(args...)
	return Reply{c.t, strings.Join(args, " "), c.Receive()}
}

// Try is Do for a client that the server may send away; then ok is false.
func (c *Client) Try(args ...string) (text string, ok bool) {
	c.t.Helper()
	c.Send(args...)
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	text, err := readReply(c.in)
	return text, err == nil
}

// Send sends one command.
func (c *Client) Send(args ...string) {
	c.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	c.Write(b.String())
}

// Write sends bytes as they are.
func (c *Client) Write(bytes string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, bytes); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// Receive reads one reply and shows it in the notation of redis-cli: OK, "text",
// (integer) 1, (nil), (error) ERR …, [a, b].
func (c *Client) Receive() string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatalf("receive: %v", err)
	}
	text, err := readReply(c.in)
	if err != nil {
		c.t.Fatalf("receive: %v", err)
	}
	return text
}

// Pending returns a reply that is there already, if there is one. It looks for
// as long as a reply that has left could take.
func (c *Client) Pending() (text string, ok bool) {
	const glance = 50 * time.Millisecond
	_ = c.conn.SetReadDeadline(time.Now().Add(glance))
	if _, err := c.in.Peek(1); err != nil {
		return "", false
	}
	return c.Receive(), true
}

// Closed reports whether the server has closed the connection; it reads to the
// end.
func (c *Client) Closed() bool {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, c.in)
	return err == nil || !strings.Contains(err.Error(), "timeout")
}

// Close closes the connection.
func (c *Client) Close() { c.conn.Close() }

// Reply is the reply to one command.
type Reply struct {
	t       testing.TB
	command string
	// Text is the reply in the notation of Receive.
	Text string
}

// Want fails the test unless the reply is this one.
func (r Reply) Want(text string) {
	r.t.Helper()
	if r.Text != text {
		r.t.Errorf("%s\n got %s\nwant %s", r.command, r.Text, text)
	}
}

// OK fails the test unless the reply is OK.
func (r Reply) OK() {
	r.t.Helper()
	r.Want("OK")
}

// readReply reads one reply of RESP2 or RESP3.
func readReply(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return "", fmt.Errorf("an empty line where a reply should begin")
	}
	kind, rest := line[0], line[1:]
	switch kind {
	case '+':
		return rest, nil
	case '-':
		return "(error) " + rest, nil
	case ':':
		return "(integer) " + rest, nil
	case ',':
		return "(double) " + rest, nil
	case '#':
		return "(boolean) " + rest, nil
	case '(':
		return "(big) " + rest, nil
	case '_':
		return "(nil)", nil
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return "", fmt.Errorf("reply %q: %w", line, err)
	}
	if n < 0 {
		return "(nil)", nil
	}
	if kind == '$' || kind == '=' {
		b := make([]byte, n+2)
		_, err := io.ReadFull(in, b)
		return strconv.Quote(string(b[:n])), err
	}
	return readItems(in, kind, n)
}

// readItems reads the items of an aggregate.
func readItems(in *bufio.Reader, kind byte, n int) (string, error) {
	open, ok := map[byte]string{'*': "[", '~': "~[", '>': ">[", '%': "{"}[kind]
	if !ok {
		return "", fmt.Errorf("reply of unknown kind %q", kind)
	}
	if kind == '%' {
		n *= 2
	}
	items := make([]string, n)
	for i := range items {
		var err error
		if items[i], err = readReply(in); err != nil {
			return "", err
		}
	}
	if kind == '%' {
		return open + strings.Join(items, ", ") + "}", nil
	}
	return open + strings.Join(items, ", ") + "]", nil
}
