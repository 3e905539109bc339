package disk

import (
	"errors"
	"os"
	"syscall"
)

// Datasync makes the bytes of f durable, and its size if that changed.
func Datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// LowerPriority makes the calling thread yield to others that have work. The
// caller has locked its goroutine to the thread and ends it locked, since the
// priority can't be raised again.
func LowerPriority() {
	const nice = 5
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, nice) // 0: this thread
}

// ReleasePages takes the pages of a mapped file out of the process's memory. They
// come back, from the system's cache, when they are next read. from is where the
// mapping begins.
func ReleasePages(from uintptr, size int64) {
	// Without it the process only looks larger than it is.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, uintptr(size), syscall.MADV_DONTNEED)
}
