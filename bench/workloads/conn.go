// Package workloads drives a server from outside: the loads of the benchmarks,
// run by redis-benchmark or by a generator of our own, the keys they need, and
// a probe of what other clients notice.
//
// Invariant: every reply is read, and one error reply ends a load with an
// error, so that no figure counts commands that were refused.
package workloads

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/tidwall/redcon"
)

// Conn is a connection that can send ahead of the replies. It trusts the
// server, which is one that the benchmark started. It is used by one goroutine.
type Conn struct {
	conn net.Conn
	out  []byte
	in   []byte // read, and not yet looked at from pos on
	pos  int
	keep func() bool // ends the watch over the context
}

// readSize is the least room that a read has, in bytes.
const readSize = 64 << 10

// Dial connects to host:port. The connection is cut when ctx ends.
func Dial(ctx context.Context, addr string) (*Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &Conn{conn: conn, keep: context.AfterFunc(ctx, func() { conn.Close() })}, nil
}

// Close closes the connection.
func (c *Conn) Close() {
	c.keep()
	c.conn.Close()
}

// Queue adds a command to what Flush sends.
func (c *Conn) Queue(args ...string) { c.out = appendCommand(c.out, args) }

// Flush sends what is queued.
func (c *Conn) Flush() error {
	_, err := c.conn.Write(c.out)
	c.out = c.out[:0]
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// Do sends one command and returns its reply: the words of a simple reply, the
// bytes of a string, the raw form of an array. An error reply is a *ReplyError.
func (c *Conn) Do(args ...string) (string, error) {
	c.Queue(args...)
	if err := c.Flush(); err != nil {
		return "", err
	}
	reply, err := c.receive()
	if err != nil {
		return "", err
	}
	if reply.Type == redcon.Array {
		return string(reply.Raw), nil
	}
	return string(reply.Data), nil
}

// ReplyError is an error reply of the server.
type ReplyError struct{ Text string }

// Error implements error.
func (e *ReplyError) Error() string { return e.Text }

// Skip reads n replies. Error replies are errors.
func (c *Conn) Skip(n int) error {
	for range n {
		if _, err := c.receive(); err != nil {
			return err
		}
	}
	return nil
}

// receive reads one reply, which is valid until the next call.
func (c *Conn) receive() (redcon.RESP, error) {
	for {
		n, reply := redcon.ReadNextRESP(c.in[c.pos:])
		if n > 0 {
			c.pos += n
			if reply.Type == redcon.Error {
				return reply, &ReplyError{Text: string(reply.Data)}
			}
			return reply, nil
		}
		if err := c.fill(); err != nil {
			return redcon.RESP{}, err
		}
	}
}

// fill reads more, behind what is left over.
func (c *Conn) fill() error {
	left := copy(c.in, c.in[c.pos:])
	c.in, c.pos = slices.Grow(c.in[:left], readSize), 0
	n, err := c.conn.Read(c.in[left:cap(c.in)])
	c.in = c.in[:left+n]
	if n > 0 {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = errClosed
	}
	return fmt.Errorf("receive: %w", err)
}

var errClosed = errors.New("the server has closed the connection")

// pong is the reply to PING.
const pong = "+PONG\r\n"

// Drain reads and drops everything up to the reply to a PING that was queued
// last. It is for replies that are too large to be taken apart; an error among
// them is not seen.
func (c *Conn) Drain() error {
	last := make([]byte, 0, 2*len(pong))
	for {
		c.in, c.pos = c.in[:0], 0
		if err := c.fill(); err != nil {
			return err
		}
		last = append(last, c.in[max(0, len(c.in)-len(pong)):]...)
		last = last[max(0, len(last)-len(pong)):]
		if string(last) == pong {
			c.in = c.in[:0]
			return nil
		}
	}
}
