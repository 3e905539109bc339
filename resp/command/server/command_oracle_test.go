package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// redis is a connection to a real redis-server.
type redis struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// startRedis starts redis-server on a unix socket in a directory of the test.
func startRedis(t *testing.T) *redis {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server, the oracle, is not installed")
	}
	dir := t.TempDir()
	server := exec.Command(path, "--port", "0", "--unixsocket", dir+"/s", "--save", "", "--dir", dir)
	log, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "accept connections at") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	conn, err := net.Dial("unix", dir+"/s")
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
