package crash

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"kvd/tests/blackbox"
)

// smallDisk mounts a file system of so many bytes.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	return mount(t, fmt.Sprintf("size=%d", size), 0)
}

// readOnly mounts a file system that takes no writes; empty: that can't be done
// here.
func readOnly(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		return ""
	}
	return mount(t, "size=64k", unix.MS_RDONLY)
}

func mount(t *testing.T, options string, flags uintptr) string {
	t.Helper()
	dir := t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", flags, options)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		blackbox.Missing(t, "the right to mount a file system")
	}
	if err != nil {
		t.Fatalf("mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}
