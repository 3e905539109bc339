package conformance

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"
)

var (
	oracleAddr   = flag.String("oracle", "", "play against the redis-server at this address; its data is flushed")
	rewriteFiles = flag.Bool("rewrite", false, "take replies that differ from the oracle")
)

// oracle is a real redis-server.
type oracle struct {
	address string
	release string
}

func (o *oracle) addr() string    { return o.address }
func (o *oracle) version() string { return o.release }
func (o *oracle) restart() bool   { return false }
func (o *oracle) now() time.Time  { return time.Now() }

// advance waits: a real server's clock cannot be moved.
func (o *oracle) advance(d time.Duration) { <-time.After(d) }

// startOracle returns the server of -oracle, or starts one. Without either the
// test is skipped.
func startOracle(t *testing.T) *oracle {
	t.Helper()
	o := &oracle{address: *oracleAddr}
	if o.address == "" {
		o.address = startRedis(t)
	}
	c, err := connect(o.address, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	info, err := c.must("INFO", "server")
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`redis_version:(\S+)`).FindStringSubmatch(info.text); m != nil {
		o.release = m[1]
	}
	if _, err := parseVersion(o.release); err != nil {
		t.Fatalf("the version of the oracle: %v", err)
	}
	return o
}

// startRedis starts a redis-server that the end of the test stops, and returns
// its address.
func startRedis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("there is no redis-server")
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "",
		"--dir", t.TempDir(), "--enable-debug-command", "yes")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := answers(addr); err != nil {
		t.Fatal(err)
	}
	return addr
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// answers waits until a server answers.
func answers(addr string) error {
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if c, err := connect(addr, 2); err == nil {
			c.close()
			return nil
		}
		<-time.After(10 * time.Millisecond)
	}
	return errors.New("the redis-server does not answer")
}
