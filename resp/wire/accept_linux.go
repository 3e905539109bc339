package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// serve accepts connections for the loops. It uses the listener's descriptor
// directly, so that the connections are never registered with Go's own poller.
func (ls *loops) serve(ln net.Listener) error {
	file, err := ln.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	defer file.Close()
	if !ls.s.register(file) {
		return ErrShutdown
	}
	defer ls.s.accepting.Done()
	defer ls.s.forget(file)
	raw, err := file.SyscallConn()
	if err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	pause := backoff{s: ls.s}
	for {
		var failure error
		err := raw.Read(func(fd uintptr) bool {
			failure = ls.acceptAll(int(fd), ln, &pause)
			return failure != nil
		})
		switch {
		case ls.s.stopped():
			return nil
		case err != nil:
			return fmt.Errorf("accept: %w", err)
		case errors.Is(failure, unix.EBADF), errors.Is(failure, unix.EINVAL):
			return fmt.Errorf("accept: %w", failure)
		}
		pause.failed(failure)
	}
}

// acceptAll accepts until no connection waits, and returns what went wrong.
func (ls *loops) acceptAll(listener int, ln net.Listener, pause *backoff) error {
	for !ls.s.stopped() {
		fd, peer, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			pause.worked()
			ls.start(fd, peer, ln.Addr())
		case unix.EAGAIN:
			return nil
		case unix.EINTR, unix.ECONNABORTED:
		default:
			return err
		}
	}
	return nil
}

// start makes a connection of an accepted socket, or refuses it.
func (ls *loops) start(fd int, peer unix.Sockaddr, listener net.Addr) {
	c := &loopConn{loop: ls.pick(), fd: fd, local: listener, remote: netAddr(peer)}
	if _, ok := listener.(*net.TCPAddr); ok {
		if local, err := unix.Getsockname(fd); err == nil {
			c.local = netAddr(local)
		}
		tuneTCP(fd, ls.s.keepAlive())
	}
	h, reject := ls.s.opts.Accept(c)
	if h == nil {
		if len(reject) > 0 {
			_, _ = unix.SendmsgN(fd, reject, nil, nil, unix.MSG_NOSIGNAL) // what the socket takes
		}
		unix.Close(fd)
		return
	}
	c.h = h
	c.ask(askAdd)
}

// tuneTCP switches Nagle's delay off and keep-alive on. A failure leaves the
// connection usable, so none is reported.
func tuneTCP(fd int, idle time.Duration) {
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if idle <= 0 {
		return
	}
	seconds := max(int(idle/time.Second), 1)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, seconds)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, max(seconds/keepProbes, 1))
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, keepProbes)
}

// netAddr is the address that the kernel gave, in Go's form.
func netAddr(sa unix.Sockaddr) net.Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: sa.Addr[:], Port: sa.Port}
	case *unix.SockaddrInet6:
		a := &net.TCPAddr{IP: sa.Addr[:], Port: sa.Port}
		if sa.ZoneId != 0 {
			a.Zone = strconv.Itoa(int(sa.ZoneId))
		}
		return a
	case *unix.SockaddrUnix:
		return &net.UnixAddr{Name: sa.Name, Net: "unix"}
	}
	return &net.UnixAddr{Net: "unix"}
}
