//go:build unix

package wire

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// backlog is the length of the queue of connections not yet accepted. The
// kernel cuts it to its own limit.
const backlog = 4096

// bindUnix sets the permissions between bind and listen, when the file exists
// and nobody can connect yet. To set the umask instead would concern files that
// other goroutines create at that moment.
func bindUnix(path string, perm fs.FileMode) (net.Listener, error) {
	syscall.ForkLock.RLock() // no child is to inherit it
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close() // FileListener has a copy
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	ln, err := listenUnix(file, fd, path, perm)
	if err != nil {
		_ = os.Remove(path)
		return nil, err
	}
	return ln, nil
}

// listenUnix makes a listener of a bound socket.
func listenUnix(file *os.File, fd int, path string, perm fs.FileMode) (net.Listener, error) {
	if err := os.Chmod(path, perm); err != nil {
		return nil, err
	}
	if err := unix.Listen(fd, backlog); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	ln, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(true)
	}
	return ln, nil
}
