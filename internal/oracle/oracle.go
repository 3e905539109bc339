// Package oracle starts a real redis-server for tests that compare with it.
package oracle

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Start starts redis-server on a unix socket, with an empty directory, without
// any TCP port and with these options, waits until it listens, and returns the
// socket's path. The end of the test stops it. Where it is not installed the test
// is skipped.
func Start(t testing.TB, options ...string) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server, which the test compares with, is not installed")
	}
	dir, err := os.MkdirTemp("", "oracle") // t.TempDir can be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })

	socket := filepath.Join(dir, "s")
	args := append([]string{"--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir}, options...)
	cmd := exec.Command(program, args...)
	log, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if strings.Contains(lines.Text(), "ccept connections at "+socket) {
			return socket
		}
	}
	t.Fatal("redis-server ended before it listened")
	return ""
}
