package wire

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of the hot path. They return at once, since the sockets do
// not block, so the scheduler is not told of them (RawSyscall), which would cost
// about as much as a small read. Only a long copy is announced.

// maxChunks is how many chunks one call sends.
const maxChunks = 64

// poll returns the number of events that are there now.
func (l *loop) poll() int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll),
		uintptr(unsafe.Pointer(&l.events[0])), uintptr(len(l.events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// yield lets other threads run that the kernel has ready for this processor.
func yield() { _, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// receive reads into p, which is not empty. It returns -1 and the error if it
// fails.
func receive(fd int, p []byte) (int, unix.Errno) {
	call := unix.RawSyscall6
	if len(p) > readSize {
		call = unix.Syscall6
	}
	n, _, errno := call(unix.SYS_RECVFROM, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(n), 0
}

// send sends out, or its first chunks. It returns how many bytes were taken (-1
// and the error if it failed) of how many it tried.
func (l *loop) send(fd int, out [][]byte) (n, want int, errno unix.Errno) {
	chunks := 0
	for _, p := range out {
		if len(p) == 0 {
			continue
		}
		if chunks == maxChunks {
			break
		}
		l.chunks[chunks].Base = unsafe.SliceData(p)
		l.chunks[chunks].SetLen(len(p))
		want += len(p)
		chunks++
	}
	if chunks == 0 {
		return 0, 0, 0
	}
	n, errno = l.sendChunks(fd, chunks, want)
	clear(l.chunks[:chunks]) // or they keep the output from the collector
	return n, want, errno
}

// sendChunks sends the first few chunks, of together want bytes.
func (l *loop) sendChunks(fd, chunks, want int) (int, unix.Errno) {
	call := unix.RawSyscall6
	if want > readSize {
		call = unix.Syscall6
	}
	var n uintptr
	var errno unix.Errno
	if chunks == 1 {
		n, _, errno = call(unix.SYS_SENDTO, uintptr(fd),
			uintptr(unsafe.Pointer(l.chunks[0].Base)), uintptr(want), unix.MSG_NOSIGNAL, 0, 0)
	} else {
		l.message.Iov = &l.chunks[0]
		l.message.SetIovlen(chunks)
		n, _, errno = call(unix.SYS_SENDMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&l.message)), unix.MSG_NOSIGNAL, 0, 0, 0)
	}
	if errno != 0 {
		return -1, errno
	}
	return int(n), 0
}

// hungUp reports whether the peer of a socket sends no more. Of a descriptor that
// was closed meanwhile it may say anything.
func hungUp(fd int) bool {
	sockets := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(sockets[:], 0)
	return n > 0 && err == nil && sockets[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
}
