package conformance

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// patience is how long a reply may take before its line fails.
const patience = 5 * time.Second

var (
	errNoReply = errors.New("no reply came")
	errClosed  = errors.New("the server has closed the connection")
)

// client is one connection of a script.
type client struct {
	conn    net.Conn
	id      string
	replies chan value // closed when the connection is
}

// connect opens a connection that speaks the protocol. Where HELLO is refused it
// goes on in RESP2, as a client does that has no password.
func connect(addr string, proto int) (*client, error) {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &client{conn: conn, replies: make(chan value, 1<<10)}
	go c.read()
	hello, err := c.do("HELLO", strconv.Itoa(proto))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	for i := 0; i+1 < len(hello.items); i += 2 {
		if hello.items[i].text == "id" {
			c.id = hello.items[i+1].text
		}
	}
	return c, nil
}

func (c *client) close() {
	c.conn.Close()
	for range c.replies { // until the reader is gone
	}
}

func (c *client) read() {
	defer close(c.replies)
	in := bufio.NewReader(c.conn)
	for {
		v, err := readValue(in)
		if err != nil {
			return
		}
		c.replies <- v
	}
}

func (c *client) send(args []string) error {
	if _, err := c.conn.Write(appendCommand(nil, args)); err != nil {
		return errClosed
	}
	return nil
}

// receive returns the next reply or message.
func (c *client) receive() (value, error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case v, ok := <-c.replies:
		if !ok {
			return value{}, errClosed
		}
		return v, nil
	case <-timeout.C:
		return value{}, errNoReply
	}
}

func (c *client) do(args ...string) (value, error) {
	if err := c.send(args); err != nil {
		return value{}, err
	}
	return c.receive()
}

// must is do for a command that has to succeed.
func (c *client) must(args ...string) (value, error) {
	v, err := c.do(args...)
	if err == nil && v.kind == kindError {
		err = errors.New(v.text)
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return v, nil
}

// blocked waits until the server says that client other is blocked, or until
// other has a reply.
func (c *client) blocked(other *client) error {
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if len(other.replies) > 0 {
			v, _ := other.receive()
			return fmt.Errorf("got %s", format(v))
		}
		list, err := c.must("CLIENT", "LIST", "ID", other.id)
		if err != nil {
			return err
		}
		_, flags, _ := strings.Cut(list.text, " flags=")
		flags, _, _ = strings.Cut(flags, " ")
		if strings.Contains(flags, "b") {
			return nil
		}
	}
	return errors.New("the client is not blocked")
}

// quiet makes sure that nothing has come for a client that is not blocked: the
// next thing it reads is the reply to a PING.
func (c *client) quiet() error {
	const probe = "nothing has come"
	v, err := c.do("PING", probe)
	if err != nil {
		return err
	}
	if v.text == probe || len(v.items) == 2 && v.items[1].text == probe {
		return nil
	}
	return fmt.Errorf("got %s", format(v))
}

// ended waits until the server has closed the connection.
func (c *client) ended() error {
	v, err := c.receive()
	switch {
	case errors.Is(err, errClosed):
		return nil
	case err != nil:
		return errors.New("the connection is open")
	}
	return fmt.Errorf("got %s", format(v))
}
