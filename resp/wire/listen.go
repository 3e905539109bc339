package wire

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// keepProbes is how many keep-alive probes go unanswered before a connection is
// given up. They are a third of the idle time apart, as with redis-server.
const keepProbes = 3

// ListenTCP listens on one address. An IPv6 address takes IPv6 connections only,
// so that both families can be bound side by side; "*" is every IPv4 address
// and "::*" every IPv6 address, as in redis.conf.
func ListenTCP(host string, port int) (net.Listener, error) {
	network := "tcp4"
	switch {
	case host == "*":
		host = "0.0.0.0"
	case host == "::*":
		network, host = "tcp6", "::"
	case strings.Contains(host, ":"):
		network = "tcp6"
	}
	ln, err := net.Listen(network, net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ln, nil
}

// ListenUnix listens on a unix socket with these permissions, which it has
// before anybody can connect. A socket file that nobody listens on any more is
// replaced; any other file is left alone and an error. Closing the listener
// removes the file.
func ListenUnix(path string, perm fs.FileMode) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	ln, err := bindUnix(path, perm)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	return ln, nil
}

// Why a unix socket can't be bound.
var (
	errNotSocket = errors.New("the file exists and is not a socket")
	errInUse     = errors.New("another process listens on the socket")
)

// removeStale removes the socket file that a dead server left.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errNotSocket
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		conn.Close()
		return errInUse
	}
	return os.Remove(path)
}
