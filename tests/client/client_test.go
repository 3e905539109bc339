// Package client lets the clients that people use work with the built server,
// with their defaults: Go, Python and Node libraries, redis-cli and
// redis-benchmark; over TCP, unix sockets and TLS.
//
// A test is skipped where its client is not installed, and fails for it where CI
// is true; `make test` installs them.
package client

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// scriptWithin is how long a client's script may take.
const scriptWithin = time.Minute

// need finds a program, or skips the test.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		blackbox.Missing(t, name)
	}
	return path
}

// serve starts a server with all its listeners.
func serve(t *testing.T, args ...string) *blackbox.Server {
	t.Helper()
	return blackbox.Start(t, blackbox.Options{Unix: true, TLS: true, Args: args})
}

// succeeds fails the test unless a program ended well and printed "ok" last.
func succeeds(t *testing.T, r blackbox.Result) {
	t.Helper()
	if r.Code != 0 || !strings.HasSuffix(strings.TrimSpace(r.Output), "ok") {
		t.Errorf("exit code %d\n%s", r.Code, r.Output)
	}
}

func TestPython(t *testing.T) {
	const python = "/usr/bin/python3" // where the system's redis-py is; another may come first in PATH
	need(t, python)
	if r := blackbox.Tool(t, scriptWithin, nil, python, "-c", "import redis"); r.Code != 0 {
		blackbox.Missing(t, "redis-py for "+python)
	}
	protocols := []string{"2"}
	r := blackbox.Tool(t, scriptWithin, nil, python, "-c", "import redis; redis.Connection(protocol=3)")
	if r.Code == 0 { // releases before 5.0 know no RESP3
		protocols = append(protocols, "3")
	}
	for _, protocol := range protocols {
		t.Run("RESP"+protocol, func(t *testing.T) {
			s := serve(t)
			succeeds(t, blackbox.Tool(t, scriptWithin, nil, python, "python/client.py", strconv.Itoa(s.Port), protocol, s.Socket))
		})
	}
}

func TestNode(t *testing.T) {
	node := need(t, "node")
	if _, err := os.Stat("node/node_modules/ioredis"); err != nil {
		blackbox.Missing(t, "the Node clients (npm ci in tests/client/node)")
	}
	t.Run("ioredis", func(t *testing.T) {
		succeeds(t, blackbox.Tool(t, scriptWithin, nil, node, "node/ioredis.js", strconv.Itoa(serve(t).Port)))
	})
	for _, protocol := range []string{"2", "3"} {
		t.Run("node-redis RESP"+protocol, func(t *testing.T) {
			succeeds(t, blackbox.Tool(t, scriptWithin, nil, node, "node/redis.js", strconv.Itoa(serve(t).Port), protocol))
		})
	}
}
