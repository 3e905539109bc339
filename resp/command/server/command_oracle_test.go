package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"kvd/internal/oracle"
)

// redis is a connection to a real redis-server.
type redis struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// startRedis starts redis-server and connects to it.
func startRedis(t *testing.T) *redis {
	t.Helper()
	conn, err := net.Dial("unix", oracle.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &redis{t: t, conn: conn, in: bufio.NewReader(conn)}
}

// ask sends a command and returns the raw reply.
func (r *redis) ask(words ...string) string {
	r.t.Helper()
	var line strings.Builder
	fmt.Fprintf(&line, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&line, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := io.WriteString(r.conn, line.String()); err != nil {
		r.t.Fatal(err)
	}
	var raw strings.Builder
	if err := r.copyReply(&raw); err != nil {
		r.t.Fatal(err)
	}
	return raw.String()
}

func (r *redis) copyReply(raw *strings.Builder) error {
	line, err := r.in.ReadString('\n')
	if err != nil {
		return err
	}
	raw.WriteString(line)
	n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$':
		if n >= 0 {
			_, err = io.CopyN(raw, r.in, int64(n)+2)
		}
	case '%':
		n *= 2
		fallthrough
	case '*', '~':
		for range n {
			if err := r.copyReply(raw); err != nil {
				return err
			}
		}
	}
	return err
}
